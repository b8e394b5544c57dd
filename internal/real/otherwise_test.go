// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package real

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
)

// TestQuestions_answeredOtherwise gives unexpected answers. Each results in a row with the
// verdict no. The run continues, and removes what it has created.
func TestQuestions_answeredOtherwise(t *testing.T) {
	if asksOSS() {
		t.Skip("needs the test server; runs only if no bucket is set")
	}
	lies := map[string]struct {
		fault osstest.Rule
		ask   func(*world)
		want  []string // rows with the verdict no, in order
		seen  string   // part of the first of them
	}{
		"UploadPart without CRC-64": {
			osstest.Rule{Op: osstest.UploadPart, Fault: osstest.OverrideHeader("x-oss-hash-crc64ecma", "")},
			func(w *world) { w.askUploads() },
			[]string{"A1", "A2", "A1e", "A2e"},
			`CRC-64: "" instead of "`,
		},
		"HEAD without CRC-64": {
			osstest.Rule{Op: osstest.HeadObject, Fault: osstest.OverrideHeader("x-oss-hash-crc64ecma", "")},
			func(w *world) { w.askUploads() },
			[]string{"A3", "A3e", "A3v", "A14"},
			`multipart: "" instead of "`,
		},
		"forced download": {
			osstest.Rule{Op: osstest.HeadObject, Fault: osstest.OverrideHeader("Content-Disposition", "attachment")},
			func(w *world) { w.askAddresses() },
			[]string{"A4"},
			"NOT: ",
		},
		"no listing": {
			osstest.Rule{Op: osstest.ListMultipartUploads, Times: 1, Fault: osstest.Refuse(403, "AccessDenied")},
			func(w *world) { w.askLists() },
			[]string{"A9"},
			"403 AccessDenied",
		},
		"no copies": {
			osstest.Rule{Op: osstest.CopyObject, Fault: osstest.Refuse(400, "NotImplemented")},
			func(w *world) { w.askChanges(nil) },
			[]string{"B1", "B2s", "B2e", "B6"},
			"NotImplemented",
		},
	}
	for name, lie := range lies {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			var failed []string
			w.unexpected = func(r row) { failed = append(failed, r.id) }
			remove := w.server.AddRule(lie.fault)
			lie.ask(w)
			remove()
			if !slices.Equal(failed, lie.want) {
				t.Errorf("rows with the verdict no: %q, want %q", failed, lie.want)
			}
			for _, r := range w.rows {
				if r.id == lie.want[0] && !strings.Contains(r.seen, lie.seen) {
					t.Errorf("%s: seen: %s, want %q in it", r.id, r.seen, lie.seen)
				}
			}
			for _, kind := range []string{plain, versioned, encrypted} {
				if left := w.removeAll(t.Context(), kind); len(left) > 0 {
					t.Errorf("left: %q", left)
				}
			}
			w.checkLeftNothing()
		})
	}
}

// The report names what could not be removed.
func TestQuestions_left(t *testing.T) {
	if asksOSS() {
		t.Skip("needs the test server; runs only if no bucket is set")
	}
	w := newWorld(t)
	w.ask("C1", "?", "", func(p *probe) { p.put(p.in(plain), p.prefix+"stays", "text", nil) })
	w.server.AddRule(osstest.Rule{Op: osstest.DeleteMultipleObjects, Fault: osstest.Refuse(403, "AccessDenied")})
	left := w.removeAll(t.Context(), plain)
	if len(left) != 1 || !strings.Contains(left[0], `stays", version "null": DeleteMultipleObjects: 403 AccessDenied`) {
		t.Errorf("left: %q", left)
	}
}

// removeAll does not remove objects and uploads of other programs.
func TestRemoveAll_othersStay(t *testing.T) {
	if asksOSS() {
		t.Skip("needs the test server; runs only if no bucket is set")
	}
	w := newWorld(t)
	bucket := w.buckets[plain]
	w.server.PutObject(bucket, "theirs", []byte("text"), nil)
	w.server.PutObject(bucket, "ossresumable-test/another-run/theirs", []byte("text"), nil)
	w.server.BeginUpload(bucket, "ossresumable-test/another-run/begun", []byte("text"))
	w.ask("C1", "?", "", func(p *probe) { p.put(bucket, p.prefix+"ours", "text", nil) })
	if left := w.removeAll(t.Context(), plain); len(left) > 0 {
		t.Errorf("left: %q", left)
	}
	for _, key := range []string{"theirs", "ossresumable-test/another-run/theirs"} {
		if _, there := w.server.Object(bucket, key); !there {
			t.Errorf("%s was deleted", key)
		}
	}
	if n := len(w.server.OpenUploads(bucket)); n != 1 {
		t.Errorf("%d uploads of other programs are left", n)
	}
	if _, there := w.server.Object(bucket, w.prefix+"ours"); there {
		t.Error("the run's own object is left")
	}
}

// TestQuestions_ofOSSOnly runs the questions that the test server cannot answer like OSS. It
// prescribes the answers, to test these questions, too.
func TestQuestions_ofOSSOnly(t *testing.T) {
	if asksOSS() {
		t.Skip("needs the test server; runs only if no bucket is set")
	}
	w := newWorld(t)
	w.server.AllowViolations() // the test server does not know the hosts of another region
	w.pretends = true
	w.unexpected = func(row) {}
	w.buckets[hiding], w.buckets[protected] = w.buckets[plain], w.buckets[plain]
	immutable := osstest.Refuse(409, "FileImmutable")
	for _, rule := range []osstest.Rule{
		{Op: osstest.HeadObject, Key: w.prefix + "hidden", Fault: osstest.OverrideHeader("ETag", "")},
		{Op: osstest.InitiateMultipartUpload, Key: w.prefix + "protected", Nth: 2, Fault: immutable},
		{Op: osstest.CompleteMultipartUpload, Key: w.prefix + "protected", Fault: immutable},
		{Op: osstest.CopyObject, Key: w.prefix + "protected", Fault: immutable},
	} {
		w.server.AddRule(rule)
	}
	w.askVersions()
	w.askFailures()
	verdicts := map[string]string{}
	for _, r := range w.rows {
		verdicts[r.id] = r.verdict + ", " + r.seen
	}
	for id, want := range map[string]string{
		"C11": "yes, Complete: 409 FileImmutable; Initiate: 409 FileImmutable; CopyObject: 409 FileImmutable",
		"D1e": "no, GET: 404 NoSuchBucket",
		"D6":  "no, NOT: ETag; Last-Modified",
	} {
		if !strings.HasPrefix(verdicts[id], want) {
			t.Errorf("%s: %s, want %s", id, verdicts[id], want)
		}
	}
}

// After an interruption, no more questions are asked, and everything is removed.
func TestQuestions_interrupted(t *testing.T) {
	if asksOSS() {
		t.Skip("needs the test server; runs only if no bucket is set")
	}
	w := newWorld(t)
	w.unexpected = func(r row) { t.Errorf("%s: %s, %s", r.id, r.verdict, r.seen) }
	var interrupt func()
	w.ctx, interrupt = context.WithCancel(w.ctx)
	w.server.AddRule(osstest.Rule{Op: osstest.UploadPart, Nth: 2, Fault: osstest.Func(func(osstest.Request) osstest.Fault {
		interrupt()
		return osstest.Fault{}
	})})
	w.askUploads()
	if len(w.server.OpenUploads(w.buckets[plain])) == 0 {
		t.Error("nothing had to be removed")
	}
	for _, r := range w.rows {
		if r.verdict != notAsked {
			t.Errorf("%s: %s after the interruption", r.id, r.verdict)
		}
	}
	if left := w.removeAll(t.Context(), plain); len(left) > 0 {
		t.Errorf("left: %q", left)
	}
	w.checkLeftNothing()
}
