// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package e2e

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
)

func (w *world) destroyAll() {
	w.t.Helper()
	if out := w.run("destroy", "-auto-approve", "-input=false", "-no-color"); out.ExitCode != 0 {
		w.t.Fatalf("destroy: exit status %d\n%s", out.ExitCode, out.Text)
	}
	if got := w.resources(); len(got) != 0 {
		w.t.Errorf("the state has %v", got)
	}
}

// leaveAll applies a configuration without resources.
func (w *world) leaveAll() {
	w.t.Helper()
	w.configure()
	if out := w.apply(); out.ExitCode != 0 {
		w.t.Fatalf("apply: exit status %d\n%s", out.ExitCode, out.Text)
	}
}

// Another program puts the same bytes again, or copies the object onto itself, as the
// console does to change a header. A destroy still removes the object, so the bucket is
// empty and can be deleted.
func TestOwnership_destroyAfterAnOutsidersPut(t *testing.T) {
	changes := map[string]func(w *world, key, target string){
		"put-again": func(w *world, _, target string) { w.outsider(http.MethodPut, target, w.content) },
		"put-again-with-metadata": func(w *world, key, _ string) {
			object, _ := w.server.Object(bucket, key)
			w.server.PutObject(bucket, key, w.content, object.Header)
		},
		"copied": func(w *world, _, target string) {
			w.outsider(http.MethodPut, target, nil, "x-oss-copy-source", target)
		},
		"copied-with-another-header": func(w *world, _, target string) {
			w.outsider(http.MethodPut, target, nil, "x-oss-copy-source", target, "x-oss-meta-by", "console", "x-oss-metadata-directive", "REPLACE")
		},
	}
	keys := slices.Collect(maps.Keys(changes))
	for way, leave := range map[string]func(*world){
		"applied, destroyed": func(w *world) { w.mustApply(); w.destroyAll() },
		"destroyed":          (*world).destroyAll,
		"left out":           (*world).leaveAll, // Terraform plans that before it refreshes
	} {
		t.Run(way, func(t *testing.T) {
			var later atomic.Int64
			w := newOwners(t, osstest.Config{AnyDate: true, Now: func() time.Time { return time.Now().Add(time.Duration(later.Load())) }})
			defer w.serve()()
			w.resize(3 * partSize)
			large := fmt.Sprintf("part_size = %d\n  multipart_threshold = 102400", partSize)
			var blocks []string
			for _, key := range keys {
				blocks = append(blocks, block(key, key, w.source, large))
			}
			w.configure(blocks...)
			w.mustApply()
			later.Store(int64(time.Minute))
			for key, change := range changes {
				change(w, key, "/"+bucket+"/"+key)
			}
			leave(w)
			w.checkGone(keys...)
			w.outsider(http.MethodDelete, "/"+bucket+"/", nil)
		})
	}
}

// The provider is killed after OSS has created or replaced the object, and the checkpoint
// is lost. A destroy that knows of the object removes it.
func TestOwnership_destroyAfterAKillAndALostCheckpoint(t *testing.T) {
	for _, action := range []string{"create", "update"} {
		t.Run(action, func(t *testing.T) {
			w := newWorld(t)
			if action == "update" {
				w.beginWithOldObject()
			}
			w.server.AddRule(osstest.Rule{Op: osstest.CompleteMultipartUpload, Times: 1, Fault: osstest.Delay(time.Minute)})
			p := w.startApply(parts)
			err := w.server.WaitFor(w.ctx(), func([]osstest.Request) bool {
				object, _ := w.server.Object(bucket, key)
				return object.Size == int64(len(w.content))
			})
			if err != nil {
				t.Fatal(err)
			}
			p.Kill()
			w.forget()
			if action == "create" { // the state knows nothing of it
				w.mustApply()
			}
			w.destroyAll()
			w.checkGone(key)
			w.outsider(http.MethodDelete, "/"+bucket+"/", nil)
		})
	}
}
