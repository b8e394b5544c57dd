// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/partplan"
)

// One log line at INFO shows the progress, speed and remaining time, first as a
// sentence and then in fields. Parts that an earlier run sent count for the
// progress, but not for the speed.
func TestProgress_line(t *testing.T) {
	const mib = 1 << 20
	var logged bytes.Buffer
	m := &multipart{
		job:   &job{Uploader: &Uploader{}, obj: Object{"b", "k"}, log: slog.New(slog.NewTextHandler(&logged, &slog.HandlerOptions{Level: slog.LevelInfo}))},
		stats: &Stats{Parts: 10, PartsKept: 2, BytesKept: 20 * mib, BytesSent: 5 * mib},
		plan:  partPlan{parts: make([]plannedPart, 10), size: 100 * mib},
	}
	m.stored = map[int]StoredPart{1: {Size: 10 * mib}, 2: {Size: 10 * mib}}
	p := reporter{multipart: m, started: time.Now(), before: bytesOf(m.stored)}
	p.report(t.Context())
	p.started = p.started.Add(-10 * time.Second)
	m.stored[3], m.stored[4] = StoredPart{Size: 10 * mib}, StoredPart{Size: 10 * mib}
	m.stats.BytesSent += 20 * mib
	p.report(t.Context())

	// OSS copies a part in no time, and will copy another one. Neither counts for the time left.
	m.plan.parts[9] = plannedPart{Part: partplan.Part{Number: 10, Size: 10 * mib}, copyOf: &CopySource{ETag: "OLD"}}
	m.stored[5] = StoredPart{Size: 10 * mib}
	m.stats.BytesCopied = 10 * mib
	p.report(t.Context())

	lines := strings.Split(strings.TrimSpace(logged.String()), "\n")
	for i, want := range []string{
		`level=INFO msg="uploading oss://b/k: 20.0 % (20.0 of 100.0 MiB, 2 of 10 parts, 20.0 MiB kept)" percent=20.0 parts=2/10 bytes_kept=20971520 bytes_copied=0 mib_per_second=0.0 time_left=unknown`,
		`level=INFO msg="uploading oss://b/k: 40.0 % (40.0 of 100.0 MiB, 4 of 10 parts, 20.0 MiB kept, 2.0 MiB/s, 30s left)" percent=40.0 parts=4/10 bytes_kept=20971520 bytes_copied=0 mib_per_second=2.0 time_left=30s`,
		`level=INFO msg="uploading oss://b/k: 50.0 % (50.0 of 100.0 MiB, 5 of 10 parts, 20.0 MiB kept, 10.0 MiB copied, 2.0 MiB/s, 20s left)" percent=50.0 parts=5/10 bytes_kept=20971520 bytes_copied=10485760 mib_per_second=2.0 time_left=20s`,
	} {
		if len(lines) != 3 || !strings.Contains(lines[i], want) {
			t.Errorf("line %d of %q lacks %q", i, lines, want)
		}
	}
}
