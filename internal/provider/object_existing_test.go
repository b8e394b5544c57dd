// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
)

// These tests start with an object that exists before the resource.

func TestAccObject_import(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	config := w.object(w.write("file", "hello"))
	verify := func(id string) resource.TestStep {
		return resource.TestStep{
			ResourceName: testAddress, ImportState: true, ImportStateId: id, ImportStateVerify: true,
			ImportStateVerifyIgnore: []string{"source"}, // and source_hash, which is not known yet
		}
	}
	w.test(
		resource.TestStep{Config: config},
		verify(testBucket+"/"+testKey),
		verify("oss://"+testBucket+"/"+testKey),
		resource.TestStep{
			ResourceName: testAddress, ImportState: true, ImportStateId: testBucket,
			ExpectError: says("Invalid import ID ... Use bucket/key or oss://bucket/key"),
		},
		resource.TestStep{
			ResourceName: testAddress, ImportState: true, ImportStateId: testBucket + "/absent",
			ExpectError: says("Cannot import non-existent remote object"),
		},
	)
}

func TestAccObject_importThenApply(t *testing.T) {
	for name, test := range map[string]struct {
		there string
		sends int64
	}{
		"equal bytes": {"hello", 0},
		"other bytes": {"olleh", 5},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.oss.PutObject(testBucket, testKey, []byte(test.there), http.Header{"Content-Type": {"text/plain"}})
			w.test(w.sends(test.sends, resource.TestStep{
				Config: w.object(w.write("file", "hello")) + fmt.Sprintf(`
import {
  to = %s
  id = "oss://%s/%s"
}
`, testAddress, testBucket, testKey),
				ConfigPlanChecks: planned(action(plancheck.ResourceActionUpdate), knownText("source_hash", sha256Hello)),
				Check:            w.holds("hello", "text/plain"),
			}))
		})
	}
}

func TestAccObject_overwrite(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.oss.PutObject(testBucket, testKey, []byte("another program's"), nil)
	file := w.write("file", "hello")
	w.test(
		resource.TestStep{
			Config:      w.object(file, "forbid_overwrite = true"),
			ExpectError: says("Object already exists ... terraform import ADDRESS test-bucket/dir/file.txt"),
		},
		w.sends(5, resource.TestStep{
			Config:           w.object(file),
			ConfigPlanChecks: planned(action(plancheck.ResourceActionCreate)),
			Check:            w.holds("hello", "text/plain"),
		}),
	)
}

func TestAccObject_forbidOverwriteAdoptsEqual(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.oss.PutObject(testBucket, testKey, []byte("hello"), http.Header{"Content-Type": {"text/css"}})
	config := func(source string) string { return w.object(source, "forbid_overwrite = true") }
	w.test(
		w.sends(0, resource.TestStep{
			Config:           config(w.write("file", "hello")),
			ConfigPlanChecks: planned(action(plancheck.ResourceActionCreate)),
			Check:            w.holds("hello", "text/plain"),
		}),
		resource.TestStep{ // the resource owns the object now and can replace it
			PreConfig:        func() { w.write("file", "world") },
			Config:           config(w.dir + "/file"),
			ConfigPlanChecks: planned(action(plancheck.ResourceActionUpdate)),
			Check:            w.holds("world", "text/plain"),
		},
	)
}
