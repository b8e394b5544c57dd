// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
)

// A file of a folder is renamed. With a moved block, its object is copied to the new
// key, and the file is not sent again.
func TestRename_fileOfAFolder(t *testing.T) {
	w := newOwners(t, osstest.Config{})
	defer w.serve()()
	folder := t.TempDir()
	path := func(name string) string { return filepath.Join(folder, name) }
	for _, name := range []string{"about.html", "index.html"} {
		if err := os.WriteFile(path(name), bytesOf(name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	site := fmt.Sprintf("resource \"ossresumable_object\" \"site\" {\n  for_each = fileset(%q, \"*.html\")\n  bucket   = %q\n  key      = each.key\n"+
		"  source   = \"%s/${each.key}\"\n}\n", folder, bucket, folder)
	w.begin(site)

	if err := os.Rename(path("about.html"), path("company.html")); err != nil {
		t.Fatal(err)
	}
	w.configure(site, "moved {\n  from = ossresumable_object.site[\"about.html\"]\n  to   = ossresumable_object.site[\"company.html\"]\n}\n")
	w.mustApply()
	w.checkOwned()
	w.checkGone("about.html")
	if sent := w.server.Count(osstest.PutObject) + w.server.Count(osstest.UploadPart); sent > 0 || w.server.Count(osstest.CopyObject) != 1 {
		t.Errorf("sent %d, copied %d", sent, w.server.Count(osstest.CopyObject))
	}
}

// refuseAt refuses all requests that would store bytes at a key, until remove is called.
func (w *world) refuseAt(key string) (remove func()) {
	var removes []func()
	for _, op := range []osstest.Op{osstest.CopyObject, osstest.PutObject, osstest.InitiateMultipartUpload} {
		removes = append(removes, w.server.AddRule(osstest.Rule{Op: op, Key: key, Fault: osstest.Refuse(403, "AccessDenied")}))
	}
	return func() {
		for _, remove := range removes {
			remove()
		}
	}
}

// mustFail checks that an apply fails.
func (w *world) mustFail() {
	w.t.Helper()
	if out := w.apply(); out.ExitCode == 0 {
		w.t.Fatalf("the apply did not fail\n%s", out.Text)
	}
}

// The object is renamed to the key of a resource that is removed. The DELETE of the removed
// resource arrives after the object was written, and again.
func TestOwnership_renamedToTheKeyOfOneThatLeaves(t *testing.T) {
	w := newOwners(t, osstest.Config{})
	defer w.serve()()
	a := w.file("a.img")
	w.begin(block("a", "k0", a), block("x", "k1", w.file("x.img")))
	w.configure(block("a", "k1", a))
	w.late(osstest.DeleteObject, "k1", osstest.Refuse(503, "ServiceUnavailable"), func(r osstest.Request) bool {
		return r.Op == osstest.CopyObject && r.Key == "k1" && r.Done
	})
	w.converge()
	w.checkGone("k0")
}

// Two resources exchange their keys in two applies. The first apply does not know of the
// other resource, and the second finds an object that it has not seen before.
func TestOwnership_exchangedByTarget(t *testing.T) {
	w := newOwners(t, osstest.Config{})
	defer w.serve()()
	a, b := w.file("a.img"), w.file("b.img")
	w.begin(block("a", "k1", a), block("b", "k2", b))
	w.configure(block("a", "k2", a), block("b", "k1", b))
	if out := w.run("apply", "-auto-approve", "-input=false", "-no-color", "-target=ossresumable_object.a"); out.ExitCode != 0 {
		t.Fatalf("apply -target: exit status %d\n%s", out.ExitCode, out.Text)
	}
	if got := w.objectAt("k2"); string(got) != string(bytesOf("a.img")) {
		t.Errorf("after apply -target, k2 has %d bytes that are not those of its file", len(got))
	}
	w.converge()
}

// Keys are exchanged or shifted, or an object is renamed and a new one takes its key, and
// one half of that fails. The next apply does the rest. It finds the object of another
// resource at its old key, and leaves it.
func TestOwnership_halfOfARenameFails(t *testing.T) {
	for _, c := range []struct {
		name          string
		before, after map[string]string // keys by resource
		refused       string            // the key that cannot be written at first
	}{
		{"exchange", map[string]string{"a": "k1", "b": "k2"}, map[string]string{"a": "k2", "b": "k1"}, "k2"},
		{"shift", map[string]string{"a": "k1", "b": "k2"}, map[string]string{"a": "k2", "b": "k3"}, "k3"},
		{"rotation", map[string]string{"a": "current"}, map[string]string{"a": "previous", "b": "current"}, "previous"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newOwners(t, osstest.Config{})
			defer w.serve()()
			blocks := func(keys map[string]string) (blocks []string) {
				for name, key := range keys {
					blocks = append(blocks, block(name, key, w.file(name+".img")))
				}
				return blocks
			}
			w.begin(blocks(c.before)...)
			w.configure(blocks(c.after)...)
			allow := w.refuseAt(c.refused)
			w.mustFail()
			allow()
			w.converge()
			if got := len(w.resources()); got != len(c.after) {
				t.Errorf("the state has %d objects, want %d", got, len(c.after))
			}
		})
	}
}

// An object is renamed, and a new one with a slow upload takes its key. The removal at the
// old key waits for the upload, and then leaves the new object. That this wait has no limit
// is tested in internal/resumable: its former limit of a minute is too long for this test.
func TestOwnership_rotationWaits(t *testing.T) {
	w := newWorld(t)
	a := w.file("a.img")
	w.begin(block("a", key, a))
	disk := strings.TrimPrefix(w.config(""), settings)
	w.configure(block("a", "previous", a), disk)
	// The upload must begin before the rename: otherwise, there is nothing to wait for.
	w.late(osstest.CopyObject, "previous", osstest.Fault{}, func(r osstest.Request) bool { return r.Op == osstest.UploadPart })
	p, release := w.startAndHold(20)
	err := w.server.WaitFor(w.ctx(), func(requests []osstest.Request) bool {
		return slices.ContainsFunc(requests, func(r osstest.Request) bool {
			return r.Op == osstest.CopyObject && r.Key == "previous" && r.Done
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	release()
	if out := p.Wait(); out.ExitCode != 0 {
		t.Errorf("exit status %d\n%s", out.ExitCode, out.Text)
	}
	w.checkOwned()
	w.converge()
	if n := w.server.Count(osstest.DeleteObject); n != 0 {
		t.Errorf("%d objects were deleted, and each had an owner", n)
	}
}

// The key and the checkpoint directory change together, and the old directory cannot be
// created any more.
func TestOwnership_renamedWithoutTheOldCheckpointDir(t *testing.T) {
	w := newOwners(t, osstest.Config{})
	defer w.serve()()
	a, gone := w.file("a.img"), filepath.Join(t.TempDir(), "gone")
	dir := func(path string) string { return `checkpoint_dir = "` + filepath.Join(path, "checkpoints") + `"` }
	w.begin(block("a", "k0", a, dir(gone)))
	if err := os.RemoveAll(gone); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(gone, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	w.configure(block("a", "k1", a, dir(t.TempDir())))
	w.converge()
	w.checkGone("k0")
}

// A tainted instance gets a new key. The apply removes the old object and creates the new
// one.
func TestOwnership_taintedAndRenamed(t *testing.T) {
	w := newOwners(t, osstest.Config{})
	defer w.serve()()
	a := w.file("a.img")
	w.begin(block("a", "k0", a))
	if out := w.run("taint", "ossresumable_object.a"); out.ExitCode != 0 {
		t.Fatalf("taint: exit status %d\n%s", out.ExitCode, out.Text)
	}
	w.configure(block("a", "k1", a))
	w.converge()
	w.checkGone("k0")
}
