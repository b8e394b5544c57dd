// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
)

// twoKept returns two resources with the keys; with only the second keeping what is
// deployed if other is "".
func (w *world) twoKept(first, second, other string) string {
	block := func(name, key, more string) string {
		return fmt.Sprintf("resource \"ossresumable_object\" %q {\n bucket = %q\n key = %q\n content = %q\n %s\n}\n", name, testBucket, key, name, more)
	}
	return w.providerBlock() + block("first", first, other) + block("second", second, keep)
}

func (w *world) at(key, want string) resource.TestCheckFunc {
	return func(*terraform.State) error {
		if got := w.versions(key); got != want {
			return fmt.Errorf("%s holds %q, want %q", key, got, want)
		}
		return nil
	}
}

// What was deployed exists only in OSS. If its key goes to another resource in the same
// apply, the plan fails, in either order of the two and whatever the other one keeps.
func TestObjects_remoteChangesKeysMove(t *testing.T) {
	t.Parallel()
	for name, other := range map[string]string{"both keep": keep, "one keeps": ""} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			lost := says("Content in OSS would be lost ... first rename this object")
			deployed := func() {
				w.oss.PutObject(testBucket, "k1", []byte("one"), nil)
				w.oss.PutObject(testBucket, "k2", []byte("two"), nil)
			}
			w.testThen(func() error { return nil },
				resource.TestStep{Config: w.twoKept("k1", "k2", other)},
				w.sends(0, resource.TestStep{PreConfig: deployed, Config: w.twoKept("k2", "k3", other), ExpectError: lost}),
				w.sends(0, resource.TestStep{Config: w.twoKept("k2", "k1", other), ExpectError: lost}),
				resource.TestStep{PreConfig: deployed, Config: w.twoKept("k1", "k3", other), Check: w.at("k3", "two")},
				resource.TestStep{Config: w.twoKept("k2", "k3", other), Check: resource.ComposeTestCheckFunc(w.at("k3", "two"), w.at("k1", ""))},
			)
		})
	}
}

// Another instance has replaced the object. A rename does not copy what belongs to that
// instance, and leaves it there.
func TestAccObject_remoteChangesTakenAndRenamed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	file := w.write("file", "hello")
	config := w.object(file, keep)
	w.test(
		resource.TestStep{Config: strings.Replace(config, fmt.Sprintf("%q", testKey), `"old.txt"`, 1)},
		w.sends(5, resource.TestStep{
			PreConfig: func() {
				w.oss.PutObject(testBucket, "old.txt", []byte("of another"), http.Header{"X-Oss-Meta-Ossresumable-Owner": {"another"}})
			},
			Config: config,
			Check:  w.holds("hello", "text/plain"),
		}),
	)
	if n := w.oss.Count(osstest.CopyObject); n != 0 {
		t.Errorf("%d copies", n)
	}
	if err := w.at("old.txt", "of another")(nil); err != nil {
		t.Error(err)
	}
}
