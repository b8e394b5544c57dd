// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package e2e

import (
	"crypto/sha256"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// validate, plan and refresh send no request that writes, and change no file, whatever
// remains of earlier applies.
func TestUntouched_byCommandsThatLook(t *testing.T) {
	for _, c := range []struct {
		name  string
		begin func(w *world)
	}{
		{"nothing there", func(*world) {}},
		{"after an interrupted create", func(w *world) {
			w.killAfter(10)
		}},
		{"after an interrupted update", (*world).interruptUpdate},
		{"file changed", func(w *world) { w.mustApply(); w.write(2) }},
		{"object gone", func(w *world) { w.mustApply(); w.server.DeleteObject(bucket, key) }},
		{"damaged checkpoint", func(w *world) {
			w.interruptUpdate()
			journals, _ := filepath.Glob(filepath.Join(w.dir, "*.journal"))
			if len(journals) != 1 || os.WriteFile(journals[0], []byte("garbage\n"), 0o600) != nil {
				w.t.Fatal("no journal to damage")
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			t.Log("FAULT F84: validate, plan and refresh look at the remains of an apply")
			c.begin(w)
			before, writes, open := w.files(), w.writes(), len(w.server.OpenUploads(bucket))
			for _, command := range []string{"validate", "plan", "plan -refresh=false", "refresh"} {
				args := strings.Fields(command)
				if command != "validate" {
					args = append(args, "-input=false")
				}
				if out := w.run(append(args, "-no-color")...); out.ExitCode != 0 {
					t.Errorf("%s: exit status %d\n%s", command, out.ExitCode, out.Text)
				}
				if after := w.files(); !maps.Equal(before, after) {
					t.Errorf("%s changed files:\n%v\n%v", command, before, after)
				}
				if w.writes() != writes || len(w.server.OpenUploads(bucket)) != open {
					t.Errorf("%s wrote to OSS", command)
				}
			}
		})
	}
}

// files returns the digests of all files in the checkpoint directory and the workspace,
// except for the hash cache and the state, which these commands may write. They may also
// create the directory of the hash cache.
func (w *world) files() map[string][32]byte {
	w.t.Helper()
	digests := map[string][32]byte{}
	for _, root := range []string{w.dir, w.Dir} {
		err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
			switch {
			case path == root && os.IsNotExist(err):
				return nil
			case err != nil:
				return err
			case entry.IsDir() && (entry.Name() == "fingerprints" || entry.Name() == ".terraform"):
				return filepath.SkipDir
			case entry.IsDir() || entry.Name() == ".terraform" || strings.Contains(entry.Name(), "terraform.tfstate"): // or a link, or a lock
				return nil
			}
			text, err := os.ReadFile(path)
			digests[path] = sha256.Sum256(text)
			return err
		})
		if err != nil {
			w.t.Fatal(err)
		}
	}
	return digests
}
