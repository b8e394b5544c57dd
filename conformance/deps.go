// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build deps

package conformance

// What the vendor's packages and their tests import: go.mod keeps them for
// `go test -c`, which compiles those tests straight from their modules.
import (
	_ "github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss"
	_ "github.com/aliyun/aliyun-oss-go-sdk/oss"
	_ "github.com/stretchr/testify/assert"
	_ "golang.org/x/time/rate"
	_ "gopkg.in/check.v1"
)
