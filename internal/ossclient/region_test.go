// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package ossclient

import (
	"strings"
	"testing"
)

// Common mistakes in a region ID are errors that contain the correct value.
func TestNew_region(t *testing.T) {
	const internal = ", and use_internal_endpoint = true"
	for _, tt := range []struct{ region, endpoint, says string }{
		{"hangzhou", "", `use region = "cn-hangzhou"`},
		{"Beijing", "oss-cn-beijing.aliyuncs.com", `use region = "cn-beijing"`},
		{"singapore", "", `use the ID that the console shows, such as region = "ap-southeast-1"`},
		{"cn-hangzhou-internal", "", `use region = "cn-hangzhou"` + internal},
		{"cn-hangzhou-internal", "https://oss.example.com", `use region = "cn-hangzhou"` + internal},
		{"oss-cn-hangzhou-internal", "", `use region = "cn-hangzhou"` + internal},
		{"oss-cn-hangzhou.aliyuncs.com", "", `use region = "cn-hangzhou"`},
		{"https://OSS-cn-hangzhou.aliyuncs.com/", "", `use region = "cn-hangzhou"`},
		{"bucket.oss-cn-hangzhou.aliyuncs.com", "", `use region = "cn-hangzhou"`},
		{"oss-cn-hangzhou-internal.aliyuncs.com", "", `use region = "cn-hangzhou"` + internal},
		{"oss-accelerate.aliyuncs.com", "", "is an endpoint, not the ID"},
		{"cn_hangzhou", "", "is not the ID of a region"},
		{"cn-hangzhou", "", ""},
		{"OSS-CN-Hangzhou", "", ""},
		{"cn-hangzhou-finance-1", "", ""},
		{"rg-china-mainland", "", ""},
		{"default", "https://gateway.example.com", ""},
		{"local", "http://127.0.0.1:9000", ""},
	} {
		_, err := New(Config{Region: tt.region, Endpoint: tt.endpoint, Credentials: Static(Credentials{})})
		switch {
		case tt.says == "" && err != nil:
			t.Errorf("%q at %q: %v", tt.region, tt.endpoint, err)
		case tt.says != "" && (err == nil || !strings.HasPrefix(err.Error(), "region: ") || !strings.Contains(err.Error(), tt.says)):
			t.Errorf("%q at %q: %v, want %q", tt.region, tt.endpoint, err, tt.says)
		case tt.says != "" && strings.Contains(err.Error(), "internal_endpoint") != strings.Contains(tt.region, "-internal"):
			t.Errorf("%q: %v", tt.region, err)
		}
	}
}

// With an endpoint that contains the bucket, requests would go to
// bucket.bucket.oss-….
func TestNew_bucketInEndpoint(t *testing.T) {
	for endpoint, write := range map[string]string{
		"my-bucket.oss-cn-hangzhou.aliyuncs.com":                  "oss-cn-hangzhou.aliyuncs.com",
		"https://My-Bucket.oss-cn-hangzhou-internal.aliyuncs.com": "oss-cn-hangzhou-internal.aliyuncs.com",
		"http://bucket.oss-eu-central-1.aliyuncs.com:8080/":       "oss-eu-central-1.aliyuncs.com",
		"bucket.oss-accelerate.aliyuncs.com":                      "oss-accelerate.aliyuncs.com",
		"oss-cn-hangzhou.aliyuncs.com":                            "",
		"s3.oss-cn-hangzhou.aliyuncs.com":                         "",
		"vpc100-oss-cn-hangzhou.aliyuncs.com":                     "",
		"cn-hangzhou-internal.oss-data-acc.aliyuncs.com":          "",
		"bucket.oss-cn-hangzhou.example.com":                      "",
	} {
		cfg := Config{Region: "cn-hangzhou", Endpoint: endpoint, Credentials: Static(Credentials{})}
		_, err := New(cfg)
		switch {
		case write == "" && err != nil:
			t.Errorf("%s: %v", endpoint, err)
		case write != "" && (err == nil || !strings.HasPrefix(err.Error(), "endpoint: ") || !strings.HasSuffix(err.Error(), `use "`+write+`"`)):
			t.Errorf("%s: %v, want %q", endpoint, err, write)
		}
		cfg.CNAME = true
		if _, err := New(cfg); err != nil {
			t.Errorf("%s as the domain of a bucket: %v", endpoint, err)
		}
	}
}
