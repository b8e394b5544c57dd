// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
)

// attributeTest tests one attribute: an object is created with it, imported, changed,
// changed by another program, and the attribute is removed.
type attributeTest struct {
	attribute     string
	first, second string // in the configuration
	stored        func(osstest.ObjectInfo) string
	inOSS         [3]string // the result of stored with first, with second, and without the attribute
	drift         func(s *osstest.Server, key string)

	copied        bool   // a change copies the object
	stays         bool   // OSS keeps the value if the attribute is removed
	notImported   bool   // or imported with another spelling
	with          string // other arguments
	unknownBeside []string
}

func header(name string) func(osstest.ObjectInfo) string {
	return func(info osstest.ObjectInfo) string { return info.Header.Get(name) }
}

func setHeader(name, value string) func(s *osstest.Server, key string) {
	return func(s *osstest.Server, key string) { s.SetHeader(testBucket, key, name, value) }
}

func tagsOf(info osstest.ObjectInfo) string {
	var tags []string
	for _, key := range slices.Sorted(maps.Keys(info.Tags)) {
		tags = append(tags, key+"="+info.Tags[key])
	}
	return strings.Join(tags, ", ")
}

var attributeTests = []attributeTest{
	{
		attribute: "content_type", first: `"text/html"`, second: `"text/css"`, copied: true,
		stored: header("Content-Type"), inOSS: [3]string{"text/html", "text/css", "text/plain"},
		drift: setHeader("Content-Type", "image/png"),
	},
	{
		attribute: "cache_control", first: `"no-cache"`, second: `"public, max-age=60"`, copied: true,
		stored: header("Cache-Control"), inOSS: [3]string{"no-cache", "public, max-age=60", ""},
		drift: setHeader("Cache-Control", ""),
	},
	{
		attribute: "content_disposition", first: `"inline"`, second: `"attachment; filename*=UTF-8''%E6%8A%A5.pdf"`, copied: true,
		stored: header("Content-Disposition"), inOSS: [3]string{"inline", "attachment; filename*=UTF-8''%E6%8A%A5.pdf", ""},
		drift: setHeader("Content-Disposition", "attachment"),
	},
	{
		attribute: "content_encoding", first: `"gzip"`, second: `"zstd"`, copied: true,
		stored: header("Content-Encoding"), inOSS: [3]string{"gzip", "zstd", ""},
		drift: setHeader("Content-Encoding", "br"),
	},
	{
		attribute: "content_language", first: `"zh-CN"`, second: `"en, de"`, copied: true,
		stored: header("Content-Language"), inOSS: [3]string{"zh-CN", "en, de", ""},
		drift: setHeader("Content-Language", "fr"),
	},
	{
		attribute: "expires", first: `"2027-01-31T14:00:00+02:00"`, second: `"Mon, 01 Feb 2027 12:00:00 GMT"`, copied: true,
		stored: header("Expires"), inOSS: [3]string{"Sun, 31 Jan 2027 12:00:00 GMT", "Mon, 01 Feb 2027 12:00:00 GMT", ""},
		drift: setHeader("Expires", "0"), notImported: true,
	},
	{
		attribute: "metadata", first: `{ owner = "team a", rev = "1" }`, second: `{ rev = "2" }`, copied: true,
		stored: func(info osstest.ObjectInfo) string {
			return info.Header.Get("x-oss-meta-owner") + "/" + info.Header.Get("x-oss-meta-rev") + "/" + info.Header.Get("x-oss-meta-other")
		},
		inOSS: [3]string{"team a/1/", "/2/", "//"},
		drift: setHeader("x-oss-meta-other", "another program's"),
	},
	{
		attribute: "tags", first: `{ "a:b/c" = "d e+f=g", k = "" }`, second: `{ k = "v" }`,
		stored: tagsOf, inOSS: [3]string{"a:b/c=d e+f=g, k=", "k=v", ""},
		drift: func(s *osstest.Server, key string) { s.SetTags(testBucket, key, map[string]string{"k": "other"}) },
	},
	{
		attribute: "acl", first: `"private"`, second: `"public-read"`,
		stored: func(info osstest.ObjectInfo) string { return info.ACL }, inOSS: [3]string{"private", "public-read", "default"},
		drift: func(s *osstest.Server, key string) { s.SetACL(testBucket, key, "public-read-write") }, notImported: true,
	},
	{
		attribute: "storage_class", first: `"Standard"`, second: `"IA"`, copied: true, stays: true,
		stored: header("x-oss-storage-class"), inOSS: [3]string{"Standard", "IA", "IA"},
		drift: setHeader("x-oss-storage-class", "Standard"),
	},
	{
		attribute: "server_side_encryption", first: `"AES256"`, second: `"KMS"`, copied: true, stays: true,
		stored: header("x-oss-server-side-encryption"), inOSS: [3]string{"AES256", "KMS", "KMS"},
		drift: func(s *osstest.Server, key string) { // setHeader would leave the other key
			s.PutObject(testBucket, key, []byte("hello"), http.Header{
				"Content-Type": {"text/plain"}, "X-Oss-Server-Side-Encryption": {"AES256"},
			})
		},
		unknownBeside: []string{"kms_key_id", "server_side_data_encryption"},
	},
	{
		attribute: "server_side_data_encryption", first: `null`, second: `"SM4"`, copied: true, stays: true,
		stored: header("x-oss-server-side-data-encryption"), inOSS: [3]string{"", "SM4", "SM4"},
		drift: setHeader("x-oss-server-side-data-encryption", ""), with: `server_side_encryption = "KMS"`,
	},
	{
		attribute: "kms_key_id", first: `"key-1"`, second: `"key-2"`, copied: true, stays: true,
		stored: header("x-oss-server-side-encryption-key-id"), inOSS: [3]string{"key-1", "key-2", "key-2"},
		drift: setHeader("x-oss-server-side-encryption-key-id", "key-3"), with: `server_side_encryption = "KMS"`,
	},
}

// One resource for each attribute. They are planned and applied at once, so this test also runs
// with the race detector.
func TestObjects_attributes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.oss.SetVersioning(testBucket, "Enabled")
	file := w.write("file", "hello")
	config := func(value func(attributeTest) string) string {
		text := w.providerBlock()
		for _, test := range attributeTests {
			text += test.resource(file, value(test))
		}
		return text
	}
	first := config(func(test attributeTest) string { return test.attribute + " = " + test.first })
	second := config(func(test attributeTest) string { return test.attribute + " = " + test.second })
	without := config(func(attributeTest) string { return "" })
	drift := func() {
		for _, test := range attributeTests {
			test.drift(w.oss, test.key())
		}
	}

	steps := []resource.TestStep{w.sends(int64(len("hello")*len(attributeTests)), resource.TestStep{
		Config: first, Check: w.haveAttributes(0), ConfigPlanChecks: plannedAll(attributeTest.creates),
	})}
	for _, test := range attributeTests {
		steps = append(steps, test.imported())
	}
	steps = append(
		steps,
		w.sends(0, resource.TestStep{Config: second, Check: w.haveAttributes(1), ConfigPlanChecks: plannedAll(attributeTest.changes, attributeTest.unknowns)}),
		w.sends(0, resource.TestStep{PreConfig: drift, Config: second, Check: w.haveAttributes(1), ConfigPlanChecks: plannedAll(attributeTest.changes)}),
		w.sends(0, resource.TestStep{Config: without, Check: w.haveAttributes(2), ConfigPlanChecks: plannedAll(attributeTest.removes)}),
	)
	w.testThen(w.attributesAreGone, steps...)
}

func (test attributeTest) key() string { return "dir/" + test.attribute + ".txt" }
func (test attributeTest) address() resourceAddress {
	return resourceAddress("ossresumable_object." + test.attribute)
}

func (test attributeTest) resource(file, line string) string {
	return fmt.Sprintf(`
resource "ossresumable_object" %q {
  bucket = %q
  key    = %q
  source = %q
  %s
  %s
}
`, test.attribute, testBucket, test.key(), file, test.with, line)
}

// haveAttributes checks all objects. i is the index of inOSS. Only the attributes that need a
// copy have made one.
func (w *world) haveAttributes(i int) resource.TestCheckFunc {
	return func(*terraform.State) error {
		for _, test := range attributeTests {
			info, _ := w.oss.Object(testBucket, test.key())
			if got := test.stored(info); got != test.inOSS[i] {
				return fmt.Errorf("OSS holds %s %q, want %q", test.attribute, got, test.inOSS[i])
			}
			copied := slices.ContainsFunc(w.oss.Requests(), func(r osstest.Request) bool {
				return r.Op == osstest.CopyObject && r.Key == test.key()
			})
			if copied && !test.copied {
				return fmt.Errorf("a copy for %s", test.attribute)
			}
		}
		return nil
	}
}

func (w *world) attributesAreGone() error {
	for _, test := range attributeTests {
		if _, exists := w.oss.Object(testBucket, test.key()); exists {
			return fmt.Errorf("%s outlives its resource", test.key())
		}
	}
	return nil
}

// plannedAll collects checks of the plan of all resources.
func plannedAll(checks ...func(attributeTest) plancheck.PlanCheck) resource.ConfigPlanChecks {
	var all planChecks
	for _, test := range attributeTests {
		for _, check := range checks {
			all = append(all, check(test))
		}
	}
	return planned(all)
}

func (test attributeTest) creates() plancheck.PlanCheck {
	return planChecks{test.address().action(plancheck.ResourceActionCreate), test.address().unknown("etag", "version_id", "last_modified")}
}

func (test attributeTest) changes() plancheck.PlanCheck {
	written := test.address().kept("etag", "version_id", "last_modified")
	if test.copied {
		written = test.address().unknown("etag", "version_id", "last_modified")
	}
	return planChecks{
		test.address().action(plancheck.ResourceActionUpdate), test.address().kept("source_hash", "crc64", "content_length", "id"), written,
	}
}

func (test attributeTest) unknowns() plancheck.PlanCheck {
	return test.address().unknown(test.unknownBeside...)
}

func (test attributeTest) removes() plancheck.PlanCheck {
	if test.stays {
		return test.address().action(plancheck.ResourceActionNoop)
	}
	return test.changes()
}

func (test attributeTest) imported() resource.TestStep {
	ignored := []string{"source"}
	if test.notImported {
		ignored = append(ignored, test.attribute)
	}
	return resource.TestStep{
		ResourceName: string(test.address()), ImportState: true, ImportStateId: testBucket + "/" + test.key(),
		ImportStateVerify: true, ImportStateVerifyIgnore: ignored,
	}
}

// All attributes at once, in a bucket without versioning: set with new content, set
// without new content, and removed.
func TestAccObject_attributesTogether(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	file := w.write("file", "hello")
	all := func(rev, acl, class string) []string {
		return []string{
			fmt.Sprintf("cache_control = %q", "max-age="+rev), fmt.Sprintf("metadata = { rev = %q }", rev),
			fmt.Sprintf("tags = { rev = %q }", rev), fmt.Sprintf("acl = %q", acl), fmt.Sprintf("storage_class = %q", class),
			`server_side_encryption = "SM4"`, `expires = "2027-01-31T12:00:00Z"`,
		}
	}
	holds := func(want string) resource.TestCheckFunc {
		return func(*terraform.State) error {
			info, _ := w.oss.Object(testBucket, testKey)
			got := strings.Join([]string{
				info.Header.Get("Cache-Control"), info.Header.Get("x-oss-meta-rev"), tagsOf(info), info.ACL,
				info.Header.Get("x-oss-storage-class"), info.Header.Get("x-oss-server-side-encryption"), info.Header.Get("Expires"),
			}, "; ")
			if got != want {
				return fmt.Errorf("OSS holds %q, want %q", got, want)
			}
			return nil
		}
	}
	w.test(
		w.sends(5, resource.TestStep{
			Config: w.object(file, all("1", "private", "Standard")...), ConfigPlanChecks: planned(),
			Check: holds("max-age=1; 1; rev=1; private; Standard; SM4; Sun, 31 Jan 2027 12:00:00 GMT"),
		}),
		w.sends(0, resource.TestStep{
			Config: w.object(file, all("2", "public-read", "IA")...), ConfigPlanChecks: planned(unknown("etag")),
			Check: holds("max-age=2; 2; rev=2; public-read; IA; SM4; Sun, 31 Jan 2027 12:00:00 GMT"),
		}),
		w.sends(5, resource.TestStep{
			PreConfig: func() { w.write("file", "world") },
			Config:    w.object(file, all("3", "private", "Standard")...), ConfigPlanChecks: planned(unknown("etag")),
			Check: holds("max-age=3; 3; rev=3; private; Standard; SM4; Sun, 31 Jan 2027 12:00:00 GMT"),
		}),
		w.sends(0, resource.TestStep{
			Config: w.object(file),
			ConfigPlanChecks: planned(unknown("etag"), knownText("storage_class", "Standard"),
				knownText("server_side_encryption", "SM4"), known("tags", knownvalue.Null()), known("metadata", knownvalue.Null())),
			Check: holds("; ; ; default; Standard; SM4; "),
		}),
		w.sends(5, resource.TestStep{ // for new content, the bucket chooses
			PreConfig: func() { w.write("file", "hello") },
			Config:    w.object(file), ConfigPlanChecks: planned(unknown("storage_class", "server_side_encryption")),
			Check: holds("; ; ; default; Standard; ; "),
		}),
	)
}

// An object that already matches the configuration is neither sent nor copied. Its ACL
// is not known before it is set.
func TestAccObject_importWithAttributes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.oss.PutObject(testBucket, testKey, []byte("hello"), http.Header{
		"Content-Type": {"text/plain"}, "Cache-Control": {"no-cache"}, "Expires": {"Sun, 31 Jan 2027 12:00:00 GMT"},
		"X-Oss-Meta-Rev": {"1"}, "X-Oss-Storage-Class": {"IA"}, "X-Oss-Tagging": {"a=b"},
	})
	w.test(w.sends(0, resource.TestStep{
		Config: w.object(w.write("file", "hello"), `cache_control = "no-cache"`, `expires = "2027-01-31T12:00:00Z"`,
			`metadata = { rev = "1" }`, `storage_class = "IA"`, `tags = { a = "b" }`, `acl = "private"`) + fmt.Sprintf(`
import {
  to = %s
  id = "%s/%s"
}
`, testAddress, testBucket, testKey),
		ConfigPlanChecks: planned(action(plancheck.ResourceActionUpdate), kept("etag", "last_modified", "tags", "metadata")),
		PostApplyFunc: func() {
			if n := w.oss.Count(osstest.CopyObject); n > 0 {
				t.Errorf("%d copies", n)
			}
			if info, _ := w.oss.Object(testBucket, testKey); info.ACL != "private" {
				t.Errorf("the ACL is %s", info.ACL)
			}
		},
	}))
}

// Attributes that are not in the configuration are removed from the object, except the
// ACL, which another program may manage.
func TestAccObject_driftOfUnsetAttributes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	config := w.object(w.write("file", "hello"))
	w.test(
		resource.TestStep{Config: config, ConfigPlanChecks: planned()},
		w.sends(0, resource.TestStep{
			PreConfig: func() { setHeader("x-oss-meta-a", "b")(w.oss, testKey) },
			Config:    config,
			ConfigPlanChecks: planned(action(plancheck.ResourceActionUpdate), known("metadata", knownvalue.Null()),
				unknown("etag", "last_modified")),
		}),
		w.sends(0, resource.TestStep{
			PreConfig: func() { w.oss.SetTags(testBucket, testKey, map[string]string{"a": "b"}) },
			Config:    config,
			ConfigPlanChecks: planned(action(plancheck.ResourceActionUpdate), known("tags", knownvalue.Null()),
				kept("etag", "last_modified")),
		}),
		w.sends(0, resource.TestStep{
			PreConfig:        func() { w.oss.SetACL(testBucket, testKey, "private") },
			Config:           config,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
		}),
		w.sends(0, resource.TestStep{ // with a copy as well
			Config:           w.object(w.dir+"/file", `cache_control = "no-cache"`),
			ConfigPlanChecks: planned(unknown("etag")),
			PostApplyFunc: func() {
				if info, _ := w.oss.Object(testBucket, testKey); info.ACL != "private" {
					t.Errorf("the ACL is %s", info.ACL)
				}
			},
		}),
	)
}

// On the domains of OSS, HTML and images have a Content-Disposition that is not that of
// the object. The next plan is empty, headers can change, and a configured value is
// stored with a warning.
func TestAccObject_forcedDownload(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.oss.AddRule(osstest.Rule{Op: osstest.HeadObject, Fault: osstest.Func(func(osstest.Request) osstest.Fault {
		return osstest.OverrideHeader("x-oss-force-download", "true")
	})})
	file := w.write("file", "hello")
	w.test(
		resource.TestStep{Config: w.object(file)},
		w.sends(0, resource.TestStep{
			Config:            w.object(file, `content_disposition = "inline"`, `cache_control = "no-cache"`),
			ConfigPlanChecks:  planned(unknown("etag")),
			ConfigStateChecks: []statecheck.StateCheck{state("content_disposition", knownvalue.StringExact("inline"))},
		}),
		w.sends(0, resource.TestStep{Config: w.object(file, `cache_control = "no-store"`), ConfigPlanChecks: planned(unknown("etag"))}),
	)
}

// If a HEAD shows no CRC-64, the provider compares the ETag.
func TestAccObject_withoutCRC64(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.oss.AddRule(osstest.Rule{Op: osstest.HeadObject, Fault: osstest.OverrideHeader("x-oss-hash-crc64ecma", "")})
	file := w.write("file", "hello")
	header := `cache_control = "no-cache"`
	w.test(
		w.sends(5, resource.TestStep{Config: w.object(file)}),
		w.sends(0, resource.TestStep{Config: w.object(file, header), ConfigPlanChecks: planned(unknown("etag"))}),
		w.sends(5, resource.TestStep{
			PreConfig: func() { w.write("file", "world") },
			Config:    w.object(file, header), ConfigPlanChecks: planned(unknown("etag")),
		}),
		w.sends(0, resource.TestStep{Config: strings.Replace(w.object(file, header), testKey, "elsewhere", 1)}),
	)
}

// A rule of the bucket hides the headers from which the provider detects changes.
func TestAccObject_hiddenHeader(t *testing.T) {
	t.Parallel()
	for _, header := range []string{"Last-Modified", "ETag"} {
		w := newWorld(t)
		w.oss.PutObject(testBucket, testKey, []byte("hello"), nil)
		w.oss.AddRule(osstest.Rule{Op: osstest.HeadObject, Fault: osstest.OverrideHeader(header, "")})
		w.test(resource.TestStep{
			Config:      w.object(w.write("file", "hello")),
			ExpectError: says(header + " ... PutBucketResponseHeader"),
		})
	}
}
