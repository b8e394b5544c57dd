// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package e2e

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/terraform"
)

// Many objects need no more memory and connections than ten, with the default parallelism of
// Terraform. The next plan sends one request for each object and reads no file. With what the
// plugin framework keeps for each request (provider/serve.go), or with the bytes of all files,
// the provider would exceed the limit.
func TestMany_objects(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: Terraform itself takes seconds for so many resources")
	}
	const (
		objects     = 250
		memory      = 56 << 20
		connections = 10 + 5 // Terraform's parallelism, and what the pool keeps for parts
	)
	t.Parallel()
	w := newWorldWith(t, osstest.Config{})
	w.Env = append(w.Env, terraform.Usual...)
	w.manyFiles(objects)
	time.Sleep(2100 * time.Millisecond) // the cache does not trust a file that changed within two seconds

	out, peak := w.measured("apply", "-auto-approve", "-input=false", "-no-color")
	if out.ExitCode != 0 {
		t.Fatalf("apply: exit status %d\n%s", out.ExitCode, out.Text)
	}
	made, open := w.server.Connections()
	t.Logf("apply: %v, %.1f MiB, %d connections, %d at once", out.Elapsed, float64(peak)/(1<<20), made, open)
	if peak == 0 || peak > memory {
		t.Errorf("peak resident memory is %d bytes", peak)
	}
	if open > connections {
		t.Errorf("%d connections at once", open)
	}
	w.checkMany(objects)

	w.server.ResetLog()
	var plan terraform.Output
	reads := w.readsDuring(func() { plan, peak = w.measured("plan", "-input=false", "-no-color", "-detailed-exitcode") })
	if plan.ExitCode != 0 {
		t.Fatalf("plan: exit status %d\n%s", plan.ExitCode, plan.Text)
	}
	if reads != 0 {
		t.Error("the plan read files that had not changed")
	}
	made, open = w.server.Connections()
	t.Logf("plan: %v, %.1f MiB, %d connections, %d at once", plan.Elapsed, float64(peak)/(1<<20), made, open)
	if peak > memory || open > connections || made > connections {
		t.Errorf("the plan took %d bytes of memory and %d connections, %d at once", peak, made, open)
	}
	asked := map[string]int{}
	for _, r := range w.server.Requests() {
		if r.Op != osstest.HeadObject {
			t.Errorf("the plan sent %v", r)
		}
		asked[r.Key]++
	}
	for i := range objects {
		if n := asked[manyKey(i)]; n != 1 {
			t.Errorf("asked %d times about %s", n, manyKey(i))
		}
	}
}

// checkMany checks all objects, and that only one small entry of the hash cache remains
// for each file.
func (w *world) checkMany(n int) {
	w.t.Helper()
	for i := range n {
		if got := w.objectAt(manyKey(i)); !bytes.Equal(got, manyContent(i)) {
			w.t.Errorf("%s has %d bytes that are not the file's", manyKey(i), len(got))
		}
	}
	if open := w.server.OpenUploads(bucket); len(open) != 0 {
		w.t.Errorf("uploads left open: %+v", open)
	}
	w.checkDirEmpty()
	entries, err := os.ReadDir(filepath.Join(w.dir, "fingerprints"))
	if err != nil || len(entries) != n {
		w.t.Errorf("%d entries in the hash cache: %v", len(entries), err)
	}
	for _, entry := range entries {
		if info, err := entry.Info(); err != nil || info.Size() > 512 {
			w.t.Errorf("an entry of the hash cache: %v %v", info, err)
		}
	}
}
