// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package e2e

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
)

// The provider is killed while OSS has half of a part. The part is larger than the buffers
// of the kernel, so OSS never receives the rest.
func TestKilled_inTheMiddleOfAPart(t *testing.T) {
	const large, whole = 16 << 20, 3
	w := newWorld(t)
	if err := os.Truncate(w.source, whole*large); err != nil { // the rest is zeros
		t.Fatal(err)
	}
	w.content = append(w.content, make([]byte, whole*large-len(w.content))...)
	config := strings.NewReplacer(
		fmt.Sprintf("part_size           = %d", partSize), fmt.Sprintf("part_size           = %d", large),
		fmt.Sprintf("parallelism         = %d", parallel), "parallelism         = 1",
	).Replace(w.config(""))
	if err := w.Configure(config); err != nil {
		t.Fatal(err)
	}
	w.server.AddRule(osstest.Rule{Op: osstest.UploadPart, PartNumber: 1, Fault: osstest.Throttle(1 << 30)})
	w.server.AddRule(osstest.Rule{Op: osstest.UploadPart, PartNumber: 2, Times: 1, Fault: osstest.StallBody(large/8, 10*time.Second)})
	w.server.AddRule(osstest.Rule{Op: osstest.UploadPart, Fault: osstest.Throttle(1 << 30)})
	p := w.startApply(1)
	for !slices.ContainsFunc(w.server.Requests(), func(r osstest.Request) bool { return r.PartNumber == 2 && r.BodyBytes >= large/8 }) {
		time.Sleep(5 * time.Millisecond)
	}
	p.Kill()
	w.settle()
	for _, r := range w.server.Requests() {
		if r.Op == osstest.UploadPart && r.PartNumber == 2 && (r.Done || r.BodyBytes < large/8 || r.BodyBytes >= large) {
			t.Errorf("OSS does not have half of the part: %s", r)
		}
	}
	w.mustApply()
	if sent := w.server.Count(osstest.UploadPart); sent != whole+1 {
		t.Errorf("%d parts sent", sent)
	}
	w.checkDone()
	t.Logf("FAULT F02: kill -9 while OSS has half of a part; %d parts sent again", w.server.Count(osstest.UploadPart)-whole)
}

// The provider is killed after OSS has created the object, but before it gets the
// answer. The next apply finds the object and sends nothing.
func TestKilled_whenTheObjectIsMade(t *testing.T) {
	w := newWorld(t)
	defer func() {
		t.Logf("FAULT F05: kill -9 between Complete and its answer; %d parts sent again", w.sentAgain())
	}()
	w.server.SetVersioning(bucket, "Enabled")
	w.server.AddRule(osstest.Rule{Op: osstest.CompleteMultipartUpload, Times: 1, Fault: osstest.Delay(time.Minute)})
	p := w.startApply(parts)
	err := w.server.WaitFor(w.ctx(), func([]osstest.Request) bool {
		_, made := w.server.Object(bucket, key)
		return made
	})
	if err != nil {
		t.Fatal(err)
	}
	p.Kill()
	w.server.ResetLog()
	w.mustApply()
	for _, r := range w.server.Requests() {
		if r.Op.Writes() && r.Op != osstest.AbortMultipartUpload { // of the upload that the checkpoint still names
			t.Errorf("sent %s", r)
		}
	}
	w.checkOneVersion()
	w.checkDone()
}

// The answer to CompleteMultipartUpload is lost. The object exists, in one version.
func TestCompleteAnswerLost(t *testing.T) {
	for _, versioning := range []string{"", "Enabled"} {
		t.Run("versioning "+versioning, func(t *testing.T) {
			w := newWorld(t)
			defer func() { t.Logf("FAULT F53: answer to Complete lost; %d parts sent again", w.sentAgain()) }()
			if versioning != "" {
				t.Log("FAULT F69: answer to Complete lost, versioned bucket")
				w.server.SetVersioning(bucket, versioning)
			}
			w.server.AddRule(osstest.Rule{Op: osstest.CompleteMultipartUpload, Times: 1, Fault: osstest.LoseAnswer()})
			w.mustApply()
			if got := countOp(w.server.Requests(), osstest.UploadPart); got != parts {
				t.Errorf("%d parts sent", got)
			}
			w.checkOneVersion()
			w.checkDone()
		})
	}
}

func (w *world) checkOneVersion() {
	w.t.Helper()
	if versions := w.server.Versions(bucket, key); len(versions) != 1 {
		w.t.Errorf("%d versions of the object", len(versions))
	}
}
