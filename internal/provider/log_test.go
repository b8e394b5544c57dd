// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"bytes"
	"context"
	"log/slog"
	"reflect"
	"testing"

	"github.com/hashicorp/terraform-plugin-log/tflogtest"
)

func TestTflogHandler(t *testing.T) {
	var out bytes.Buffer
	ctx := tflogtest.RootLogger(context.Background(), &out)
	log := slog.New(tflogHandler{}).With("object", "oss://b/k")

	log.InfoContext(ctx, "uploading", "parts", 3, slog.Group("rate", "mib", 1.5))
	log.WithGroup("retry").With("attempt", 2).WarnContext(ctx, "trying again", "wait", "1s")
	log.DebugContext(ctx, "detail")
	log.ErrorContext(ctx, "broken: k\x1b[2J")
	log.Info("without a logger in its context")

	lines, err := tflogtest.MultilineJSONDecode(&out)
	if err != nil {
		t.Fatal(err)
	}
	want := []map[string]any{
		{"@level": "info", "@message": "uploading", "object": "oss://b/k", "parts": "3", "rate.mib": "1.5"},
		{"@level": "warn", "@message": "trying again", "object": "oss://b/k", "retry.attempt": "2", "retry.wait": "1s"},
		{"@level": "debug", "@message": "detail", "object": "oss://b/k"},
		{"@level": "error", "@message": `broken: k\x1b[2J`, "object": "oss://b/k"},
	}
	for _, line := range lines {
		delete(line, "@module")
	}
	if !reflect.DeepEqual(lines, want) {
		t.Errorf("got  %v\nwant %v", lines, want)
	}
}
