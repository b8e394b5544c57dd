// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package ossclient

import (
	"strings"
	"testing"
)

func TestNew_endpoint(t *testing.T) {
	for _, tt := range []struct{ endpoint, region, url, host string }{
		{"", "cn-hangzhou", "https://oss-cn-hangzhou.aliyuncs.com", "oss-cn-hangzhou.aliyuncs.com"},
		{"", "oss-cn-hangzhou", "https://oss-cn-hangzhou.aliyuncs.com", "oss-cn-hangzhou.aliyuncs.com"},
		{"", "OSS-US-East-1", "https://oss-us-east-1.aliyuncs.com", "oss-us-east-1.aliyuncs.com"},
		{"oss-cn-beijing.aliyuncs.com", "cn-beijing", "https://oss-cn-beijing.aliyuncs.com", "oss-cn-beijing.aliyuncs.com"},
		{"HTTPS://OSS-cn-Beijing.aliyuncs.com/", "cn-beijing", "https://oss-cn-beijing.aliyuncs.com", "oss-cn-beijing.aliyuncs.com"},
		{"https://example.com:443", "cn-beijing", "https://example.com", "example.com"},
		{"http://example.com:443", "cn-beijing", "http://example.com:443", "example.com:443"},
		{"http://example.com:80", "cn-beijing", "http://example.com", "example.com"},
		{"example.com:8443", "cn-beijing", "https://example.com:8443", "example.com:8443"},
		{"http://127.0.0.1:9000", "cn-beijing", "http://127.0.0.1:9000", "127.0.0.1:9000"},
		{"http://[::1]:9000", "cn-beijing", "http://[::1]:9000", "[::1]:9000"},
		{"http://[::1]", "cn-beijing", "http://[::1]", "[::1]"},
		{"localhost", "cn-beijing", "https://localhost", "localhost"},
	} {
		c, err := New(Config{Endpoint: tt.endpoint, Region: tt.region, Credentials: Static(Credentials{})})
		if err != nil {
			t.Errorf("endpoint %q: %v", tt.endpoint, err)
			continue
		}
		if c.endpoint.url() != tt.url || c.Endpoint() != tt.host {
			t.Errorf("endpoint %q: got %s and %s, want %s and %s", tt.endpoint, c.endpoint.url(), c.Endpoint(), tt.url, tt.host)
		}
	}
}

func TestNew_refuses(t *testing.T) {
	const canary = "CANARY"
	valid := Config{Region: "cn-hangzhou", Credentials: Static(Credentials{})}
	endpoint := func(text string) Config { cfg := valid; cfg.Endpoint = text; return cfg }
	region := func(text string) Config { cfg := valid; cfg.Region = text; return cfg }
	noCredentials, version := valid, valid
	noCredentials.Credentials = nil
	version.SignVersion = "v2"

	for _, tt := range []struct {
		cfg    Config
		naming string
	}{
		{region(""), "region: must be set"},
		{region("oss-"), "region"},
		{region("cn hangzhou"), "region"},
		{region("cn-hangzhou.evil.example/"), "region"},
		{noCredentials, "credentials"},
		{version, "sign_version"},
		{endpoint("https://id:" + canary + "@example.com"), "endpoint: must not contain a user"},
		{endpoint("id@example.com"), "endpoint"},
		{endpoint("https://example.com:" + canary), "endpoint"},
		{endpoint("https://example.com/bucket"), "endpoint: must not contain a path"},
		{endpoint("https://example.com?a=" + canary), "endpoint: must not contain a query"},
		{endpoint("https://example.com?"), "endpoint: must not contain a query"},
		{endpoint("https://example.com#"), "endpoint"},
		{endpoint("ftp://example.com"), "endpoint: must have the scheme"},
		{endpoint("https://"), "endpoint: host"},
		{endpoint("://example.com"), "endpoint"},
		{endpoint("https://example.com:"), "endpoint: port"},
		{endpoint("https://example.com:0"), "endpoint: port"},
		{endpoint("https://example.com:65536"), "endpoint: port"},
		{endpoint("https://exa mple.com"), "endpoint"},
		{endpoint("https://example..com"), "endpoint: host"},
		{endpoint("https://-example.com"), "endpoint: host"},
		{endpoint("https://例え.example"), "endpoint: host"},
		{endpoint("https://[fe80::1%25eth0]"), "endpoint: host"},
		{endpoint("https://example.com\r\nX: y"), "endpoint"},
	} {
		_, err := New(tt.cfg)
		if err == nil || !strings.HasPrefix(err.Error(), tt.naming) {
			t.Errorf("endpoint %q, region %q: error %v, want one that begins with %q", tt.cfg.Endpoint, tt.cfg.Region, err, tt.naming)
		} else if strings.Contains(err.Error(), canary) {
			t.Errorf("error repeats the endpoint: %v", err)
		}
	}
}
