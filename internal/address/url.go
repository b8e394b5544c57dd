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

// ParseURL reads the URL of a service that is sent secrets or answers with
// them. The scheme is https; it may be http where mayBeClear is true of the host.
func ParseURL(text string, mayBeClear func(host string) bool) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, errors.New(`must be a URL such as "https://host/path"`)
	}
	if u.Host, err = hostOf(u); err != nil {
		return nil, err
	}
	if u.Scheme == "http" && !mayBeClear(u.Hostname()) {
		return nil, errors.New("must begin with https://: http sends credentials in clear text")
	}
	return u, nil
}

// IsLoopback reports whether host is this machine: localhost or an address of
// its loopback interface.
func IsLoopback(host string) bool {
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.Unmap().IsLoopback()
	}
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	return host == "localhost" || strings.HasSuffix(host, ".localhost")
}

// shared is where Alibaba Cloud has the services of an instance, such as its
// metadata service, 100.100.100.200. No router of the internet knows it
// (RFC 6598).
var shared = netip.MustParsePrefix("100.64.0.0/10")

// IsNear reports whether host is this machine, or a service that its host
// provides on an address of the link: one of 169.254.0.0/16, fe80::/10 or
// 100.64.0.0/10.
func IsNear(host string) bool {
	ip, err := netip.ParseAddr(host)
	return IsLoopback(host) || err == nil && (ip.Unmap().IsLinkLocalUnicast() || shared.Contains(ip.Unmap()))
}

// ParseProxy reads the URL of a proxy. As in the variables that Go programs
// read, an address without a scheme is one of http.
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

// ProxyVariables are the environment variables that name proxies, in both of
// their spellings. The first that is set counts.
var ProxyVariables = [][]string{{"HTTPS_PROXY", "https_proxy"}, {"HTTP_PROXY", "http_proxy"}}

// CheckProxyVariables fails if a variable that counts is not the address of a
// proxy. [net/http.ProxyFromEnvironment] would take it for one that is not set,
// and the requests would go without a proxy.
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
