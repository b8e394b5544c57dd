// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/go-version"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
)

// An object that exists before its resource is adopted. Its bytes are not sent again: a
// copy onto itself adds the mark of the resource.

func TestAdopted_whenCreated(t *testing.T) {
	for _, forbid := range []bool{false, true} {
		t.Run(fmt.Sprintf("forbid_overwrite=%t", forbid), func(t *testing.T) {
			w := newWorld(t)
			defer w.serve()()
			w.server.PutObject(bucket, key, w.content, http.Header{"Content-Type": {"application/octet-stream"}})
			if err := w.Configure(w.config(fmt.Sprintf("forbid_overwrite = %t", forbid))); err != nil {
				t.Fatal(err)
			}
			out := w.mustApply()
			if says(out.Text, "Warning:") {
				t.Errorf("a warning about nothing:\n%s", out.Text)
			}
			if n := w.writes(); n != 1 || w.server.Count(osstest.CopyObject) != 1 || w.server.BodyBytes() > 0 {
				t.Errorf("%d requests that write, want the copy that marks the object:\n%v", n, w.server.Requests())
			}
			w.checkNoChanges()
			w.checkDirEmpty()
		})
	}
}

// The configuration that Terraform generates for an import is valid once it names the
// source. Some attributes exclude each other, some are valid only together, and some values
// look like templates. One plan has them all.
func TestAdopted_generatedConfiguration(t *testing.T) {
	objects := []struct {
		key    string
		header http.Header
		tags   map[string]string
		acl    string
	}{
		{key: "plain.img"},
		{
			key: "every thing/${a}%{b}\"q\"%20.html",
			header: http.Header{
				"Content-Type": {"text/html; charset=utf-8"}, "Cache-Control": {"no-cache"}, "Content-Encoding": {"gzip"},
				"Content-Disposition": {`attachment; filename="${a}.html"`}, "Content-Language": {"de"},
				"Expires": {"Sun, 31 Jan 2027 12:00:00 GMT"}, "X-Oss-Meta-Rev": {"%{1}"},
				"X-Oss-Storage-Class": {"IA"}, "X-Oss-Server-Side-Encryption": {"AES256"},
			},
			tags: map[string]string{"team": "", "a b": "c=d"},
			acl:  "public-read",
		},
		{
			key: "kms",
			header: http.Header{
				"X-Oss-Server-Side-Encryption": {"KMS"}, "X-Oss-Server-Side-Encryption-Key-Id": {"9468da86-3509-4f8d-a61e-6eab1eac"},
				"X-Oss-Server-Side-Data-Encryption": {"SM4"},
			},
		},
	}
	for _, c := range []struct {
		name, by string // of the import block; %s are bucket and key
		least    string // Terraform that reads it
		provider bool   // is named in the import block, in any case
	}{
		{"by ID", `id = "%s/%s"`, "1.5.0", false},
		{"by URL", `id = "oss://%s/%s"`, "1.5.0", true},
		{"by identity", `identity = { bucket = "%s", key = "%s" }`, "1.12.0", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			defer w.serve()()
			needsTerraform(t, c.least)
			imports, _, _ := strings.Cut(w.config(""), "resource ")
			for i, o := range objects {
				w.server.PutObject(bucket, o.key, w.content, o.header)
				if o.tags != nil {
					w.server.SetTags(bucket, o.key, o.tags)
					w.server.SetACL(bucket, o.key, o.acl)
				}
				literal := strings.NewReplacer("${", "$${", "%{", "%%{", `"`, `\"`).Replace(o.key)
				imports += fmt.Sprintf("import {\n  to = ossresumable_object.adopted_%d\n  "+c.by+"\n}\n", i, bucket, literal)
			}
			generating := imports
			if c.provider || guessesProvider(t) {
				generating = strings.ReplaceAll(imports, "import {\n", "import {\n  provider = ossresumable\n")
			}
			if err := w.Configure(generating); err != nil {
				t.Fatal(err)
			}

			out := w.run("plan", "-input=false", "-no-color", "-generate-config-out=generated.tf")
			missing := strings.Count(out.Text, "Exactly one of these attributes must be configured")
			if missing == 0 || strings.Count(out.Text, "Error: ") != missing { // newer ones show equal errors once
				t.Fatalf("exit status %d, want nothing but the source to be missing\n%s", out.ExitCode, out.Text)
			}
			w.fillInSource("generated.tf", len(objects))
			if err := w.Configure(imports); err != nil {
				t.Fatal(err)
			}
			w.plan("-out=saved.tfplan")
			w.checkChangesOnly("saved.tfplan", len(objects), "source", "source_hash")

			if out := w.run("apply", "-input=false", "-no-color", "saved.tfplan"); out.ExitCode != 0 {
				t.Fatalf("apply: exit status %d\n%s", out.ExitCode, out.Text)
			}
			if n := w.writes(); n > 0 || w.server.BodyBytes() > 0 {
				t.Errorf("%d requests that write:\n%v", n, w.server.Requests())
			}
			w.checkNoChanges()
		})
	}
}

// guessesProvider reports whether an import block without a resource needs the
// argument provider. Terraform 1.16.0 to 1.16.2 looks for hashicorp/NAME without it
// (hashicorp/terraform#39144). All versions refuse the argument once the resource
// exists.
func guessesProvider(t *testing.T) bool {
	t.Helper()
	product, v := cli(t)
	return product == "Terraform" && !v.LessThan(version.Must(version.NewVersion("1.16.0"))) && v.LessThan(version.Must(version.NewVersion("1.16.3")))
}

// fillInSource adds the source to a generated configuration, as a user does.
func (w *world) fillInSource(name string, times int) {
	w.t.Helper()
	file := filepath.Join(w.Dir, name)
	text, err := os.ReadFile(file)
	if err != nil {
		w.t.Fatal(err)
	}
	null := regexp.MustCompile(`(?m)^(  source +=) null$`)
	if n := len(null.FindAll(text, -1)); n != times {
		w.t.Fatalf("source is missing %d times\n%s", n, text)
	}
	text = null.ReplaceAll(text, fmt.Appendf(nil, "$1 %q", w.source))
	if err := os.WriteFile(file, text, 0o600); err != nil {
		w.t.Fatal(err)
	}
}

// checkChangesOnly checks that a saved plan changes only these attributes, in this number
// of resources, and that the new values are known.
func (w *world) checkChangesOnly(plan string, resources int, attributes ...string) {
	w.t.Helper()
	out := w.run("show", "-json", plan)
	var shown struct {
		ResourceChanges []struct {
			Address string
			Change  struct {
				Before, After map[string]any
				AfterUnknown  map[string]any `json:"after_unknown"`
			}
		} `json:"resource_changes"`
	}
	if err := json.Unmarshal([]byte(out.Text), &shown); err != nil {
		w.t.Fatalf("%v\n%s", err, out.Text)
	}
	if len(shown.ResourceChanges) != resources {
		w.t.Fatalf("%d resources change, want %d", len(shown.ResourceChanges), resources)
	}
	for _, r := range shown.ResourceChanges {
		var changed []string
		for name, after := range r.Change.After {
			if !reflect.DeepEqual(r.Change.Before[name], after) {
				changed = append(changed, name)
			}
		}
		for name, unknown := range r.Change.AfterUnknown {
			if unknown == true {
				changed = append(changed, name+" (unknown)")
			}
		}
		if slices.Sort(changed); !slices.Equal(changed, attributes) {
			w.t.Errorf("%s: %v change, want %v", r.Address, changed, attributes)
		}
	}
}
