// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package osstest_test

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	. "github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/recorded"
)

// knownDifferences are accepted differences between this server and OSS, by
// operation and difference, with the reason. The test fails if no recorded
// answer shows one of them.
var knownDifferences = map[[2]string]string{}

// unsupported are operations that this server does not support, with the
// reason.
var unsupported = map[string]string{
	"GetObjectLegalHold": noLegalHold,
	"PutObjectLegalHold": noLegalHold,
}

const noLegalHold = "the server has no legal hold, because no test needs it"

// TestRecordedAnswers_compared sends the recorded requests to this server and
// compares its answers with those of OSS: status, code, message and EC of
// refusals, names of headers, and elements of documents in order.
func TestRecordedAnswers_compared(t *testing.T) {
	answers := recorded.Read(t)
	s := Start(t, Config{Region: "cn-shanghai"})
	s.AllowViolations() // such as a wrong ETag
	seen := map[[2]string]bool{}
	equal, kinds, listed, missing := 0, map[string]bool{}, map[string]int{}, map[string]int{}
	for number, answer := range answers {
		operation := answer.Operation()
		if reason := unsupported[operation]; reason != "" {
			missing[reason]++
			continue
		}
		kinds[fmt.Sprintf("%s %d %s", operation, answer.Status, answer.Refusal().Code)] = true
		s.CreateBucket(bucketOf(number))
		got := newReplay(t, s, answer, bucketOf(number)).run()
		reasons := map[string]bool{}
		for _, difference := range differences(got, answer) {
			entry := [2]string{operation, difference}
			reason, known := knownDifferences[entry]
			if !known {
				t.Errorf("%s: %s %d: %s", answer.Name, operation, answer.Status, difference)
				continue
			}
			seen[entry], reasons[reason] = true, true
		}
		if len(reasons) == 0 {
			equal++
		}
		for reason := range reasons {
			listed[reason]++
		}
	}
	for entry, reason := range knownDifferences {
		if !seen[entry] {
			t.Errorf("%s: %s: no recorded answer shows this difference; remove it from knownDifferences (%s)", entry[0], entry[1], reason)
		}
	}

	for _, counted := range []map[string]int{listed, missing} {
		for _, reason := range slices.Sorted(maps.Keys(counted)) {
			t.Logf("%5d exceptions: %s", counted[reason], reason)
		}
	}
	t.Logf("%d recorded answers of %d kinds (operation, status, code): %d equal", len(answers), len(kinds), equal)
}

func bucketOf(number int) string { return fmt.Sprintf("recorded-%d", number) }

// differences describes what a client could distinguish.
func differences(got reply, want recorded.Answer) (list []string) {
	differ := func(what, got, want string) {
		if got != want {
			list = append(list, fmt.Sprintf("%s: got %q, want %q", what, got, want))
		}
	}
	document := recorded.Document(got.header, []byte(got.body))
	differ("status", fmt.Sprint(got.status), fmt.Sprint(want.Status))
	if !want.Success() {
		gotRefusal, wantRefusal := recorded.ParseRefusal(document), want.Refusal()
		differ("code", gotRefusal.Code, wantRefusal.Code)
		differ("message", gotRefusal.Message, wantRefusal.Message)
		differ("EC", gotRefusal.EC, wantRefusal.EC)
		differ("x-oss-ec", got.header.Get("x-oss-ec"), want.Headers["x-oss-ec"])
	}
	differ("headers", headerNames(got.header), headerNames(want.Header()))
	for name := range want.Headers {
		if isStable(name, want) {
			differ(name, got.header.Get(name), want.Headers[name])
		}
	}
	if len(want.Document()) > 0 {
		differ("elements", elementsOf(document), elementsOf(want.Document()))
	} else if want.Status != http.StatusPartialContent {
		differ("body", got.body, string(want.Body()))
	}
	return list
}

// ignoredHeaders are headers of the connection, and those that the recordings
// lack.
var ignoredHeaders = []string{"Connection", "Content-Length"}

func headerNames(header http.Header) string {
	var names []string
	for name := range header {
		if !slices.Contains(ignoredHeaders, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

// isStable reports whether OSS returns the same value of a header for the same
// request. Headers derived from an object's bytes are stable only where the
// bytes were recorded.
func isStable(name string, answer recorded.Answer) bool {
	switch name {
	case "ETag", "Content-MD5", "x-oss-hash-crc64ecma":
		return answer.Operation() == "GetObject" && answer.Status == http.StatusOK
	case "Content-Type", "Content-Range", "Accept-Ranges", "Vary", "x-oss-object-type", "x-oss-storage-class",
		"x-oss-delete-marker", "x-oss-server-side-encryption", "x-oss-ia-retrieve-flow-type":
		return true
	}
	return strings.HasPrefix(name, "x-oss-meta-")
}

// unstableTexts are elements whose text is chosen by the server or depends on
// something that was not recorded.
var unstableTexts = []string{
	"RequestId", "HostId", "Name", "Bucket", "BucketName", "Location", "OSSAccessKeyId", "ID", "DisplayName",
	"UploadId", "VersionId", "ContinuationToken", "NextContinuationToken",
	"LastModified", "ETag", "HashCrc64ecma", "Size", "RetainUntilDate",
}

// elementsOf returns the elements in order, with their texts except for
// unstableTexts.
func elementsOf(document []byte) string {
	elements, err := recorded.Elements(document)
	if err != nil {
		return err.Error()
	}
	var list []string
	for _, element := range elements {
		name := element.Path[strings.LastIndex(element.Path, "/")+1:]
		if element.Text == "" || slices.Contains(unstableTexts, name) {
			list = append(list, element.Path)
		} else {
			list = append(list, element.Path+"="+element.Text)
		}
	}
	return strings.Join(list, " ")
}
