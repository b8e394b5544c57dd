// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
)

// The SHA-256 of the contents that the tests write.
const (
	sha256Hello = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824" // hello
	sha256World = "486ea46224d1bb4fb680f34f7c9ad96a8f24ec88be73ea8e5a6c65260e9cb8a7" // world
	sha256Empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
)

func TestAccObject_basic(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	config := w.object(w.write("hello", "hello"))
	w.test(
		w.sends(5, resource.TestStep{
			Config: config,
			ConfigPlanChecks: planned(
				action(plancheck.ResourceActionCreate),
				knownText("id", testBucket+"/"+testKey),
				knownText("source_hash", sha256Hello),
				knownText("content_type", "text/plain"),
				known("content_length", knownvalue.Int64Exact(5)),
				known("forbid_overwrite", knownvalue.Bool(false)),
				kept("crc64"),
				unknown("etag", "version_id", "last_modified"),
			),
			ConfigStateChecks: []statecheck.StateCheck{
				state("source_hash", knownvalue.StringExact(sha256Hello)),
				state("etag", knownvalue.StringExact("5D41402ABC4B2A76B9719D911017C592")),
				state("version_id", knownvalue.Null()),
				state("last_modified", knownvalue.StringFunc(func(text string) error {
					_, err := time.Parse(time.RFC3339, text)
					return err
				})),
			},
			Check: w.holds("hello", "text/plain"),
		}),
		w.sends(0, resource.TestStep{Config: config, PlanOnly: true}),
	)
}

func TestAccObject_emptyFile(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.test(resource.TestStep{
		Config:           w.object(w.write("empty", "")),
		ConfigPlanChecks: planned(knownText("source_hash", sha256Empty), known("content_length", knownvalue.Int64Exact(0)), knownText("crc64", "0")),
		Check:            w.holds("", "text/plain"),
	})
}

func TestAccObject_multipart(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const partSize = 100 << 10
	content := strings.Repeat("0123456789abcdef", 3*partSize/16) + "tail"
	w.test(resource.TestStep{
		Config: w.object(w.write("big", content),
			fmt.Sprintf("part_size = %d", partSize), fmt.Sprintf("multipart_threshold = %d", partSize), "parallelism = 2"),
		ConfigPlanChecks: planned(unknown("etag")),
		Check:            w.holds(content, "text/plain"),
		PostApplyFunc: func() {
			if n := w.oss.Count(osstest.UploadPart); n != 4 {
				w.Errorf("%d parts were sent, want 4", n)
			}
		},
	})
}

func TestAccObject_versionedBucket(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.oss.SetVersioning(testBucket, "Enabled")
	file := w.write("file", "hello")
	w.test(
		resource.TestStep{
			Config:            w.object(file),
			ConfigPlanChecks:  planned(unknown("version_id")),
			ConfigStateChecks: []statecheck.StateCheck{state("version_id", knownvalue.NotNull())},
		},
		resource.TestStep{
			Config:           w.object(file, `part_size = 1048576`),
			ConfigPlanChecks: planned(action(plancheck.ResourceActionUpdate), kept("version_id")),
		},
	)
}

func TestAccObject_editedFile(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	config := w.object(w.write("file", "hello"))
	w.test(
		resource.TestStep{Config: config},
		w.sends(5, resource.TestStep{
			PreConfig: func() { w.write("file", "world") },
			Config:    config,
			ConfigPlanChecks: planned(
				action(plancheck.ResourceActionUpdate),
				knownText("source_hash", sha256World),
				kept("crc64", "content_length", "content_type", "id"),
				unknown("etag", "version_id", "last_modified"),
			),
			Check: w.holds("world", "text/plain"),
		}),
	)
}

func TestAccObject_sameBytes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	file, other := w.write("file", "hello"), w.write("other", "hello")
	w.test(
		resource.TestStep{Config: w.object(file)},
		w.sends(0, resource.TestStep{ // touched
			PreConfig: func() {
				if err := os.Chtimes(file, time.Time{}, time.Unix(1e9, 0)); err != nil {
					t.Fatal(err)
				}
			},
			Config:           w.object(file),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
		}),
		w.sends(0, resource.TestStep{ // another path, and the options that are state only
			Config: w.object(other, "part_size = 204800", "parallelism = 3", "multipart_threshold = 204800",
				"forbid_overwrite = true", fmt.Sprintf("checkpoint_dir = %q", w.dir+"/elsewhere"), "timeouts {\n create = \"1h\"\n }"),
			ConfigPlanChecks: planned(
				action(plancheck.ResourceActionUpdate),
				knownText("source", other),
				knownText("source_hash", sha256Hello),
				kept("etag", "last_modified", "crc64", "content_length", "content_type", "id"),
			),
		}),
	)
	if n := w.oss.Count(osstest.CopyObject); n != 0 {
		t.Errorf("%d copies for changes of state only", n)
	}
}

func TestAccObject_contentTypeOnly(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	file := w.write("file", "hello")
	w.test(
		resource.TestStep{Config: w.object(file)},
		w.sends(0, resource.TestStep{
			Config: w.object(file, `content_type = "text/html; charset=utf-8"`),
			ConfigPlanChecks: planned(
				action(plancheck.ResourceActionUpdate),
				knownText("source_hash", sha256Hello),
				kept("crc64", "content_length"),
				unknown("etag", "version_id", "last_modified"),
			),
			Check: w.holds("hello", "text/html; charset=utf-8"),
		}),
		w.sends(0, resource.TestStep{ // removed: the default again
			Config:           w.object(file),
			ConfigPlanChecks: planned(action(plancheck.ResourceActionUpdate), knownText("content_type", "text/plain")),
			Check:            w.holds("hello", "text/plain"),
		}),
		w.sends(5, resource.TestStep{ // together with new content
			PreConfig:        func() { w.write("file", "world") },
			Config:           w.object(file, `content_type = "text/html"`),
			ConfigPlanChecks: planned(action(plancheck.ResourceActionUpdate)),
			Check:            w.holds("world", "text/html"),
		}),
	)
}

func TestAccObject_drift(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	config := w.object(w.write("file", "hello"))
	w.test(
		resource.TestStep{Config: config},
		w.sends(5, resource.TestStep{ // other content of the same size
			PreConfig: func() {
				w.oss.PutObject(testBucket, testKey, []byte("olleh"), http.Header{"Content-Type": {"text/plain"}})
			},
			Config: config,
			ConfigPlanChecks: planned(
				action(plancheck.ResourceActionUpdate),
				knownText("source_hash", sha256Hello),
				unknown("etag", "version_id", "last_modified"),
			),
			Check: w.holds("hello", "text/plain"),
		}),
		w.sends(0, resource.TestStep{ // the same content, stored by another program with another type
			PreConfig: func() {
				w.oss.PutObject(testBucket, testKey, []byte("hello"), http.Header{"Content-Type": {"text/css"}})
			},
			Config:           config,
			ConfigPlanChecks: planned(action(plancheck.ResourceActionUpdate), knownText("content_type", "text/plain")),
			Check:            w.holds("hello", "text/plain"),
		}),
		w.sends(5, resource.TestStep{ // deleted
			PreConfig:        func() { w.oss.DeleteObject(testBucket, testKey) },
			Config:           config,
			ConfigPlanChecks: planned(action(plancheck.ResourceActionCreate)),
			Check:            w.holds("hello", "text/plain"),
		}),
	)
}

// After a remote change, the plan must upload even if it cannot read the file.
func TestAccObject_driftWithSourceHash(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	config := w.object(w.write("file", "hello"), fmt.Sprintf("source_hash = %q", sha256Hello))
	w.test(
		resource.TestStep{
			Config:           config,
			ConfigPlanChecks: planned(knownText("source_hash", sha256Hello), unknown("crc64", "content_length")),
		},
		w.sends(5, resource.TestStep{
			PreConfig:        func() { w.oss.PutObject(testBucket, testKey, []byte("olleh"), nil) },
			Config:           config,
			ConfigPlanChecks: planned(action(plancheck.ResourceActionUpdate), unknown("crc64", "content_length", "etag")),
			Check:            w.holds("hello", "text/plain"),
		}),
	)
}
