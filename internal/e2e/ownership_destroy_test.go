// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package e2e

import (
	"net/http"
	"os"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
)

func (w *world) destroyAll() {
	w.t.Helper()
	if out := w.run("destroy", "-auto-approve", "-input=false", "-no-color"); out.ExitCode != 0 {
		w.t.Fatalf("destroy: exit status %d\n%s", out.ExitCode, out.Text)
	}
	w.checkGone(key)
	if got := w.resources(); len(got) != 0 {
		w.t.Errorf("the state has %v", got)
	}
}

// leaveAll applies a configuration without resources.
func (w *world) leaveAll() {
	w.t.Helper()
	if out := w.apply(); out.ExitCode != 0 {
		w.t.Fatalf("apply: exit status %d\n%s", out.ExitCode, out.Text)
	}
	w.checkGone(key)
}

// A person puts the same bytes again, or copies the object onto itself, as the
// console does to change a header. Then the object is destroyed, and so can the
// bucket be: nothing is left in it.
func TestOwnership_destroyAfterAnOutsidersPut(t *testing.T) {
	target := "/" + bucket + "/" + key
	for name, change := range map[string]func(w *world){
		"put again": func(w *world) { w.outsider(http.MethodPut, target, w.content) },
		"put again, with its metadata": func(w *world) {
			object, _ := w.server.Object(bucket, key)
			w.server.PutObject(bucket, key, w.content, object.Header)
		},
		"copied onto itself": func(w *world) {
			w.outsider(http.MethodPut, target, nil, "x-oss-copy-source", target)
		},
		"copied onto itself with another header": func(w *world) {
			w.outsider(http.MethodPut, target, nil, "x-oss-copy-source", target, "x-oss-meta-by", "console", "x-oss-metadata-directive", "REPLACE")
		},
	} {
		for way, leave := range map[string]func(*world){
			"applied, destroyed": func(w *world) { w.mustApply(); w.destroyAll() },
			"destroyed":          (*world).destroyAll,
			"left out":           func(w *world) { w.configure(); w.leaveAll() }, // Terraform plans that before it refreshes
		} {
			t.Run(name+", "+way, func(t *testing.T) {
				var later atomic.Int64
				w := newOwners(t, osstest.Config{AnyDate: true, Now: func() time.Time { return time.Now().Add(time.Duration(later.Load())) }})
				w.resize(3 * partSize)
				w.mustApply()
				later.Store(int64(time.Minute))
				change(w)
				leave(w)
				w.outsider(http.MethodDelete, "/"+bucket+"/", nil)
			})
		}
	}
}

// Killed when OSS has made the object, and the checkpoint is lost. Whether the
// object is new or has replaced an old one, a destroy that knows of it removes it.
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
			p.SignalGroup(syscall.SIGKILL)
			p.Wait()
			if err := os.RemoveAll(w.dir); err != nil {
				t.Fatal(err)
			}
			if action == "create" { // the state knows nothing of it
				w.mustApply()
			}
			w.destroyAll()
			w.outsider(http.MethodDelete, "/"+bucket+"/", nil)
		})
	}
}
