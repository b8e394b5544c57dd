// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package e2e

import "testing"

// The provider uses the public endpoint of a region, where the bucket is part of the host
// name, through the proxy of the environment. The name is not resolved: the proxy is the
// test server, which accepts requests for bucket.oss-cn-hangzhou.aliyuncs.com.
func TestApply_bucketHostThroughAProxy(t *testing.T) {
	w := newWorld(t)
	w.Env = append(w.Env, "OSS_ENDPOINT=http://oss-cn-hangzhou.aliyuncs.com", "HTTP_PROXY="+w.server.URL())
	w.killAfter(10)
	w.mustApply()
	w.checkDone()
}
