// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package ossclient

import (
	"net/http"
	"strings"
	"testing"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// A rule of a bucket can hide headers that the provider needs to detect changes. The
// error names the header and the rule.
func TestHeadObject_hidden(t *testing.T) {
	for _, header := range []string{"Last-Modified", "ETag"} {
		s := newState(t, osstest.Config{})
		s.server.AddRule(osstest.Rule{Op: osstest.HeadObject, Fault: osstest.OverrideHeader(header, "")})
		_, err := s.client(t, Config{}).HeadObject(t.Context(), s.dst.Object)
		if err == nil || !strings.Contains(err.Error(), header) || !strings.Contains(err.Error(), "PutBucketResponseHeader") {
			t.Errorf("%s: %v", header, err)
		}
	}
}

// With x-oss-force-download, the Content-Disposition is not that of the object.
func TestHeadersOf_forcedDownload(t *testing.T) {
	for _, force := range []string{"", "false", "true"} {
		headers := headersOf(http.Header{"Content-Disposition": {"attachment"}, "X-Oss-Force-Download": {force}})
		if hidden := force == "true"; headers.DispositionHidden != hidden || (headers.ContentDisposition == "") != hidden {
			t.Errorf("%q: %+v", force, headers)
		}
	}
}

// A gateway in front of OSS may answer 401. The request is signed and sent once more.
func TestSigning_unauthorized(t *testing.T) {
	s := newState(t, osstest.Config{})
	s.server.AddRule(osstest.Rule{Op: osstest.HeadObject, Times: 1, Fault: osstest.Refuse(401, "Unauthorized")})
	old := Credentials{"LTAIcanaryOld", "canarySecretOld", ""}
	c := s.client(t, Config{Credentials: &rotating{left: []Credentials{old, canaries}}})
	s.server.AddCredential(osstest.Credential{AccessKeyID: old.AccessKeyID, AccessKeySecret: old.AccessKeySecret})
	if _, err := c.HeadObject(t.Context(), s.dst.Object); err != nil {
		t.Error(err)
	}
	if n := s.server.Count(osstest.HeadObject); n != 2 {
		t.Errorf("%d requests", n)
	}
}

// The code is documented for CORS only, but also occurs elsewhere.
func TestTransient_badRequest(t *testing.T) {
	for code, want := range map[string]bool{"BadRequest": true, "InvalidArgument": false, "MalformedXML": false} {
		if got := resumable.Transient(&resumable.ServiceError{StatusCode: 400, Code: code}); got != want {
			t.Errorf("%s: %v", code, got)
		}
	}
}

// An object without retention is not an error, but a missing object is.
func TestGetObjectRetention_none(t *testing.T) {
	for code, none := range map[string]bool{
		"NoSuchObjectRetentionConfiguration": true, "NoSuchObjectLegalHoldConfiguration": true, "NoSuchKey": false, "NoSuchBucket": false,
	} {
		s := newState(t, osstest.Config{})
		s.server.AddRule(osstest.Rule{Op: osstest.GetObjectRetention, Fault: osstest.Refuse(404, code)})
		got, err := s.client(t, Config{}).GetObjectRetention(t.Context(), s.dst.Object)
		if (err == nil) != none || got.Mode != "" {
			t.Errorf("%s: %+v, %v", code, got, err)
		}
	}
}
