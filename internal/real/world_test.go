// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package real

import (
	"cmp"
	"context"
	"crypto/rand"
	"maps"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/ossclient"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/provider"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// The kinds of buckets.
const (
	plain     = "plain"
	versioned = "versioned"
	worm      = "worm"
	encrypted = "encrypted"
	protected = "protected"
	hiding    = "hiding"
	alias     = "alias"
)

var bucketVariables = map[string]string{
	plain:     "OSSRESUMABLE_TEST_BUCKET",
	versioned: "OSSRESUMABLE_TEST_BUCKET_VERSIONED", // versioning is on
	worm:      "OSSRESUMABLE_TEST_BUCKET_WORM",      // object-level retention, without a default rule
	encrypted: "OSSRESUMABLE_TEST_BUCKET_ENCRYPTED", // KMS by default
	protected: "OSSRESUMABLE_TEST_BUCKET_PROTECTED", // forbids overwriting
	hiding:    "OSSRESUMABLE_TEST_BUCKET_HIDING",    // a response rule hides Last-Modified or ETag
	alias:     "OSSRESUMABLE_TEST_ACCESS_POINT",     // the alias of an access point of the plain bucket
}

// Variables for single questions.
const (
	cnameVariable      = "OSSRESUMABLE_TEST_CNAME"       // a domain that is bound to the plain bucket
	accelerateVariable = "OSSRESUMABLE_TEST_ACCELERATE"  // the plain bucket has transfer acceleration
	largeVariable      = "OSSRESUMABLE_TEST_LARGE"       // allows to store 7 GiB for some minutes
	limitedVariable    = "OSSRESUMABLE_TEST_LIMITED_KEY" // "id:secret" of a user with only oss:GetObject
	expiredVariable    = "OSSRESUMABLE_TEST_EXPIRED_KEY" // "id:secret:token" of an expired session
)

// world is OSS or the test server, with the results of a run.
type world struct {
	t         *testing.T
	ctx       context.Context
	server    *osstest.Server // nil for OSS
	config    ossclient.Config
	client    *ossclient.Client
	raw       *rawClient
	buckets   map[string]string // by kind
	variables map[string]string
	prefix    string // prefix of every key
	costs     costs
	rows      []row
	gib       int64 // size that represents a GiB; far less on the test server

	pretends   bool      // the test prescribes answers of the test server
	unexpected func(row) // is called for an answer that fails the run

	terraformRequests int // of the test server

	offset        atomic.Int64 // nanoseconds that the test server's clock is ahead
	retainedUntil time.Time    // when the last retention ends
}

// asksOSS reports whether a bucket is set, and TF_ACC allows to use it.
func asksOSS() bool { return os.Getenv("TF_ACC") != "" && os.Getenv(bucketVariables[plain]) != "" }

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, buckets: map[string]string{}, variables: map[string]string{}, prefix: "ossresumable-test/" + strings.ToLower(rand.Text()) + "/"}
	w.ctx = w.costs.watch(t.Context())
	w.unexpected = func(r row) { t.Errorf("%s: expected: %s", r.id, r.expected) }
	var err error
	if asksOSS() {
		err = w.useOSS()
	} else {
		err = w.useTestServer()
	}
	if err == nil {
		w.client, err = ossclient.New(w.config)
	}
	if err == nil {
		w.raw, err = newRawClient(w.config)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("all keys begin with %s; if this run is killed, remove the remaining objects and uploads", w.prefix)
	return w
}

func (w *world) useOSS() (err error) {
	w.gib = 1 << 30
	for kind, variable := range bucketVariables {
		w.buckets[kind] = os.Getenv(variable)
	}
	for _, name := range []string{cnameVariable, accelerateVariable, largeVariable, limitedVariable, expiredVariable} {
		w.variables[name] = os.Getenv(name)
	}
	w.config, err = provider.ClientFromEnvironment("test")
	return err
}

// useTestServer uses the test server with the endpoint of OSS, through a proxy, so that
// buckets are subdomains.
func (w *world) useTestServer() error {
	w.gib = 16 << 20
	w.server = osstest.Start(w.t, osstest.Config{
		CopyLimit: 5 * w.gib, ConvertLimit: w.gib, Now: func() time.Time { return time.Now().Add(time.Duration(w.offset.Load())) },
	})
	for _, kind := range []string{plain, versioned, worm, encrypted} {
		w.buckets[kind] = kind + "-bucket-of-the-test-server"
		w.server.CreateBucket(w.buckets[kind])
	}
	w.server.SetVersioning(w.buckets[versioned], "Enabled")
	w.server.EnableObjectWorm(w.buckets[worm], "", 0)
	w.server.SetEncryption(w.buckets[encrypted], "KMS", "")
	w.server.BindDomain("files.example.com", w.buckets[plain])
	w.server.AddCredential(osstest.Credential{AccessKeyID: "expired-key-id", AccessKeySecret: "expired-secret", SecurityToken: "expired-token", Expires: time.Now()})
	w.variables = map[string]string{
		cnameVariable: "http://files.example.com", accelerateVariable: "1", largeVariable: "1", expiredVariable: "expired-key-id:expired-secret:expired-token",
		limitedVariable: osstest.AccessKeyID + ":" + osstest.AccessKeySecret,
	}
	proxy, err := url.Parse(w.server.URL())
	w.config = ossclient.Config{
		Endpoint: "http://oss-cn-hangzhou.aliyuncs.com", Region: "cn-hangzhou", Proxy: proxy,
		Credentials: ossclient.Static(ossclient.Credentials{AccessKeyID: osstest.AccessKeyID, AccessKeySecret: osstest.AccessKeySecret}),
	}
	return err
}

// terraformEnv returns the environment for Terraform, with the same endpoint.
func (w *world) terraformEnv(checkpoints string) []string {
	env := []string{"OSSRESUMABLE_CHECKPOINT_DIR=" + checkpoints, "TF_LOG_PROVIDER=INFO"}
	if w.server != nil {
		return append(env, "OSS_ENDPOINT="+w.config.Endpoint, "HTTP_PROXY="+w.server.URL(), "ALIBABA_CLOUD_REGION=cn-hangzhou",
			"ALIBABA_CLOUD_ACCESS_KEY_ID="+osstest.AccessKeyID, "ALIBABA_CLOUD_ACCESS_KEY_SECRET="+osstest.AccessKeySecret)
	}
	for _, variable := range os.Environ() {
		for _, family := range []string{"ALICLOUD_", "ALIBABA_CLOUD_", "ALIBABACLOUD_", "OSS_"} {
			if strings.HasPrefix(variable, family) {
				env = append(env, variable)
			}
		}
	}
	return env
}

func (w *world) object(kind, name string) resumable.Object {
	return resumable.Object{Bucket: w.buckets[kind], Key: w.prefix + name}
}

// private returns the names that a report must not contain.
func (w *world) private() map[string]string {
	names := map[string]string{strings.TrimPrefix(strings.TrimPrefix(w.variables[cnameVariable], "http://"), "https://"): "CNAME", w.prefix: "PREFIX/"}
	for kind, name := range w.buckets {
		names[name] = "BUCKET-" + strings.ToUpper(kind)
	}
	for _, variable := range []string{limitedVariable, expiredVariable} {
		for secret := range strings.SplitSeq(w.variables[variable], ":") {
			names[secret] = "KEY"
		}
	}
	if credentials, err := w.config.Credentials.Credentials(w.ctx); err == nil {
		maps.Copy(names, map[string]string{credentials.AccessKeyID: "KEY", credentials.AccessKeySecret: "SECRET", credentials.SecurityToken: "TOKEN"})
	}
	// The endpoint may be that of a private cloud. A public endpoint contains the region.
	if host := w.endpoint(); !strings.HasSuffix(host, ".aliyuncs.com") {
		names[host] = "ENDPOINT"
	}
	return names
}

func (w *world) endpoint() string { return cmp.Or(w.raw.origin.Host, w.config.Endpoint) }

// now returns the time of OSS.
func (w *world) now() time.Time { return time.Now().Add(time.Duration(w.offset.Load())) }

// passes waits until a time has passed on the clock of OSS.
func (w *world) passes(ctx context.Context, at time.Time) {
	left := time.Until(at) + 2*time.Second
	if w.server != nil {
		w.offset.Store(max(w.offset.Load(), int64(left)))
		return
	}
	timer := time.NewTimer(left)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
