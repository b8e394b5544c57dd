// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build deps

package conformance

// What the vendor's package and its tests import: go.mod keeps them for
// `go test -c`, which compiles those tests straight from the module.
import (
	_ "github.com/aliyun/aliyun-oss-go-sdk/oss"
	_ "golang.org/x/time/rate"
	_ "gopkg.in/check.v1"
)
