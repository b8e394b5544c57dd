// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package ossclient

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

func TestRetention(t *testing.T) {
	s := newState(t, osstest.Config{})
	c, ctx, obj := s.client(t, Config{}), t.Context(), s.dst.Object
	if err := c.PutObjectRetention(ctx, obj, retention); !isRefusal(err, "InvalidRequest") {
		t.Errorf("a bucket without retention: %v", err)
	}
	s.server.EnableObjectWorm(bucketName, "", 0)
	if got, err := c.GetObjectRetention(ctx, obj); err != nil || got != (resumable.Retention{}) {
		t.Errorf("object without retention: %+v, %v", got, err)
	}
	for _, until := range []time.Time{retention.Until, retention.Until.Add(time.Millisecond).In(time.FixedZone("", 3600))} {
		asked := resumable.Retention{Mode: "COMPLIANCE", Until: until}
		if err := c.PutObjectRetention(ctx, obj, asked); err != nil {
			t.Fatal(err)
		}
		if got, err := c.GetObjectRetention(ctx, obj); err != nil || !got.Equal(asked) {
			t.Errorf("GetObjectRetention: %+v, want %+v: %v", got, asked, err)
		}
		if info, err := c.HeadObject(ctx, obj); err != nil || !info.Retention.Equal(asked) {
			t.Errorf("HeadObject: %+v, want %+v: %v", info.Retention, asked, err)
		}
	}
	if err := c.PutObjectRetention(ctx, obj, retention); !isRefusal(err, "AccessDenied") {
		t.Errorf("shorter: %v", err)
	}
}

// The V1 signature of the SDK does not cover the subresource. The client refuses to
// send such a request, which OSS would answer with SignatureDoesNotMatch.
func TestRetention_signatureV1(t *testing.T) {
	s := newState(t, osstest.Config{})
	s.server.EnableObjectWorm(bucketName, "", 0)
	c := s.client(t, Config{SignVersion: "v1"})
	_, err := c.GetObjectRetention(t.Context(), s.dst.Object)
	for _, err := range []error{err, c.PutObjectRetention(t.Context(), s.dst.Object, retention)} {
		if err == nil || resumable.Transient(err) || !strings.Contains(err.Error(), `requires sign_version = "v4"`) {
			t.Errorf("got %v", err)
		}
	}
	if sent := s.server.Requests(); len(sent) != 0 {
		t.Errorf("sent %v", sent)
	}
}

func TestRetention_answers(t *testing.T) {
	for document, says := range map[string]string{
		"<Retention/>": "",
		"<Retention><Mode>COMPLIANCE</Mode></Retention>":                                                 "is invalid",
		"<Retention><Mode>COMPLIANCE</Mode><RetainUntilDate>soon</RetainUntilDate></Retention>":          "is invalid",
		"<Retention><Mode>a b</Mode><RetainUntilDate>2094-12-01T16:00:00Z</RetainUntilDate></Retention>": "is invalid",
		"<Other/>":                     "GetObjectRetention",
		errorXML("InternalError", "x"): "InternalError",
	} {
		c := answering(t, func(*http.Request, http.Header) (int, string) { return 200, document })
		_, err := c.GetObjectRetention(t.Context(), object)
		if says == "" && err != nil || says != "" && (err == nil || !strings.Contains(err.Error(), says)) {
			t.Errorf("%s: %v, want %q", document, err, says)
		}
	}
	for until, want := range map[string]bool{"2094-12-01T16:00:00.000Z": true, "2094-12-01T16:00:00+01:00": true, "": false, "soon": false} {
		got := retentionOf(http.Header{headerWormMode: {"COMPLIANCE"}, headerWormUntil: {until}})
		if (got.Mode != "") != want {
			t.Errorf("%q: %+v", until, got)
		}
	}
}
