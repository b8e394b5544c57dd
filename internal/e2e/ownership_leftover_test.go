// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
)

// failedRenames renames the object to each of the keys. Each rename fails after the copy,
// because the object at k0 cannot be removed.
func (w *world) failedRenames(source string, keys ...string) {
	w.t.Helper()
	defer w.server.AddRule(osstest.Rule{Op: osstest.DeleteObject, Fault: osstest.Refuse(403, "AccessDenied")})()
	for _, key := range keys {
		w.configure(block("a", key, source))
		if out := w.apply(); out.ExitCode == 0 || w.objectAt(key) == nil {
			w.t.Fatalf("the rename to %s should fail after its copy:\n%s", key, out.Text)
		}
	}
}

// The next change removes the copies of any number of failed renames.
func TestOwnership_copiesOfFailedRenames(t *testing.T) {
	for name, next := range map[string]func(*world, string){
		"destroy":   func(w *world, _ string) { w.run("destroy", "-auto-approve", "-input=false", "-no-color") },
		"another":   func(w *world, source string) { w.configure(block("a", "k4", source)); w.converge() },
		"the first": func(w *world, source string) { w.configure(block("a", "k1", source)); w.converge() },
		"edited":    func(w *world, _ string) { w.configure(block("a", "k0", w.file("b.img"))); w.converge() },
	} {
		t.Run(name, func(t *testing.T) {
			w := newOwners(t, osstest.Config{})
			defer w.serve()()
			source := w.file("a.img")
			w.begin(block("a", "k0", source))
			w.failedRenames(source, "k1", "k2", "k3")
			next(w, source)
			for _, key := range []string{"k0", "k1", "k2", "k3", "k4"} {
				kept := map[string]string{"another": "k4", "the first": "k1", "edited": "k0"}[name]
				if there := w.objectAt(key) != nil; there != (key == kept) {
					t.Errorf("%s is there: %v", key, there)
				}
			}
		})
	}
}

// A destroy that cannot remove a copy keeps the resource in the state, because only the
// state knows of the copy.
func TestOwnership_copyThatCannotBeRemoved(t *testing.T) {
	w := newOwners(t, osstest.Config{})
	defer w.serve()()
	source := w.file("a.img")
	w.begin(block("a", "k0", source))
	w.failedRenames(source, "k1")
	allow := w.server.AddRule(osstest.Rule{Op: osstest.DeleteObject, Key: "k1", Fault: osstest.Refuse(403, "AccessDenied")})
	if out := w.run("destroy", "-auto-approve", "-input=false", "-no-color"); out.ExitCode == 0 || !strings.Contains(out.Text, "k1") {
		t.Errorf("exit status %d\n%s", out.ExitCode, out.Text)
	}
	allow()
	if out := w.run("destroy", "-auto-approve", "-input=false", "-no-color"); out.ExitCode != 0 {
		t.Error(out.Text)
	}
	w.checkGone("k0", "k1")
}

// A destroy aborts the upload of an unfinished rename, even if the state never named the
// new key.
func TestOwnership_uploadOfARename(t *testing.T) {
	w := newOwners(t, osstest.Config{})
	defer w.serve()()
	w.begin(block("a", "k0", w.file("a.img")))
	large := fmt.Sprintf("part_size = %d\n  multipart_threshold = 102400\n  parallelism = 1", partSize)
	defer w.server.AddRule(osstest.Rule{Op: osstest.UploadPart, Nth: 5, Fault: osstest.Refuse(403, "AccessDenied")})()
	w.configure(block("a", "k1", w.source, large))
	if out := w.apply(); out.ExitCode == 0 || len(w.server.OpenUploads(bucket)) != 1 {
		t.Fatalf("the upload should stop in the middle:\n%s", out.Text)
	}
	if out := w.run("destroy", "-auto-approve", "-input=false", "-no-color"); out.ExitCode != 0 {
		t.Error(out.Text)
	}
	w.checkGone("k0", "k1")
	if open := w.server.OpenUploads(bucket); len(open) != 0 {
		t.Errorf("uploads left open: %+v", open)
	}
}

// Two resources have one object because of an import, which is an error at plan. When the
// second has been removed from the state, the object still belongs to the first.
func TestOwnership_importedTwice(t *testing.T) {
	w := newOwners(t, osstest.Config{})
	defer w.serve()()
	source := w.file("a.img")
	w.begin(block("a", "k0", source))
	w.configure(block("a", "k0", source), block("b", "k0", source))
	if out := w.run("import", "-input=false", "-no-color", "ossresumable_object.b", bucket+"/k0"); out.ExitCode != 0 {
		t.Fatal(out.Text)
	}
	if out := w.run("plan", "-input=false", "-no-color"); out.ExitCode == 0 || !strings.Contains(out.Text, "Two resources for one object") {
		t.Errorf("exit status %d\n%s", out.ExitCode, out.Text)
	}
	w.run("state", "rm", "ossresumable_object.b")
	w.configure(block("a", "k0", source))
	w.converge()
}

// An imported object belongs to the instance that imported it as soon as that has written
// it. The other instance no longer removes it.
func TestOwnership_importedAndWritten(t *testing.T) {
	w := newOwners(t, osstest.Config{})
	defer w.serve()()
	source := w.file("a.img")
	w.begin(block("a", "k0", source))
	first := w.Workspace
	w.Workspace = w.another()
	w.configure(block("b", "k0", source, `cache_control = "no-cache"`))
	if out := w.run("import", "-input=false", "-no-color", "ossresumable_object.b", bucket+"/k0"); out.ExitCode != 0 {
		t.Fatal(out.Text)
	}
	w.converge()
	second := w.Workspace
	w.Workspace = first
	if out := w.run("destroy", "-auto-approve", "-input=false", "-no-color"); out.ExitCode != 0 || !strings.Contains(out.Text, "stays in OSS") {
		t.Errorf("exit status %d\n%s", out.ExitCode, out.Text)
	}
	w.Workspace = second
	w.checkOwned()
}

// An archived object cannot be copied, so with create_before_destroy the new instance
// uploads it again. With the old mark, the destroy of the old instance would remove it.
func TestOwnership_archivedAndReplaced(t *testing.T) {
	w := newOwners(t, osstest.Config{})
	defer w.serve()()
	source := w.file("a.img")
	config := func(trigger string) []string {
		return []string{
			fmt.Sprintf("resource \"terraform_data\" \"trigger\" {\n  input = %q\n}\n", trigger),
			block("a", "k0", source, `storage_class = "Archive"`, "forbid_overwrite = true",
				"lifecycle {\n    create_before_destroy = true\n    replace_triggered_by = [terraform_data.trigger]\n  }"),
		}
	}
	w.begin(config("1")...)
	w.configure(config("2")...)
	w.converge()
}
