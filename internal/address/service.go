// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package address

import (
	"errors"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Service is a service that is configured by its host.
type Service struct {
	Scheme string // in lower case
	Host   string // host[:port], in lower case, without the default port
}

// ParseService parses "host", "host:port" or "scheme://host[:port]". schemes are the
// allowed schemes; the first is the default.
func ParseService(text string, schemes ...string) (Service, error) {
	if !strings.Contains(text, "://") {
		text = schemes[0] + "://" + text
	}
	if strings.Contains(text, "@") {
		return Service{}, errors.New("must not contain a user name or password")
	}
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return Service{}, errors.New(`must be a host, "` + schemes[0] + `://host" or "` + schemes[0] + `://host:port"`)
	case !slices.Contains(schemes, u.Scheme):
		return Service{}, errors.New("must have the scheme " + strings.Join(schemes, " or "))
	case u.Path != "" && u.Path != "/":
		return Service{}, errors.New("must not contain a path")
	case strings.ContainsAny(text, "?#"):
		return Service{}, errors.New("must not contain a query or fragment")
	}
	host, err := hostOf(u)
	return Service{u.Scheme, host}, err
}

// hostOf returns the normalized host[:port] of a URL.
func hostOf(u *url.URL) (string, error) {
	host := strings.ToLower(u.Hostname())
	if !validHost(host) {
		return "", errors.New("host must be a DNS name or an IP address")
	}
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	n, err := portOf(u)
	if err != nil {
		return "", err
	}
	if n != 0 && n != map[string]uint64{"https": 443, "http": 80}[u.Scheme] {
		host += ":" + strconv.FormatUint(n, 10)
	}
	return host, nil
}

// portOf returns the port of a URL, or 0 if it has none.
func portOf(u *url.URL) (uint64, error) {
	if u.Port() == "" && !strings.HasSuffix(u.Host, ":") {
		return 0, nil
	}
	n, err := strconv.ParseUint(u.Port(), 10, 16)
	if err != nil || n == 0 {
		return 0, errors.New("port must be a number from 1 to 65535")
	}
	return n, nil
}

// label matches a label of a host name.
var label = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

// IsLabel reports whether text is a label of a host name, in lower case.
func IsLabel(text string) bool { return label.MatchString(text) }

func validHost(host string) bool {
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.Zone() == ""
	}
	for part := range strings.SplitSeq(host, ".") {
		if !IsLabel(part) {
			return false
		}
	}
	return len(host) <= 253
}
