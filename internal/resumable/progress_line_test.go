// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"
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
	p := reporter{m, time.Now(), bytesOf(m.stored)}
	p.report(t.Context())
	p.started = p.started.Add(-10 * time.Second)
	m.stored[3], m.stored[4] = StoredPart{Size: 10 * mib}, StoredPart{Size: 10 * mib}
	m.stats.BytesSent += 20 * mib
	p.report(t.Context())

	lines := strings.Split(strings.TrimSpace(logged.String()), "\n")
	for i, want := range []string{
		`level=INFO msg="uploading oss://b/k: 20.0 % (20.0 of 100.0 MiB, 2 of 10 parts, 20.0 MiB kept)" percent=20.0 parts=2/10 bytes_kept=20971520 bytes_copied=0 mib_per_second=0.0 time_left=unknown`,
		`level=INFO msg="uploading oss://b/k: 40.0 % (40.0 of 100.0 MiB, 4 of 10 parts, 20.0 MiB kept, 2.0 MiB/s, 30s left)" percent=40.0 parts=4/10 bytes_kept=20971520 bytes_copied=0 mib_per_second=2.0 time_left=30s`,
	} {
		if len(lines) != 2 || !strings.Contains(lines[i], want) {
			t.Errorf("line %d of %q lacks %q", i, lines, want)
		}
	}
}
