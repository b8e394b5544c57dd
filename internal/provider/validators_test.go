// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func TestStringValidators(t *testing.T) {
	const digest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	for _, test := range []struct {
		name   string
		v      validator.String
		value  string
		accept bool
	}{
		{"bucket", isBucket(), "abc", true},
		{"bucket", isBucket(), "my-bucket-1", true},
		{"bucket", isBucket(), "1a2", true},
		{"bucket", isBucket(), strings.Repeat("b", 63), true},
		{"bucket", isBucket(), strings.Repeat("b", 64), false},
		{"bucket", isBucket(), "ab", false},
		{"bucket", isBucket(), "-abc", false},
		{"bucket", isBucket(), "abc-", false},
		{"bucket", isBucket(), "Abc", false},
		{"bucket", isBucket(), "a.bc", false},
		{"bucket", isBucket(), "abc\n", false},
		{"bucket", isBucket(), "", false},

		{"key", isKey{}, "a", true},
		{"key", isKey{}, "a//b/../c d+%2F?ü", true},
		{"key", isKey{}, ".", true},
		{"key", isKey{}, "a\nb", true},
		{"key", isKey{}, strings.Repeat("k", 1023), true},
		{"key", isKey{}, strings.Repeat("k", 1024), false},
		{"key", isKey{}, strings.Repeat("ü", 511) + "k", true}, // 1023 bytes
		{"key", isKey{}, strings.Repeat("ü", 512), false},      // 1024 bytes, 512 characters
		{"key", isKey{}, "", false},
		{"key", isKey{}, "/a", false},
		{"key", isKey{}, `\a`, false},
		{"key", isKey{}, "a\x00b", false},
		{"key", isKey{}, "a\xffb", false},

		{"source", isFilePath(), "a", true},
		{"source", isFilePath(), "~/a b/ü:x", true},
		{"source", isFilePath(), "C://a", true},
		{"source", isFilePath(), "a/b://c", true},
		{"source", isFilePath(), "", false},
		{"source", isFilePath(), "https://example.com/a", false},
		{"source", isFilePath(), "OSS://bucket/a", false},
		{"source", isFilePath(), "file:///a", false},

		{"source_hash", isSHA256(), digest, true},
		{"source_hash", isSHA256(), strings.ToUpper(digest), false},
		{"source_hash", isSHA256(), digest[1:], false},
		{"source_hash", isSHA256(), digest + "0", false},
		{"source_hash", isSHA256(), digest + "\n", false},

		{"content_type", isHeaderValue(), "text/html; charset=utf-8", true},
		{"content_type", isHeaderValue(), "x", true},
		{"content_type", isHeaderValue(), "", false},
		{"content_type", isHeaderValue(), " text/html", false},
		{"content_type", isHeaderValue(), "text/html\r\nX-Evil: 1", false},
		{"content_type", isHeaderValue(), "text/ü", false},
	} {
		req := validator.StringRequest{Path: path.Root(test.name), ConfigValue: types.StringValue(test.value)}
		resp := new(validator.StringResponse)
		test.v.ValidateString(context.Background(), req, resp)
		if accepted := !resp.Diagnostics.HasError(); accepted != test.accept {
			t.Errorf("%s = %q: accepted %t, want %t: %v", test.name, test.value, accepted, test.accept, resp.Diagnostics)
		}
	}
}

func TestInt64Validators(t *testing.T) {
	const kib, gib = 1 << 10, 1 << 30
	for _, test := range []struct {
		name   string
		v      validator.Int64
		value  int64
		accept bool
	}{
		{"part_size", isPartSize(), 100*kib - 1, false},
		{"part_size", isPartSize(), 100 * kib, true},
		{"part_size", isPartSize(), 5 * gib, true},
		{"part_size", isPartSize(), 5*gib + 1, false},
		{"multipart_threshold", isMultipartThreshold(), 100*kib - 1, false},
		{"multipart_threshold", isMultipartThreshold(), 100 * kib, true},
		{"multipart_threshold", isMultipartThreshold(), 5 * gib, true},
		{"multipart_threshold", isMultipartThreshold(), 5*gib + 1, false},
		{"parallelism", isParallelism(), 0, false},
		{"parallelism", isParallelism(), 1, true},
		{"parallelism", isParallelism(), 64, true},
		{"parallelism", isParallelism(), 65, false},
	} {
		req := validator.Int64Request{Path: path.Root(test.name), ConfigValue: types.Int64Value(test.value)}
		resp := new(validator.Int64Response)
		test.v.ValidateInt64(context.Background(), req, resp)
		if accepted := !resp.Diagnostics.HasError(); accepted != test.accept {
			t.Errorf("%s = %d: accepted %t, want %t", test.name, test.value, accepted, test.accept)
		}
	}
}
