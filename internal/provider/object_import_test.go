// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"strings"
	"testing"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

func TestParseImportID(t *testing.T) {
	for id, want := range map[string]resumable.Object{
		"my-bucket/a.zip":             {Bucket: "my-bucket", Key: "a.zip"},
		"oss://my-bucket/a.zip":       {Bucket: "my-bucket", Key: "a.zip"},
		"my-bucket/a/b//c/../d%20e ü": {Bucket: "my-bucket", Key: "a/b//c/../d%20e ü"},
		"oss://my-bucket/oss://x/y":   {Bucket: "my-bucket", Key: "oss://x/y"},
		"my-bucket/dir/":              {Bucket: "my-bucket", Key: "dir/"},
	} {
		if got, err := parseImportID(id); err != nil || got != want {
			t.Errorf("parseImportID(%q) = %v, %v, want %v", id, got, err, want)
		}
	}

	for _, id := range []string{
		"", "/", "a.zip", "my-bucket", "my-bucket/", "/key", "oss://", "oss://my-bucket", "oss:///key",
		"My-Bucket/key", "OSS://my-bucket/key", "s3://my-bucket/key",
	} {
		_, err := parseImportID(id)
		if err == nil {
			t.Errorf("parseImportID(%q) succeeded", id)
			continue
		}
		for _, form := range []string{"bucket/key", "oss://bucket/key"} {
			if !strings.Contains(err.Error(), form) {
				t.Errorf("parseImportID(%q): %q does not show the form %s", id, err, form)
			}
		}
	}
	if _, err := parseImportID("my-bucket//key"); err == nil || !strings.Contains(err.Error(), "must not begin with") {
		t.Errorf("a key that begins with a slash: %v", err)
	}
}
