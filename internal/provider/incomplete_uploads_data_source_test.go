// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
)

const day = 24 * time.Hour

// oldWorld is a world in which uploads were initiated at different times.
type oldWorld struct {
	*world
	ahead atomic.Int64 // of the clock of OSS
}

func newOldWorld(t *testing.T) *oldWorld {
	old := &oldWorld{}
	now := func() time.Time { return time.Now().Add(time.Duration(old.ahead.Load())) }
	old.world = &world{T: t, oss: osstest.Start(t, osstest.Config{Now: now}), dir: t.TempDir()}
	old.oss.CreateBucket(testBucket)
	return old
}

// begin begins an upload some time ago. Requests cannot: they are signed with
// the time of this machine.
func (w *oldWorld) begin(key string, ago time.Duration) (uploadID string) {
	now := w.ahead.Load()
	w.ahead.Store(now - int64(ago))
	defer w.ahead.Store(now)
	return w.oss.BeginUpload(testBucket, key, []byte("part"))
}

// listed returns the result of the data source as "key ID" lines.
func (s *server) listed(config map[string]tftypes.Value) string {
	s.Helper()
	var uploads []tftypes.Value
	s.check(s.mustRead("ossresumable_incomplete_uploads", config)["uploads"].As(&uploads), nil)
	var lines []string
	for _, upload := range uploads {
		var attributes map[string]tftypes.Value
		s.check(upload.As(&attributes), nil)
		var key, id, initiated string
		s.check(attributes["key"].As(&key), nil)
		s.check(attributes["upload_id"].As(&id), nil)
		s.check(attributes["initiated"].As(&initiated), nil)
		if _, err := time.Parse(time.RFC3339, initiated); err != nil || !strings.HasSuffix(initiated, "Z") {
			s.Errorf("initiated %q", initiated)
		}
		lines = append(lines, key+" "+id)
	}
	return strings.Join(lines, "\n")
}

func TestIncompleteUploadsDataSource(t *testing.T) {
	t.Parallel()
	w := newOldWorld(t)
	b := "b/two " + w.begin("b/two", 2*time.Hour)
	a := "a " + w.begin("a", 10*day)
	c := "b/ü\x01 " + w.begin("b/ü\x01", 30*day)
	s := w.serve(nil)
	for _, tt := range []struct {
		prefix, age string
		want        []string
	}{
		{"", "", []string{a, b, c}},
		{"", "0s", []string{a, b, c}},
		{"", "1h59m", []string{a, b, c}},
		{"", "2h1m", []string{a, c}},
		{"", "239h59m", []string{a, c}},
		{"", "240h1m", []string{c}},
		{"", "721h", nil},
		{"b/", "", []string{b, c}},
		{"b/ü", "168h", []string{c}},
		{"c", "", nil},
	} {
		config := map[string]tftypes.Value{"bucket": text(testBucket)}
		if tt.prefix != "" {
			config["prefix"] = text(tt.prefix)
		}
		if tt.age != "" {
			config["older_than"] = text(tt.age)
		}
		if got := s.listed(config); got != strings.Join(tt.want, "\n") {
			t.Errorf("prefix %q, older than %q: %q, want %q", tt.prefix, tt.age, got, tt.want)
		}
	}
}

// What counts is the clock of OSS: a machine whose clock is 20 hours ahead must
// not take the uploads of this hour for old ones.
func TestIncompleteUploadsDataSource_wrongClock(t *testing.T) {
	t.Parallel()
	for _, ahead := range []time.Duration{-20 * time.Hour, 20 * time.Hour} {
		w := newOldWorld(t)
		w.ahead.Store(int64(ahead))
		w.begin("young", time.Minute)
		old := w.begin("old", 2*day)
		got := w.serve(nil).listed(map[string]tftypes.Value{"bucket": text(testBucket), "older_than": text("12h")})
		if got != "old "+old {
			t.Errorf("OSS is %v ahead: %q", ahead, got)
		}
	}
}

func TestIncompleteUploadsDataSource_manyPages(t *testing.T) {
	t.Parallel()
	w := newOldWorld(t)
	for i := range 1001 {
		w.begin(fmt.Sprintf("key/%04d", i%7), 0)
	}
	w.oss.ResetLog()
	got := w.serve(nil).listed(map[string]tftypes.Value{"bucket": text(testBucket), "prefix": text("key/")})
	if n := strings.Count(got, "\n") + 1; n != 1001 || len(w.oss.Requests()) != 2 {
		t.Errorf("%d uploads after %d requests", n, len(w.oss.Requests()))
	}
}

func TestIncompleteUploadsDataSource_refused(t *testing.T) {
	t.Parallel()
	w := newOldWorld(t)
	s := w.serve(nil)
	const name = "ossresumable_incomplete_uploads"
	_, diags := s.read(name, map[string]tftypes.Value{"bucket": text("other-bucket"), "prefix": text("p")})
	s.expectDiagnostic(diags, tfprotov6.DiagnosticSeverityError, "Bucket does not exist", "bucket", "oss://other-bucket/p")
	w.oss.DenyActions("oss:ListMultipartUploads")
	_, diags = s.read(name, map[string]tftypes.Value{"bucket": text(testBucket)})
	s.expectDiagnostic(diags, tfprotov6.DiagnosticSeverityError, "Access denied", "bucket", "must allow oss:ListMultipartUploads on the bucket")
}

func TestAccIncompleteUploadsDataSource(t *testing.T) {
	t.Parallel()
	w := newOldWorld(t)
	id := w.begin("dir/a", 8*day)
	config := func(lines ...string) string {
		return w.providerBlock() + fmt.Sprintf("data \"ossresumable_incomplete_uploads\" \"test\" {\n  bucket = %q\n  %s\n}\n",
			testBucket, strings.Join(lines, "\n  "))
	}
	uploads := func(check knownvalue.Check) []statecheck.StateCheck {
		return []statecheck.StateCheck{
			statecheck.ExpectKnownValue("data.ossresumable_incomplete_uploads.test", tfjsonpath.New("uploads"), check),
		}
	}
	steps := []resource.TestStep{
		{Config: config(`prefix = "/dir"`), ExpectError: says(`must not begin with '/'`)},
		{Config: config(`older_than = "7d"`), ExpectError: says("in the units h, m and s")},
		{Config: config(`older_than = "-1h"`), ExpectError: says("must not be negative")},
		{Config: config(`prefix = "dir/"`, `older_than = "168h"`), ConfigStateChecks: uploads(knownvalue.ListExact([]knownvalue.Check{
			knownvalue.ObjectExact(map[string]knownvalue.Check{
				"key": knownvalue.StringExact("dir/a"), "upload_id": knownvalue.StringExact(id),
				"initiated": knownvalue.StringRegexp(regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$`)), "storage_class": knownvalue.StringExact("Standard"),
			}),
		}))},
		{Config: config(`prefix = ""`, `older_than = "240h"`), ConfigStateChecks: uploads(knownvalue.ListSizeExact(0))},
		{PreConfig: func() { w.oss.AbortUpload(id) }, Config: config(), ConfigStateChecks: uploads(knownvalue.ListSizeExact(0))},
	}
	w.test(steps...)
}
