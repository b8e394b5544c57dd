// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

const stagingBucket, stagingKey = "staging-bucket", "built/a b+c.txt"

// newStaging is a world with a second bucket, in which other programs write.
func newStaging(t *testing.T, content string) *world {
	t.Helper()
	w := newWorld(t)
	w.oss.CreateBucket(stagingBucket)
	if content != "" {
		w.stage(content)
	}
	return w
}

func (w *world) stage(content string) {
	w.oss.PutObject(stagingBucket, stagingKey, []byte(content), http.Header{"X-Oss-Meta-Ossresumable-Owner": {"other"}})
}

// promoted is a configuration that copies the staged object.
func (w *world) promoted(lines ...string) string {
	return w.providerBlock() + w.resource(append([]string{fmt.Sprintf("source_object = { bucket = %q, key = %q }", stagingBucket, stagingKey)}, lines...)...)
}

// copies makes a step check that nothing but copies inside OSS moves bytes, and how
// many there are.
func (w *world) copies(n int, step resource.TestStep) resource.TestStep {
	after := step.PostApplyFunc
	step.PostApplyFunc = func() {
		if got := w.oss.Count(osstest.CopyObject); got != n {
			w.Errorf("%d copies, want %d:\n%v", got, n, w.oss.Requests())
		}
		if got := w.oss.Count(osstest.GetObject); got != 0 {
			w.Errorf("%d objects were read", got)
		}
		if after != nil {
			after()
		}
	}
	return w.sends(0, step)
}

// The file is sent once, and one apply changes both objects. The copy has the attributes of
// its own resource.
func TestAccObject_promotion(t *testing.T) {
	t.Parallel()
	w := newStaging(t, "")
	file := w.write("file", "hello")
	production := `source_object = {
    bucket = ossresumable_object.staging.bucket
    key    = ossresumable_object.staging.key
    crc64  = ossresumable_object.staging.crc64
  }
  cache_control = "no-store"`
	config := w.providerBlock() + fmt.Sprintf(`
resource "ossresumable_object" "staging" {
  bucket        = %q
  key           = %q
  source        = %q
  storage_class = "IA"
  metadata      = { stage = "yes" }
}
`, stagingBucket, stagingKey, file) + w.resource(production)
	change := func(content string) func() {
		return func() { w.write("file", content) }
	}
	w.test(
		w.sends(5, resource.TestStep{
			Config: config,
			ConfigPlanChecks: planned(action(plancheck.ResourceActionCreate), known("source_hash", knownvalue.Null()),
				kept("crc64"), unknown("etag")),
			Check: resource.ComposeTestCheckFunc(w.holds("hello", "text/plain"), w.isProduction),
		}),
		w.sends(6, resource.TestStep{
			PreConfig: change("hello2"), Config: config,
			ConfigPlanChecks: planned(action(plancheck.ResourceActionUpdate), kept("crc64"), unknown("etag")),
			Check:            resource.ComposeTestCheckFunc(w.holds("hello2", "text/plain"), w.isProduction),
		}),
		w.copies(0, resource.TestStep{ // the staged object is removed; the other one stays
			Config:           w.promoted(`cache_control = "no-store"`),
			ConfigPlanChecks: planned(action(plancheck.ResourceActionUpdate), kept("etag", "crc64", "content_length")),
			Check:            w.holds("hello2", "text/plain"),
		}),
	)
}

// isProduction checks that the copy has nothing of the staged object but its bytes.
func (w *world) isProduction(*terraform.State) error {
	info, _ := w.oss.Object(testBucket, testKey)
	staged, _ := w.oss.Object(stagingBucket, stagingKey)
	const mark = "x-oss-meta-ossresumable-owner"
	if info.Header.Get("Cache-Control") != "no-store" || info.Header.Get("x-oss-meta-stage") != "" || info.Header.Get("x-oss-storage-class") == "IA" {
		return fmt.Errorf("the copy has the headers %v", info.Header)
	}
	if own := info.Header.Get(mark); own == "" || own == staged.Header.Get(mark) {
		return fmt.Errorf("the copy has the mark %q, and the staged object %q", own, staged.Header.Get(mark))
	}
	return nil
}

// Without crc64, one HEAD of the source decides. A source that is gone changes nothing
// while the object is what was copied; otherwise it is an error.
func TestAccObject_sourceObject(t *testing.T) {
	t.Parallel()
	w := newStaging(t, "hello")
	update := action(plancheck.ResourceActionUpdate)
	remove := func() { w.oss.DeleteObject(stagingBucket, stagingKey) }
	w.test(
		w.copies(1, resource.TestStep{
			Config: w.promoted(),
			ConfigPlanChecks: planned(action(plancheck.ResourceActionCreate), kept("crc64"), known("content_length", knownvalue.Int64Exact(5)),
				unknown("etag", "version_id", "last_modified")),
			ConfigStateChecks: []statecheck.StateCheck{state("source_hash", knownvalue.Null())},
			Check:             w.holds("hello", "text/plain"),
		}),
		w.copies(1, resource.TestStep{ // another program replaces the source
			PreConfig: func() { w.stage("world!") }, Config: w.promoted(),
			ConfigPlanChecks: planned(update, known("content_length", knownvalue.Int64Exact(6)), unknown("etag")),
			Check:            w.holds("world!", "text/plain"),
		}),
		w.copies(1, resource.TestStep{ // another program replaces the object
			PreConfig: func() { w.oss.PutObject(testBucket, testKey, []byte("theirs"), nil) }, Config: w.promoted(),
			ConfigPlanChecks: planned(update, unknown("etag")),
			Check:            w.holds("world!", "text/plain"),
		}),
		w.copies(1, resource.TestStep{ // other headers: only the copy onto itself
			PreConfig: remove, Config: w.promoted(`cache_control = "no-cache"`),
			ConfigPlanChecks: planned(update, kept("crc64"), unknown("etag")),
			Check:            w.holds("world!", "text/plain"),
		}),
		w.copies(1, resource.TestStep{ // a rename does not need the source
			Config:           elsewhere(w.promoted(`cache_control = "no-cache"`)),
			ConfigPlanChecks: planned(update, kept("crc64"), unknown("etag")),
			Check:            w.places("", "world!"),
		}),
		resource.TestStep{
			PreConfig:   func() { w.oss.PutObject(testBucket, otherKey, []byte("theirs"), nil) },
			Config:      elsewhere(w.promoted(`cache_control = "no-cache"`)),
			ExpectError: says("Source object does not exist ... source object oss://" + stagingBucket),
		},
		w.copies(1, resource.TestStep{
			PreConfig: func() { w.stage("again") }, Config: elsewhere(w.promoted(`cache_control = "no-cache"`)),
			Check: w.places("", "again"),
		}),
	)
}

// The source becomes a file and an object again. Equal content is not copied.
func TestAccObject_sourceObjectAndFile(t *testing.T) {
	t.Parallel()
	w := newStaging(t, "hello")
	file := w.object(w.write("file", "hello"))
	same := planned(action(plancheck.ResourceActionUpdate), kept("etag", "crc64"))
	w.test(
		resource.TestStep{Config: file},
		w.copies(0, resource.TestStep{
			Config: w.promoted(), ConfigPlanChecks: same,
			ConfigStateChecks: []statecheck.StateCheck{state("source_hash", knownvalue.Null())},
		}),
		w.copies(0, resource.TestStep{
			Config: file, ConfigPlanChecks: same,
			ConfigStateChecks: []statecheck.StateCheck{state("source_hash", knownvalue.StringExact(sha256Hello))},
		}),
		resource.TestStep{
			Config: file, ResourceName: testAddress, ImportState: true, ImportStateId: testBucket + "/" + testKey, ImportStateVerify: true,
			ImportStateVerifyIgnore: []string{"source", "source_hash"},
		},
	)
}

// OSS reports no CRC-64 for the source: its ETag and size identify what was copied.
func TestAccObject_sourceObjectWithoutCRC64(t *testing.T) {
	t.Parallel()
	w := newStaging(t, "hello")
	w.oss.AddRule(osstest.Rule{Op: osstest.HeadObject, Fault: osstest.OverrideHeader("x-oss-hash-crc64ecma", "")})
	w.test(
		w.copies(1, resource.TestStep{
			Config: w.promoted(), ConfigPlanChecks: planned(unknown("crc64", "etag"), known("content_length", knownvalue.Int64Exact(5))),
			Check: w.holds("hello", "text/plain"),
		}),
		w.copies(1, resource.TestStep{
			PreConfig: func() { w.stage("world") }, Config: w.promoted(), ConfigPlanChecks: planned(unknown("crc64", "etag")),
			Check: w.holds("world", "text/plain"),
		}),
	)
}

// The source is replaced after the plan of the apply, or the object of crc64 is another
// one: nothing is changed.
func TestAccObject_sourceObjectMovedOn(t *testing.T) {
	t.Parallel()
	w := newStaging(t, "hello")
	replace := func(osstest.Request) osstest.Fault {
		w.stage("later")
		return osstest.Fault{}
	}
	unchanged := func() {
		if _, exists := w.oss.Object(testBucket, testKey); exists {
			t.Error("the object was created")
		}
	}
	var remove func()
	w.test(
		resource.TestStep{
			PreConfig: func() {
				remove = w.oss.AddRule(osstest.Rule{Op: osstest.CopyObject, Times: 1, Fault: osstest.Func(replace)})
			},
			Config:      w.promoted(),
			ExpectError: says("Source object does not match the plan ... OSS answered 412 ... The object was not changed."),
		},
		resource.TestStep{
			PreConfig:   func() { remove(); unchanged() },
			Config:      strings.Replace(w.promoted(), " }", `, crc64 = "1" }`, 1),
			ExpectError: says("Source object does not match the plan ... the plan has any size, CRC-64 \"1\""),
		},
		resource.TestStep{PreConfig: unchanged, Config: w.promoted(), Check: w.holds("later", "text/plain")},
	)
}

// Each error is about one argument, and comes before anything is changed.
func TestAccObject_sourceObjectRefused(t *testing.T) {
	type step = resource.TestStep
	for name, row := range map[string]struct {
		prepare func(*world)
		config  func(*world) string
		plans   bool // the error comes with the apply
		says    string
	}{
		"denied": {prepare: func(w *world) {
			w.oss.AddRule(osstest.Rule{Op: osstest.HeadObject, Key: stagingKey, Fault: osstest.Refuse(403, "AccessDenied")})
		}, says: "Access to the source object denied ... oss:GetObject on the source object"},
		"missing":       {prepare: func(w *world) { w.oss.DeleteObject(stagingBucket, stagingKey) }, plans: true, says: "Source object does not exist ... Check bucket, key and version_id"},
		"archived":      {prepare: func(w *world) { w.oss.SetHeader(stagingBucket, stagingKey, "x-oss-storage-class", "ColdArchive") }, says: "Source object is archived ... Restore the source object"},
		"symbolic link": {prepare: func(w *world) { w.oss.PutSymlink(stagingBucket, stagingKey, "target") }, says: "Source object cannot be copied ... it is a symbolic link"},
		"itself": {config: func(w *world) string {
			return strings.NewReplacer(stagingBucket, testBucket, stagingKey, testKey).Replace(w.promoted())
		}, says: "Source object is the object itself"},
		"with source":      {config: func(w *world) string { return w.promoted(`source = "x"`) }, says: "Invalid Attribute Combination"},
		"with source_hash": {config: func(w *world) string { return w.promoted(`source_hash = "` + sha256Hello + `"`) }, says: "Invalid Attribute Combination"},
		"with callback":    {config: func(w *world) string { return w.promoted(`callback = { url = "http://x", body = "y" }`) }, says: "Invalid Attribute Combination"},
		"no CRC-64":        {config: func(w *world) string { return strings.Replace(w.promoted(), " }", `, crc64 = "0x1" }`, 1) }, says: "must be a CRC-64"},
		"no version":       {config: func(w *world) string { return strings.Replace(w.promoted(), " }", `, version_id = "CAEQgone" }`, 1) }, plans: true, says: "Source object does not exist"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newStaging(t, "hello")
			w.oss.SetVersioning(stagingBucket, "Enabled")
			w.oss.PutObject(stagingBucket, "target", []byte("hello"), nil)
			if row.prepare != nil {
				row.prepare(w)
			}
			config := w.promoted()
			if row.config != nil {
				config = row.config(w)
			}
			w.test(step{Config: config, PlanOnly: !row.plans, ExpectNonEmptyPlan: !row.plans, ExpectError: says(row.says)})
			for _, r := range w.oss.Requests() {
				if r.Op.Writes() {
					t.Errorf("sent %s", r)
				}
			}
		})
	}
}

// A plan sends one HEAD for the source, and none with the crc64 of the object.
func TestAccObject_sourceObjectCost(t *testing.T) {
	t.Parallel()
	w := newStaging(t, "hello")
	fp, err := resumable.FingerprintContent(t.Context(), []byte("hello"))
	if err != nil {
		t.Fatal(err)
	}
	plain := w.promoted()
	checked := strings.Replace(plain, " }", fmt.Sprintf(", crc64 = %q }", fp.CRC64), 1)
	plans := func(config string, after func()) resource.TestStep {
		return resource.TestStep{PreConfig: func() { after(); w.oss.ResetLog() }, Config: config, PlanOnly: true}
	}
	heads := func(want int) func() {
		return func() {
			got := map[string]int{}
			for _, r := range w.oss.Requests() {
				if r.Op == osstest.HeadObject {
					got[r.Key]++
				}
			}
			if got[testKey] != 1 || got[stagingKey] != 2*want { // the testing module plans twice, and refreshes once
				t.Errorf("HEADs of the plan: %v", got)
			}
		}
	}
	w.test(
		resource.TestStep{Config: plain},
		plans(plain, func() {}),
		resource.TestStep{PreConfig: heads(1), Config: checked},
		plans(checked, func() {}),
		resource.TestStep{PreConfig: heads(0), Config: checked},
	)
}
