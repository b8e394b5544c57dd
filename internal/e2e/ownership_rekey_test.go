// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
)

// The instance keys of for_each change, but not the keys and bytes of the objects. The new
// instances adopt what the old ones would remove.
func TestOwnership_rekeyedInstances(t *testing.T) {
	const instances = 10
	for name, cfg := range map[string]osstest.Config{
		"every DELETE refused once": {},
		"slow answers":              {Latency: 20 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			w := newOwners(t, cfg)
			defer w.serve()()
			for i := range instances {
				w.file(fmt.Sprintf("%d.img", i))
			}
			many := func(prefix string) string {
				return fmt.Sprintf(`
resource "ossresumable_object" "many" {
  for_each = { for i in range(%d) : "%s-${i}" => i }
  bucket   = %q
  key      = "images/${each.value}.img"
  source   = "%s/${each.value}.img"
}
`, instances, prefix, bucket, filepath.Dir(w.source))
			}
			w.begin(many("old"))
			w.configure(many("new"))
			if cfg.Latency == 0 {
				for i := range instances {
					w.server.AddRule(osstest.Rule{
						Op: osstest.DeleteObject, Key: fmt.Sprintf("images/%d.img", i), Times: 1,
						Fault: osstest.Refuse(503, "ServiceUnavailable"),
					})
				}
			}
			w.converge()
			if got := len(w.resources()); got != instances {
				t.Errorf("the state has %d objects", got)
			}
		})
	}
}

// The instance key and the bytes change, and the apply is killed after 30 of 40 parts. In
// the next apply, the destroy of the old instance does not abort the upload of the new one.
func TestOwnership_rekeyedInstanceKilled(t *testing.T) {
	const all, stored = 40, 30
	for _, refused := range []bool{false, true} {
		t.Run(fmt.Sprintf("DELETE refused %v", refused), func(t *testing.T) {
			w := newWorld(t)
			instance := func(name string) string {
				return w.config(fmt.Sprintf("for_each = toset([%q])", name))
			}
			if err := os.WriteFile(w.source, []byte("old bytes"), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := w.Configure(instance("old")); err != nil {
				t.Fatal(err)
			}
			w.mustApply()
			w.write(1)
			w.resize(all*partSize - 333)
			if err := w.Configure(instance("new")); err != nil {
				t.Fatal(err)
			}
			w.server.ResetLog()
			remove := func() {}
			if refused {
				remove = w.server.AddRule(osstest.Rule{Op: osstest.DeleteObject, Fault: osstest.Refuse(403, "AccessDenied")})
			}
			p, release := w.startAndHold(stored)
			p.Kill()
			release()
			remove()
			w.settle()
			held := 0
			for _, upload := range w.server.OpenUploads(bucket) {
				held += len(upload.Parts)
			}
			if held < stored {
				t.Fatalf("OSS has %d parts, want at least %d", held, stored)
			}
			before := w.server.Count(osstest.UploadPart)
			w.converge()
			if sent := w.server.Count(osstest.UploadPart) - before; sent > all-stored {
				t.Errorf("%d of %d parts were sent again, want %d", sent, all, all-stored)
			}
			if n := w.server.Count(osstest.AbortMultipartUpload); n != 0 {
				t.Errorf("%d uploads were aborted", n)
			}
		})
	}
}

// The object is renamed to the key of an equal object, whose resource is removed in the
// same apply.
func TestOwnership_renamedOntoAnEqualObjectThatLeaves(t *testing.T) {
	w := newOwners(t, osstest.Config{})
	defer w.serve()()
	a, x := w.file("a.img"), filepath.Join(filepath.Dir(w.source), "x.img")
	if err := os.WriteFile(x, bytesOf("a.img"), 0o600); err != nil {
		t.Fatal(err)
	}
	w.begin(block("a", "k0", a), block("x", "k1", x))
	w.configure(block("a", "k1", a))
	// The removal is slow, so the other resource has k1 by then.
	w.late(osstest.DeleteObject, "k1", osstest.Fault{}, func(r osstest.Request) bool {
		return r.Op == osstest.DeleteObject && r.Key == "k0"
	})
	w.converge()
	w.checkGone("k0")
}

// The address or the instance key changes, and also the alias of the provider. The old and
// the new resource are in two processes that do not know of each other.
func TestOwnership_otherAddressAndOtherAlias(t *testing.T) {
	const aliases = `
provider "ossresumable" {
  alias = "one"
}
provider "ossresumable" {
  alias = "two"
}
`
	each := func(instance string) string { return fmt.Sprintf("for_each = toset([%q])", instance) }
	for what, names := range map[string][2][2]string{
		"address":      {{"old", ""}, {"new", ""}},
		"instance key": {{"a", each("old")}, {"a", each("new")}},
	} {
		t.Run(what, func(t *testing.T) {
			w := newOwners(t, osstest.Config{})
			a := w.file("a.img")
			w.begin(aliases, block(names[0][0], "k0", a, "provider = ossresumable.one", names[0][1]))
			w.configure(aliases, block(names[1][0], "k0", a, "provider = ossresumable.two", names[1][1]))
			w.server.AddRule(osstest.Rule{Op: osstest.DeleteObject, Times: 1, Fault: osstest.Stall(2 * time.Second)})
			w.converge()
		})
	}
}
