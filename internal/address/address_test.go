// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package address

import (
	"net/url"
	"strings"
	"testing"
)

func TestParseService(t *testing.T) {
	for text, want := range map[string]Service{
		"host":                      {"https", "host"},
		"HOST.Example.com:8443/":    {"https", "host.example.com:8443"},
		"https://host:443":          {"https", "host"},
		"http://host:443":           {"http", "host:443"},
		"http://host:80":            {"http", "host"},
		"http://[::1]:9":            {"http", "[::1]:9"},
		"https://127.0.0.1":         {"https", "127.0.0.1"},
		"":                          {},
		"https://":                  {},
		"https://host:":             {},
		"https://host:0":            {},
		"https://host:65536":        {},
		"ftp://host":                {},
		"https://host/path":         {},
		"https://host?":             {},
		"https://host#":             {},
		"https://user@host":         {},
		"https://user:canary@host":  {},
		"https://ho st":             {},
		"https://host..example":     {},
		"https://-host":             {},
		"https://[fe80::1%25eth0]":  {},
		"https://host\r\nX: canary": {},
		"https://host\\@canary":     {},
		"//host":                    {},
		"https:host":                {},
	} {
		got, err := ParseService(text, "https", "http")
		if err != nil && want != (Service{}) || err == nil && got != want || err != nil && strings.Contains(err.Error(), "canary") {
			t.Errorf("%q: %+v, %v", text, got, err)
		}
	}
	if _, err := ParseService("http://host", "https"); err == nil {
		t.Error("http is accepted, but only https is allowed")
	}
}

func TestParseProxy(t *testing.T) {
	for text, want := range map[string]string{
		"proxy":                          "http://proxy",
		"proxy:3128":                     "http://proxy:3128",
		"user:pass@proxy:3128":           "http://user:pass@proxy:3128",
		"http://proxy.example.com:3128/": "http://proxy.example.com:3128/",
		"https://user:p%23ss@proxy":      "https://user:p%23ss@proxy",
		"socks5://proxy:1080":            "socks5://proxy:1080",
		"socks5h://proxy:1080":           "socks5h://proxy:1080",
		"http://squid_proxy:3128":        "http://squid_proxy:3128",
		"http://[::1]:3128":              "http://[::1]:3128",
		"http://user:p#canary@proxy":     "",
		"http://user:%zcanary@proxy":     "",
		"http://can ary":                 "",
		"user:p#ss@proxy:3128":           "",
		"http://":                        "",
		"http://:3128":                   "",
		"ftp://proxy":                    "",
		"http://proxy:canary":            "",
		"http://proxy:":                  "",
		"http://proxy:65536":             "",
		"://canary":                      "",
	} {
		u, err := ParseProxy(text)
		if err != nil && want != "" || err == nil && u.String() != want || err != nil && strings.Contains(err.Error(), "canary") {
			t.Errorf("%q: %v, %v", text, u, err)
		}
	}
}

func TestCheckProxyVariables(t *testing.T) {
	const bad = "http://user:%zcanary@proxy"
	for _, tt := range []struct {
		env  map[string]string
		says string
	}{
		{nil, ""},
		{map[string]string{"HTTPS_PROXY": "proxy:1", "HTTP_PROXY": "proxy:1"}, ""},
		{map[string]string{"HTTPS_PROXY": bad}, "HTTPS_PROXY must be"},
		{map[string]string{"https_proxy": bad}, "https_proxy must be"},
		{map[string]string{"HTTP_PROXY": bad}, "HTTP_PROXY must be"},
		{map[string]string{"http_proxy": bad}, "http_proxy must be"},
		{map[string]string{"HTTPS_PROXY": "proxy:1", "https_proxy": bad}, ""},
		{map[string]string{"NO_PROXY": "%"}, ""},
	} {
		err := CheckProxyVariables(func(name string) string { return tt.env[name] })
		if (err == nil) != (tt.says == "") || err != nil && (!strings.HasPrefix(err.Error(), tt.says) || strings.Contains(err.Error(), "canary")) {
			t.Errorf("%v: %v", tt.env, err)
		}
	}
}

// Accepted addresses have one host, on which all parsers agree. Errors do not contain the
// address.
func FuzzAddress(f *testing.F) {
	for _, seed := range []string{
		"host", "https://host:8443/", "http://user:canary@host/?token=canary#canary", "http://[::1]:9", "http://127.0.0.1/x", "//host", "https:host",
		"https://host\\@other", "http://localhost.", "http://100.100.100.200/latest", "socks5://p:1080", "http://%zz", "a:b@c:d", "https://a#@b", "https://a?@b",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if service, err := ParseService(text, "https", "http"); err == nil {
			u, err := url.Parse(service.Scheme + "://" + service.Host)
			if err != nil || u.Host != service.Host || u.User != nil || u.Path != "" || strings.ContainsAny(service.Host, "/@?#\\ %") {
				t.Errorf("%q: %+v: %v", text, service, err)
			}
			if again, err := ParseService(service.Scheme+"://"+service.Host, "https", "http"); err != nil || again != service {
				t.Errorf("%q: %+v, then %+v, %v", text, service, again, err)
			}
		}
		if u, err := ParseURL(text, IsLoopback); err == nil {
			sent, err := url.Parse(u.String())
			if err != nil || sent.Host != u.Host || sent.Scheme != u.Scheme || u.Scheme == "http" && !IsLoopback(sent.Hostname()) {
				t.Errorf("%q: %v: %v", text, u, err)
			}
		}
		if u, err := ParseProxy(text); err == nil && u.Hostname() == "" {
			t.Errorf("%q: a proxy without a host", text)
		}
	})
}
