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

// TestQuestions_answeredOtherwise gives other answers than the expected ones. Each
// ends in a row that says no, the run goes on, and what is made is removed.
func TestQuestions_answeredOtherwise(t *testing.T) {
	if asksOSS() {
		t.Skip("OSS cannot be told what to answer; without a bucket this runs")
	}
	lies := map[string]struct {
		fault osstest.Rule
		ask   func(*world)
		want  []string // rows that say no, in order
		seen  string   // in the first of them
	}{
		"UploadPart without CRC-64": {
			osstest.Rule{Op: osstest.UploadPart, Fault: osstest.OverrideHeader("x-oss-hash-crc64ecma", "")},
			func(w *world) { w.askUploads() },
			[]string{"A1", "A2", "A1e", "A2e"},
			`CRC-64: "" in place of "`,
		},
		"HEAD without CRC-64": {
			osstest.Rule{Op: osstest.HeadObject, Fault: osstest.OverrideHeader("x-oss-hash-crc64ecma", "")},
			func(w *world) { w.askUploads() },
			[]string{"A3", "A3e", "A3v"},
			`multipart: "" in place of "`,
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
				t.Errorf("rows that say no: %q, want %q", failed, lie.want)
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

// TestQuestions_left names what cannot be removed.
func TestQuestions_left(t *testing.T) {
	if asksOSS() {
		t.Skip("OSS cannot be told what to answer; without a bucket this runs")
	}
	w := newWorld(t)
	w.ask("C1", "?", "", func(p *probe) { p.put(p.in(plain), p.prefix+"stays", "text", nil) })
	w.server.AddRule(osstest.Rule{Op: osstest.DeleteMultipleObjects, Fault: osstest.Refuse(403, "AccessDenied")})
	left := w.removeAll(t.Context(), plain)
	if len(left) != 1 || !strings.Contains(left[0], `stays", version "null": DeleteMultipleObjects: 403 AccessDenied`) {
		t.Errorf("left: %q", left)
	}
}

// TestRemoveAll_othersStay removes nothing that another has put into the bucket.
func TestRemoveAll_othersStay(t *testing.T) {
	if asksOSS() {
		t.Skip("the objects of others are made on the test server; without a bucket this runs")
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
			t.Errorf("%s is gone", key)
		}
	}
	if n := len(w.server.OpenUploads(bucket)); n != 1 {
		t.Errorf("%d uploads of others are left", n)
	}
	if _, there := w.server.Object(bucket, w.prefix+"ours"); there {
		t.Error("the run's own object is left")
	}
}

// TestQuestions_ofOSSOnly puts the questions that the test server cannot answer as
// OSS would, with answers that are told to it, so that they too are known to work.
func TestQuestions_ofOSSOnly(t *testing.T) {
	if asksOSS() {
		t.Skip("OSS cannot be told what to answer; without a bucket this runs")
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

// TestQuestions_interrupted asks nothing more, and still removes what was made.
func TestQuestions_interrupted(t *testing.T) {
	if asksOSS() {
		t.Skip("the interruption is timed on the test server; without a bucket this runs")
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
		t.Error("nothing was left to remove")
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
