// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package ossclient

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// TestAddress checks the URL of a request for each kind of endpoint.
func TestAddress(t *testing.T) {
	object := resumable.Object{Bucket: "bucket", Key: "dir/a b"}
	for name, tt := range map[string]struct {
		cfg  Config
		want string
	}{
		"public":     {Config{}, "https://bucket.oss-cn-hangzhou.aliyuncs.com/dir%2Fa%20b"},
		"internal":   {Config{Internal: true}, "https://bucket.oss-cn-hangzhou-internal.aliyuncs.com/dir%2Fa%20b"},
		"accelerate": {Config{Accelerate: true}, "https://bucket.oss-accelerate.aliyuncs.com/dir%2Fa%20b"},
		"other":      {Config{Endpoint: "http://oss.example.com:8080"}, "http://bucket.oss.example.com:8080/dir%2Fa%20b"},
		"CNAME":      {Config{Endpoint: "files.example.com", CNAME: true}, "https://files.example.com/dir%2Fa%20b"},
		"path style": {Config{Endpoint: "gateway.example.com", PathStyle: true}, "https://gateway.example.com/bucket/dir%2Fa%20b"},
		"IP address": {Config{Endpoint: "http://127.0.0.1:9"}, "http://127.0.0.1:9/bucket/dir%2Fa%20b"},
	} {
		for _, version := range []string{"v4", "v1"} {
			var got string
			tt.cfg.SignVersion = version
			c := over(clientFor(t, tt.cfg, patient), roundTripFunc(func(r *http.Request) (*http.Response, error) {
				got = r.URL.Scheme + "://" + r.URL.Host + r.URL.EscapedPath()
				return &http.Response{StatusCode: 204, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("")), Request: r}, nil
			}), patient)
			if err := c.DeleteObject(t.Context(), object); err != nil || got != tt.want {
				t.Errorf("%s, %s: sent to %s, want %s; %v", name, version, got, tt.want, err)
			}
		}
	}
}

// The signature covers the bucket for each kind of endpoint. The client uses the
// server as a proxy, so the names are not resolved.
func TestAddress_signed(t *testing.T) {
	for name, cfg := range map[string]Config{
		"CNAME":      {Endpoint: "http://files.example.com", CNAME: true},
		"path style": {Endpoint: "http://gateway.example.com", PathStyle: true},
		"host":       {Endpoint: "http://oss-cn-hangzhou-internal.aliyuncs.com"},
	} {
		for _, version := range []string{"v4", "v1"} {
			server := startServer(t)
			server.BindDomain("files.example.com", bucketName)
			cfg.SignVersion = version
			cfg.Proxy, _ = url.Parse(server.URL())
			c := clientFor(t, cfg, patient)
			dst := resumable.Destination{
				Object:  resumable.Object{Bucket: bucketName, Key: "dir/a b"},
				Headers: resumable.Headers{ContentType: "text/plain"},
			}
			putAndCopy(t, c, dst)
			if _, stored := server.Object(bucketName, "dir/a b"); !stored {
				t.Errorf("%s, %s: the object was not stored in the bucket", name, version)
			}
		}
	}
}

func TestNew_conflictingEndpoints(t *testing.T) {
	for naming, cfg := range map[string]Config{
		"use_accelerate_endpoint: conflicts with use_internal": {Internal: true, Accelerate: true},
		"use_internal_endpoint: conflicts with endpoint":       {Internal: true, Endpoint: "x"},
		"use_accelerate_endpoint: conflicts with endpoint":     {Accelerate: true, Endpoint: "x"},
		"use_cname: requires endpoint":                         {CNAME: true},
		"use_path_style: requires endpoint":                    {PathStyle: true},
		"use_path_style: conflicts with use_cname":             {PathStyle: true, CNAME: true, Endpoint: "x"},
	} {
		cfg.Region, cfg.Credentials = "cn-hangzhou", Static(Credentials{})
		if _, err := New(cfg); err == nil || !strings.HasPrefix(err.Error(), naming) {
			t.Errorf("got %v, want %q", err, naming)
		}
	}
}

// A configured proxy takes precedence over that of the environment. The certificate
// is verified by default.
func TestTransport_asConfigured(t *testing.T) {
	t.Setenv("HTTPS_PROXY", "http://environment.example.com")
	request, err := http.NewRequest(http.MethodGet, "https://oss.example.com", nil)
	if err != nil {
		t.Fatal(err)
	}
	mine := &url.URL{Scheme: "http", Host: "mine.example.com"}
	transport := newTransport(Config{Proxy: mine, Insecure: true}, patient)
	if proxy, err := transport.Proxy(request); proxy != mine || err != nil {
		t.Errorf("proxy %v, %v", proxy, err)
	}
	if !transport.TLSClientConfig.InsecureSkipVerify || newTransport(Config{}, patient).TLSClientConfig.InsecureSkipVerify {
		t.Error("certificate verification is not as configured")
	}
}
