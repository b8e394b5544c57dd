// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package ossclient

import (
	"slices"
	"strings"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/address"
)

// mainlandCities are the region IDs that begin with "cn-", without this prefix.
// Source: API page "Regions and endpoints".
var mainlandCities = []string{
	"beijing", "chengdu", "fuzhou", "guangzhou", "hangzhou", "heyuan", "hongkong", "huhehaote", "nanjing", "qingdao",
	"shanghai", "shenzhen", "wuhan", "wulanchabu", "zhangjiakou",
}

// region returns the configured region ID without the prefix "oss-". For common
// mistakes, the error contains the correct value.
func (cfg Config) region() (string, error) {
	if cfg.Region == "" {
		return "", invalid("region", `must be set, for example to "cn-hangzhou"`)
	}
	region := strings.TrimPrefix(strings.ToLower(cfg.Region), "oss-")
	host := strings.TrimPrefix(strings.TrimPrefix(strings.ToLower(cfg.Region), "https://"), "http://")
	if id, isEndpoint := strings.CutSuffix(strings.TrimSuffix(host, "/"), ".aliyuncs.com"); isEndpoint {
		// The last label names the region. A label before it is a bucket.
		id = strings.TrimPrefix(id[strings.LastIndex(id, ".")+1:], "oss-")
		id, internal := strings.CutSuffix(id, "-internal")
		if !IsRegion(id) {
			return "", invalid("region", `%q is an endpoint, not the ID of a region such as "cn-hangzhou"`, cfg.Region)
		}
		return "", invalid("region", "%q is an endpoint: use region = %q%s", cfg.Region, id, alsoInternal(internal))
	}
	if id, internal := strings.CutSuffix(region, "-internal"); internal && IsRegion(id) {
		return "", invalid("region", "%q is part of an endpoint: use region = %q%s", cfg.Region, id, alsoInternal(true))
	}
	if !address.IsLabel(region) {
		return "", invalid("region", `%q is not the ID of a region such as "cn-hangzhou"`, cfg.Region)
	}
	// Other endpoints, such as gateways, may use any name for a region.
	if !strings.Contains(region, "-") && (cfg.Endpoint == "" || strings.Contains(strings.ToLower(cfg.Endpoint), ".aliyuncs.com")) {
		if slices.Contains(mainlandCities, region) {
			return "", invalid("region", "%q is not the ID of a region: use region = %q", cfg.Region, "cn-"+region)
		}
		return "", invalid("region", `%q is not the ID of a region: use the ID that the console shows, such as region = "ap-southeast-1"`, cfg.Region)
	}
	return region, nil
}

// IsRegion reports whether text has the form of an Alibaba Cloud region ID.
func IsRegion(text string) bool { return address.IsLabel(text) && strings.Contains(text, "-") }

func alsoInternal(internal bool) string {
	if !internal {
		return ""
	}
	return ", and use_internal_endpoint = true for the internal endpoint"
}
