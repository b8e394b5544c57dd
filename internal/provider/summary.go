// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"log/slog"
	"strings"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// summarize says in the log, and on the terminal, what an upload in parts did. Other
// uploads are one request.
func (s *service) summarize(ctx context.Context, obj resumable.Object, stats resumable.Stats) {
	if stats.Parts == 0 {
		return
	}
	did := transferred(stats)
	slog.New(tflogHandler{}).InfoContext(ctx, fmt.Sprintf("uploaded %v: %s", obj, did))
	s.terminal.show(obj, "done, "+did)
}

// transferred says where the bytes of an object come from: "86.0 MiB sent, 7.0 GiB
// copied, 12.0 MiB kept". Those that are kept were in OSS before the run, and those that
// are copied are from the old object.
func transferred(stats resumable.Stats) string {
	parts := []string{resumable.ByteSize(stats.BytesSent) + " sent"}
	if stats.BytesCopied > 0 {
		parts = append(parts, resumable.ByteSize(stats.BytesCopied)+" copied")
	}
	if stats.BytesKept > 0 {
		parts = append(parts, resumable.ByteSize(stats.BytesKept)+" kept")
	}
	return strings.Join(parts, ", ")
}
