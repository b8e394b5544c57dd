// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"crypto/x509"
	"errors"
	"io/fs"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// Whoever searches for the text of an error finds it in the guide.
func TestExplain_isInTheGuide(t *testing.T) {
	guide, err := os.ReadFile("../../templates/guides/when-an-upload-fails.md")
	if err != nil {
		t.Fatal(err)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	late, cancel := context.WithTimeout(t.Context(), 0)
	defer cancel()
	var summaries []string
	for _, e := range explanations {
		summaries = append(summaries, string(e.summary))
	}
	for _, r := range refusals {
		summaries = append(summaries, string(r.summary))
	}
	upload := attempt{operation: creating, object: resumable.Object{Bucket: "bucket"}}
	for _, e := range []explanation{
		upload.explain(cancelled, context.Canceled),
		upload.explain(late, context.DeadlineExceeded),
		upload.explain(t.Context(), &fs.PathError{Op: "read", Path: "x", Err: errors.New("input/output error")}),
		upload.explain(t.Context(), &net.OpError{Op: "dial", Err: errors.New("refused")}),
		upload.explain(t.Context(), syscall.EMFILE),
		upload.explain(t.Context(), x509.UnknownAuthorityError{}),
		upload.explain(t.Context(), x509.HostnameError{}),
		upload.explain(t.Context(), &net.DNSError{Name: "bucket.bucket.oss.example.com"}),
		upload.explain(t.Context(), refused("NewCode")),
		upload.explain(t.Context(), errors.New("something new")),
	} {
		summaries = append(summaries, string(e.summary))
	}
	for _, summary := range summaries {
		if !strings.Contains(string(guide), "`"+summary+"`") {
			t.Errorf("the guide says nothing about %q", summary)
		}
	}
}
