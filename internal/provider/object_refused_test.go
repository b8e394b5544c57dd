// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
)

// through returns a provider block that uses the server as the proxy for its endpoint.
func (w *world) through(endpoint string, more ...string) string {
	block := w.providerBlock(append(more, fmt.Sprintf("proxy_url = %q", w.oss.URL()))...)
	return strings.Replace(block, fmt.Sprintf("endpoint       = %q", w.oss.URL()), fmt.Sprintf("endpoint       = %q", endpoint), 1)
}

// An account that cannot use the public endpoint gets this error at apply and at
// refresh, and both solutions in the error work.
func TestAccObject_publicEndpointForbidden(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.oss.ForbidPublicEndpoint(testBucket)
	w.oss.BindDomain("files.example.com", testBucket)
	object := w.resource(fmt.Sprintf("source = %q", w.write("file", "hello")))
	public := w.through("http://oss-cn-hangzhou.aliyuncs.com") + object
	refused := says("Public endpoint not available to this account ... PublicEndpointForbidden ... EC 0048-00000401 ... " +
		"oss://test-bucket/dir/file.txt ... use_cname = true ... use_internal_endpoint = true ... another region")
	w.test(
		resource.TestStep{Config: public, ExpectError: refused},
		resource.TestStep{
			Config: w.through("http://files.example.com", "use_cname = true") + object,
			Check:  w.holds("hello", "text/plain"),
		},
		resource.TestStep{Config: public, ExpectError: refused},
		resource.TestStep{
			Config:           w.through("http://oss-cn-hangzhou-internal.aliyuncs.com") + object,
			ConfigPlanChecks: planned(action(plancheck.ResourceActionNoop)),
		},
	)
}

// Permanent refusals: one apply each, with an error that says what to change.
func TestAccObject_refused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	config := w.object(w.write("file", "hello"))
	mitm := httptest.NewUnstartedServer(http.NotFoundHandler())
	mitm.Config.ErrorLog = log.New(io.Discard, "", 0)
	mitm.StartTLS()
	defer mitm.Close()
	var steps []resource.TestStep
	for _, test := range []struct {
		fault osstest.Fault
		says  string
	}{
		{osstest.Refuse(403, "SecondLevelDomainForbidden"), "OSS refuses path-style requests ... Remove use_path_style"},
		{osstest.Refuse(403, "UserDisable", "x-oss-ec", "0003-00000801"), "Account is suspended ... payment is overdue"},
		{osstest.Refuse(403, "QuotaExceeded"), "Quota exceeded"},
		{osstest.Refuse(403, "KmsServiceNotEnabled"), "Key Management Service is not activated ... Activate KMS"},
		{osstest.Refuse(400, "InvalidBucketName"), "Invalid bucket name ... bucket = "},
		{osstest.Refuse(400, "InvalidTargetBucketForLogging"), "Invalid logging target of the bucket"},
		{osstest.Refuse(403, "AccessDenied", "x-oss-ec", "0016-00000901"), "Public access is blocked ... Block Public Access is enabled"},
		{osstest.Garbage(413, "text/html", "<h1>413 Request Entity Too Large</h1>"), "Request too large for a proxy ... Set part_size and multipart_threshold below the limit"},
		{
			osstest.Refuse(400, "InvalidArgument", "x-oss-ec", "0017-00000105"),
			"Request refused ... will be refused again ... 400 InvalidArgument ... 0017-00000105 ... Request ID: ... https://api.aliyun.com/troubleshoot?q=0017-00000105",
		},
	} {
		steps = append(steps, resource.TestStep{
			PreConfig: func() {
				w.oss.ClearRules()
				w.oss.AddRule(osstest.Rule{Op: osstest.PutObject, Fault: test.fault})
			},
			Config: config, ExpectError: says(test.says),
		})
	}
	with := func(old, replacement string) string { return strings.Replace(config, old, replacement, 1) }
	for _, test := range []struct{ config, says string }{
		{with(`"cn-hangzhou"`, `"cn-shanghai"`), "Region does not match the endpoint ... 0002-00000226 ... Set region to the region of the bucket"},
		{with(w.oss.URL(), mitm.URL), "Certificate of OSS is not trusted ... SSL_CERT_FILE"},
		{with(`"cn-hangzhou"`, `"cn-hangzhou-internal"`), `Invalid provider argument ... use region = "cn-hangzhou", and use_internal_endpoint = true`},
		{with(w.oss.URL(), "test-bucket.oss-cn-hangzhou.aliyuncs.com"), `Invalid provider argument ... use "oss-cn-hangzhou.aliyuncs.com"`},
	} {
		steps = append(steps, resource.TestStep{PreConfig: w.oss.ClearRules, Config: test.config, ExpectError: says(test.says)})
	}
	w.test(steps...)
	for _, r := range w.oss.Requests() {
		if r.Op.Writes() && r.Status == 200 {
			t.Errorf("done: %s", r)
		}
	}
}

// A bucket of another account requires the requester to pay: requests without the
// argument are refused, and everything from create to destroy works with it.
func TestAccObject_requestPayer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.oss.RequesterPays(testBucket)
	w.oss.AddCredential(osstest.Credential{AccessKeyID: "guest", AccessKeySecret: "guest-secret", Guest: true})
	block := func(more ...string) string {
		return strings.NewReplacer(osstest.AccessKeyID, "guest", osstest.AccessKeySecret, "guest-secret").Replace(w.providerBlock(more...))
	}
	first, second := strings.Repeat("a", 300_000), strings.Repeat("b", 300_000)
	file := w.write("file", first)
	object := w.resource(fmt.Sprintf("source = %q", filepath.ToSlash(file)), "part_size = 102400", "multipart_threshold = 102400")
	tagged := strings.Replace(object, "part_size", "tags = { a = \"b\" }\n  part_size", 1)
	pays := block(`request_payer = "requester"`)
	w.test(
		resource.TestStep{
			Config:      block() + object,
			ExpectError: says(`Bucket requires the requester to pay ... 0003-00000703 ... request_payer = "requester"`),
		},
		resource.TestStep{Config: block(`request_payer = "me"`) + object, ExpectError: says("request_payer")},
		resource.TestStep{Config: pays + object, Check: w.holds(first, "text/plain")},
		resource.TestStep{Config: pays + tagged, Check: w.holds(first, "text/plain")},
		resource.TestStep{
			PreConfig: func() { w.write("file", second) },
			Config:    pays + tagged, Check: w.holds(second, "text/plain"),
		},
	)
}
