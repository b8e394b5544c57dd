// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

// Package conformance tests the test server internal/osstest with clients that were
// written for OSS: the Go SDKs v1 and v2 of Alibaba Cloud with their own tests, and the
// client for Node.js. So the server does not just match the client of this provider.
//
//	go test ./...                          # the tests of the Go SDKs
//	(cd npm && npm ci) && go test ./...    # also the client for Node.js
//
// It is a separate module, so that the clients are not dependencies of the provider.
package conformance
