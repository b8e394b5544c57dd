// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package real

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net/http/httptrace"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// row is a question with its answer.
type row struct {
	id, question, expected, seen, verdict string
}

const (
	yes      = "yes"
	no       = "no"
	notAsked = "not asked"
)

// number returns 10 for "B10" and for "B10e".
func (r row) number() (n int) {
	_, _ = fmt.Sscanf(r.id[1:], "%d", &n)
	return n
}

// decides reports whether an unexpected answer fails the run. Uploads, header changes and
// renames depend on the groups A and B. Group T has the tests with Terraform.
func (r row) decides() bool { return strings.ContainsAny(r.id[:1], "ABT") }

// costs counts all HTTP requests: of the client, including its retries, of the engine, and
// raw requests.
type costs struct{ requests, bytes atomic.Int64 }

func (c *costs) watch(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		WroteRequest: func(httptrace.WroteRequestInfo) { c.requests.Add(1) },
		WroteHeaderField: func(name string, values []string) {
			if name == "Content-Length" && len(values) > 0 {
				n, _ := strconv.ParseInt(values[0], 10, 64)
				c.bytes.Add(n)
			}
		},
	})
}

// report is the report in Markdown, for a bug report.
type report struct {
	where string
	rows  []row
	costs string
	left  []string // what could not be removed
}

func (r report) markdown() string {
	var text strings.Builder
	fmt.Fprintf(&text, "## Assumptions about OSS\n\n%s, %s, %s/%s, provider %s\n\n", r.where, time.Now().UTC().Format("2006-01-02 15:04 MST"),
		runtime.GOOS, runtime.GOARCH, cmp.Or(os.Getenv(revisionVariable), "(no revision)"))
	fmt.Fprint(&text, "| # | question | expected | actual | verdict |\n|---|---|---|---|---|\n")
	count := map[string]int{}
	slices.SortStableFunc(r.rows, func(a, b row) int { return cmp.Or(strings.Compare(a.id[:1], b.id[:1]), a.number()-b.number()) })
	for _, row := range r.rows {
		count[row.verdict]++
		cells := []string{row.id, row.question, row.expected, row.seen, row.verdict}
		if row.verdict == no {
			cells[4] = "**no**"
		}
		for i, cell := range cells {
			cells[i] = strings.NewReplacer("|", `\|`, "\n", " ").Replace(cell)
		}
		fmt.Fprintf(&text, "| %s |\n", strings.Join(cells, " | "))
	}
	fmt.Fprintf(&text, "\n%d rows: %d yes, %d no, %d not asked. %s\n", len(r.rows), count[yes], count[no], count[notAsked], r.costs)
	if len(r.left) > 0 {
		fmt.Fprintf(&text, "\nCould not be removed:\n\n- %s\n", strings.Join(r.left, "\n- "))
	}
	return text.String()
}

// anyID matches text that may identify an account: its ID, an AccessKey ID, the ID of a KMS
// key, an e-mail address.
var anyID = regexp.MustCompile(`\b\d{16}\b|\b(LTAI|STS\.|TMP\.)[A-Za-z0-9]{8,}|\b[0-9a-z]{8}-[0-9a-z]{4}-[0-9a-z]{4}-[0-9a-z]{4}-[0-9a-z]{12}\b|[\w.+-]+@[\w-]+\.[\w.-]+`)

// redact replaces private names, and everything that matches anyID.
func redact(text string, names map[string]string) string {
	var pairs []string
	// The longest first, because a name may be the prefix of another.
	for _, private := range slices.SortedFunc(maps.Keys(names), func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) }) {
		if private != "" {
			pairs = append(pairs, private, names[private])
		}
	}
	return anyID.ReplaceAllString(strings.NewReplacer(pairs...).Replace(text), "ID")
}

func TestRedact(t *testing.T) {
	text := "PUT acme-images/ossresumable-test/x by LTAI5tExampleKey of 1234567890123456, key 9f0a1b2c-0000-4000-8000-123456789abc, " +
		"owner a.person@example.com, secret s3cr3t, CRC-64 12345678901234567890"
	want := "PUT BUCKET/ossresumable-test/x by ID of ID, key ID, owner ID, secret SECRET, CRC-64 12345678901234567890"
	if got := redact(text, map[string]string{"acme-images": "BUCKET", "s3cr3t": "SECRET", "": "EMPTY"}); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestReport_table(t *testing.T) {
	text := report{
		where: "OSS", costs: "3 requests.", left: []string{"oss://BUCKET/key"},
		rows: []row{{"A1", "a|b?", "yes", "two\nlines", no}, {"C1", "?", "yes", "no bucket", notAsked}},
	}.markdown()
	for _, want := range []string{
		"| A1 | a\\|b? | yes | two lines | **no** |\n", "| C1 | ? | yes | no bucket | not asked |\n",
		"2 rows: 0 yes, 1 no, 1 not asked. 3 requests.", "- oss://BUCKET/key\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("missing %q in\n%s", want, text)
		}
	}
}
