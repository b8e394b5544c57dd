// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package ossclient

import (
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"io"
	"strconv"
	"strings"
	"testing"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/recorded"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/crc64"
)

// The engine and the test server compute the CRC-64 and the ETag of an object from its
// parts. OSS computes the same values.
func TestRecordedAnswers_checksums(t *testing.T) {
	answers := recorded.Read(t)
	listed := map[string][]resumable.StoredPart{} // by upload ID
	for _, answer := range answers {
		if answer.Operation() == "ListParts" && answer.Success() {
			listed[answer.Query["uploadId"]] = partsRecorded(answer).([]resumable.StoredPart)
		}
	}
	checked := 0
	for _, answer := range answers {
		parts := listed[answer.Query["uploadId"]]
		etag := strings.Trim(answer.Headers["ETag"], `"`)
		if answer.Operation() != "CompleteMultipartUpload" || !strings.HasSuffix(etag, fmt.Sprintf("-%d", len(parts))) {
			continue // not all parts were listed or used
		}
		var sum uint64
		etags := md5.New()
		for _, part := range parts {
			crc, err := strconv.ParseUint(part.CRC64, 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			sum = crc64.Combine(sum, crc, part.Size)
			_, _ = io.WriteString(etags, part.ETag)
		}
		if got, want := strconv.FormatUint(sum, 10), answer.Headers["x-oss-hash-crc64ecma"]; got != want {
			t.Errorf("%s: the parts have CRC-64 %s, and the object %s", answer.Name, got, want)
		}
		if got := fmt.Sprintf("%s-%d", strings.ToUpper(hex.EncodeToString(etags.Sum(nil))), len(parts)); got != etag {
			t.Errorf("%s: the parts have ETag %s, and the object %s", answer.Name, got, etag)
		}
		checked++
	}
	if checked == 0 {
		t.Error("no upload was recorded with its parts")
	}
	t.Logf("%d uploads", checked)
}
