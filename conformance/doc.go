// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

// Package conformance holds the test server internal/osstest against clients
// that were written for the real service and know nothing of this project: the
// vendor's Go SDKs, v1 and v2, whose own tests state what OSS answers, and the
// vendor's client for Node.js. A server that satisfies all of them is no mere
// mirror of our own adapter.
//
//	go test ./...                          # the Go SDKs' tests
//	(cd npm && npm ci) && go test ./...    # and the client for Node.js
//
// It is a module of its own so that no client becomes a dependency of the
// provider.
package conformance
