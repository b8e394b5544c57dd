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
	host   string // host[:port], lower case, without the scheme's own port
	naming naming
}

// naming is how the URL of an object names the bucket.
type naming int

const (
	belowHost naming = iota // "bucket.host/key"
	inPath                  // "host/bucket/key"
	bound                   // "host/key": the host is a domain of this bucket
)

func (e endpoint) url() string { return e.scheme + "://" + e.host }

// object is the URL of an object, as the SDK writes it.
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

// percent escapes all but letters, digits and "-._~".
func percent(text string) string { return strings.ReplaceAll(url.QueryEscape(text), "+", "%20") }

// endpoint is the configured one, or one of the region's. Source of the names:
// API page "Regions and endpoints", and "Transfer acceleration" for the one that
// all regions share.
func (cfg Config) endpoint(region string) (endpoint, error) {
	switch {
	case cfg.Internal && cfg.Accelerate:
		return endpoint{}, invalid("use_accelerate_endpoint", "contradicts use_internal_endpoint: acceleration is for the way over the internet")
	case cfg.Internal && cfg.Endpoint != "":
		return endpoint{}, invalid("use_internal_endpoint", "contradicts endpoint, which names one already")
	case cfg.Accelerate && cfg.Endpoint != "":
		return endpoint{}, invalid("use_accelerate_endpoint", "contradicts endpoint, which names one already")
	case cfg.CNAME && cfg.Endpoint == "":
		return endpoint{}, invalid("use_cname", "needs endpoint, set to the domain that is bound to the bucket")
	case cfg.CNAME && cfg.PathStyle:
		return endpoint{}, invalid("use_path_style", "contradicts use_cname: a domain bound to a bucket names it already")
	case cfg.PathStyle && cfg.Endpoint == "":
		return endpoint{}, invalid("use_path_style", "needs endpoint: the endpoints of a region refuse it")
	case cfg.Internal:
		return endpoint{scheme: "https", host: "oss-" + region + "-internal.aliyuncs.com"}, nil
	case cfg.Accelerate:
		return endpoint{scheme: "https", host: "oss-accelerate.aliyuncs.com"}, nil
	case cfg.Endpoint == "":
		return endpoint{scheme: "https", host: "oss-" + region + ".aliyuncs.com"}, nil
	}
	e, err := parseEndpoint(cfg.Endpoint)
	if named := bucketEndpoint.FindStringSubmatch(e.host); named != nil && !cfg.CNAME {
		return endpoint{}, invalid("endpoint", "must not contain a bucket, which is set on the resource and comes before the endpoint: write %q", named[1])
	}
	switch {
	case cfg.PathStyle, isAddress(e.host):
		e.naming = inPath
	case cfg.CNAME:
		e.naming = bound
	}
	return e, err
}

// bucketEndpoint is the address of a bucket, as the console shows it beside the
// endpoint. A bucket has three characters at least: "s3" before a name is OSS's own.
var bucketEndpoint = regexp.MustCompile(`^[a-z0-9-]{3,}\.(oss-(?:[a-z]{2}-[a-z0-9-]+|accelerate|accelerate-overseas)\.aliyuncs\.com)(?::\d+)?$`)

// isAddress reports whether host[:port] is an IP address.
func isAddress(host string) bool {
	_, err := netip.ParseAddr((&url.URL{Host: host}).Hostname())
	return err == nil
}

// parseEndpoint accepts a host or a URL of nothing but a host.
func parseEndpoint(text string) (endpoint, error) {
	where, err := address.ParseService(text, "https", "http")
	if err != nil {
		return endpoint{}, invalid("endpoint", "%v", err)
	}
	return endpoint{scheme: where.Scheme, host: where.Host}, nil
}
