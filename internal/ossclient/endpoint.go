// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package ossclient

import (
	"net/netip"
	"net/url"
	"regexp"
	"strings"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/address"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// endpoint is where requests go.
type endpoint struct {
	scheme string // "https" or "http"
	host   string // host[:port], in lower case, without the default port
	naming naming
}

// naming is where the URL of an object names the bucket.
type naming int

const (
	belowHost naming = iota // "bucket.host/key"
	inPath                  // "host/bucket/key"
	bound                   // "host/key": the host is a domain that is bound to the bucket
)

func (e endpoint) url() string { return e.scheme + "://" + e.host }

// object returns the URL of an object, in the form that the SDK uses.
func (e endpoint) object(obj resumable.Object) *url.URL {
	u := &url.URL{Scheme: e.scheme, Host: e.host, Path: "/" + obj.Key, RawPath: "/" + percent(obj.Key)}
	switch e.naming {
	case belowHost:
		u.Host = obj.Bucket + "." + e.host
	case inPath:
		u.Path, u.RawPath = "/"+obj.Bucket+u.Path, "/"+obj.Bucket+u.RawPath
	}
	return u
}

// percent percent-encodes all characters except letters, digits and "-._~".
func percent(text string) string { return strings.ReplaceAll(url.QueryEscape(text), "+", "%20") }

// endpoint returns the configured endpoint or one of the region. Sources of the
// names: API page "Regions and endpoints", and "Transfer acceleration" for the
// endpoint that all regions share.
func (cfg Config) endpoint(region string) (endpoint, error) {
	switch {
	case cfg.Internal && cfg.Accelerate:
		return endpoint{}, invalid("use_accelerate_endpoint", "conflicts with use_internal_endpoint: acceleration is for access over the internet")
	case cfg.Internal && cfg.Endpoint != "":
		return endpoint{}, invalid("use_internal_endpoint", "conflicts with endpoint: set only one of them")
	case cfg.Accelerate && cfg.Endpoint != "":
		return endpoint{}, invalid("use_accelerate_endpoint", "conflicts with endpoint: set only one of them")
	case cfg.CNAME && cfg.Endpoint == "":
		return endpoint{}, invalid("use_cname", "requires endpoint: set it to the domain that is bound to the bucket")
	case cfg.CNAME && cfg.PathStyle:
		return endpoint{}, invalid("use_path_style", "conflicts with use_cname: requests to a domain that is bound to a bucket do not name the bucket")
	case cfg.PathStyle && cfg.Endpoint == "":
		return endpoint{}, invalid("use_path_style", "requires endpoint: the endpoints of OSS do not support it")
	case cfg.Internal:
		return endpoint{scheme: "https", host: "oss-" + region + "-internal.aliyuncs.com"}, nil
	case cfg.Accelerate:
		return endpoint{scheme: "https", host: "oss-accelerate.aliyuncs.com"}, nil
	case cfg.Endpoint == "":
		return endpoint{scheme: "https", host: "oss-" + region + ".aliyuncs.com"}, nil
	}
	e, err := parseEndpoint(cfg.Endpoint)
	if named := bucketEndpoint.FindStringSubmatch(e.host); named != nil && !cfg.CNAME {
		return endpoint{}, invalid("endpoint", "must not contain the bucket, which is an argument of the resource: use %q", named[1])
	}
	switch {
	case cfg.PathStyle, isAddress(e.host):
		e.naming = inPath
	case cfg.CNAME:
		e.naming = bound
	}
	return e, err
}

// bucketEndpoint matches the address of a bucket, which the console shows next to the
// endpoint. A bucket name has at least three characters; the prefix "s3" is part of
// an endpoint of OSS.
var bucketEndpoint = regexp.MustCompile(`^[a-z0-9-]{3,}\.(oss-(?:[a-z]{2}-[a-z0-9-]+|accelerate|accelerate-overseas)\.aliyuncs\.com)(?::\d+)?$`)

// isAddress reports whether host[:port] is an IP address.
func isAddress(host string) bool {
	_, err := netip.ParseAddr((&url.URL{Host: host}).Hostname())
	return err == nil
}

// parseEndpoint accepts a host, or a URL without path and query.
func parseEndpoint(text string) (endpoint, error) {
	where, err := address.ParseService(text, "https", "http")
	if err != nil {
		return endpoint{}, invalid("endpoint", "%v", err)
	}
	return endpoint{scheme: where.Scheme, host: where.Host}, nil
}
