// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build deps

package conformance

// These imports keep the dependencies of the SDK tests in go.mod. `go test -c` compiles
// the tests directly from their modules.
import (
	_ "github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss"
	_ "github.com/aliyun/aliyun-oss-go-sdk/oss"
	_ "github.com/stretchr/testify/assert"
	_ "golang.org/x/time/rate"
	_ "gopkg.in/check.v1"
)
