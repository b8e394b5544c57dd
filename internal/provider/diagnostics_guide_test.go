// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"os"
	"strings"
	"testing"
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
		summaries = append(summaries, e.summary)
	}
	upload := attempt{operation: creating}
	for _, e := range []explanation{
		upload.explain(cancelled, context.Canceled),
		upload.explain(late, context.DeadlineExceeded),
		upload.explain(t.Context(), &fs.PathError{Op: "read", Path: "x", Err: errors.New("input/output error")}),
		upload.explain(t.Context(), &net.OpError{Op: "dial", Err: errors.New("refused")}),
		upload.explain(t.Context(), errors.New("something new")),
	} {
		summaries = append(summaries, e.summary)
	}
	for _, summary := range summaries {
		if !strings.Contains(string(guide), "`"+summary+"`") {
			t.Errorf("the guide says nothing about %q", summary)
		}
	}
}
