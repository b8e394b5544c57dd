// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

// Package conformance holds the test server internal/osstest against clients
// that were written for the real service and know nothing of this project: the
// vendor's Go SDK, whose own tests state what OSS answers, and the vendor's
// client for Node.js. A server that satisfies both is no mere mirror of our own
// adapter.
//
//	go test ./...                          # the Go SDK's suites
//	(cd npm && npm ci) && go test ./...    # and the client for Node.js
//
// It is a module of its own so that neither client becomes a dependency of the
// provider.
package conformance
