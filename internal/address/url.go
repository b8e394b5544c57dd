// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package address

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strings"
)

// ParseURL parses the URL of a service that receives or returns secrets. The scheme must
// be https, or http if allowHTTP returns true for the host.
func ParseURL(text string, allowHTTP func(host string) bool) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, errors.New(`must be a URL such as "https://host/path"`)
	}
	if u.Host, err = hostOf(u); err != nil {
		return nil, err
	}
	if u.Scheme == "http" && !allowHTTP(u.Hostname()) {
		return nil, errors.New("must begin with https://, because http would send credentials unencrypted")
	}
	return u, nil
}

// IsLoopback reports whether host is localhost or a loopback address. Names below
// localhost are not: the DNS may say that they are other machines.
func IsLoopback(host string) bool {
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.Unmap().IsLoopback()
	}
	return strings.TrimSuffix(strings.ToLower(host), ".") == "localhost"
}

// shared contains the addresses of services for Alibaba Cloud instances, such as that of
// the metadata service, 100.100.100.200. They are not routed on the internet (RFC 6598).
var shared = netip.MustParsePrefix("100.64.0.0/10")

// IsNear reports whether host is this machine or an address that is not routed on the
// internet: 169.254.0.0/16, fe80::/10 or 100.64.0.0/10.
func IsNear(host string) bool {
	ip, err := netip.ParseAddr(host)
	return IsLoopback(host) || err == nil && (ip.Unmap().IsLinkLocalUnicast() || shared.Contains(ip.Unmap()))
}

// ParseProxy parses the URL of a proxy. The default scheme is http, as in the proxy
// variables of Go programs.
func ParseProxy(text string) (*url.URL, error) {
	schemes := map[string]bool{"http": true, "https": true, "socks5": true, "socks5h": true}
	if !strings.Contains(text, "://") {
		text = "http://" + text
	}
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || !schemes[u.Scheme] {
		return nil, errors.New(`must be a URL such as "http://proxy.example.com:3128", with the scheme http, https or socks5`)
	}
	if _, err := portOf(u); err != nil {
		return nil, err
	}
	return u, nil
}

// ProxyVariables are the environment variables of proxies, each in upper and lower case.
// The first that is set takes precedence.
var ProxyVariables = [][]string{{"HTTPS_PROXY", "https_proxy"}, {"HTTP_PROXY", "http_proxy"}}

// CheckProxyVariables returns an error if a proxy variable is invalid.
// [net/http.ProxyFromEnvironment] would ignore such a variable, and requests would not
// use a proxy.
func CheckProxyVariables(getenv func(string) string) error {
	for _, names := range ProxyVariables {
		for _, name := range names {
			text := getenv(name)
			if text == "" {
				continue
			}
			if _, err := ParseProxy(text); err != nil {
				return fmt.Errorf("%s %w", name, err)
			}
			break
		}
	}
	return nil
}
