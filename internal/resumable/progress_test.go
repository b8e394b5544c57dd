// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable_test

import (
	"math"
	"testing"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

func TestProgress(t *testing.T) {
	const mib, gib = 1 << 20, 1 << 30
	for _, c := range []struct {
		p    resumable.Progress
		want string
	}{
		{resumable.Progress{}, "0.0 % (0 of 0 B, 0 of 0 parts)"},
		{
			resumable.Progress{Size: 7 * gib, Stored: 7 * gib / 2, Parts: 896, PartsStored: 448, Kept: 96 * mib, Copied: 2 * gib, Rate: 85 * mib},
			"50.0 % (3.5 of 7.0 GiB, 448 of 896 parts, 96.0 MiB kept, 2.0 GiB copied, 85.0 MiB/s, 42s left)",
		},
		{
			resumable.Progress{Size: 1023, Stored: 1, Parts: 1, Rate: 0.5},
			"0.1 % (1 of 1023 B, 0 of 1 parts, 34m4s left)",
		},
		{
			resumable.Progress{Size: 2048 * gib, Stored: 2048 * gib, Parts: 9, PartsStored: 9, Rate: 1024},
			"100.0 % (2.0 of 2.0 TiB, 9 of 9 parts, 1.0 KiB/s)",
		},
		// A journal may have invalid values.
		{
			resumable.Progress{Size: 1, Stored: math.MaxInt64, Parts: 1, PartsStored: 10000},
			"100.0 % (8388608.0 of 0.0 TiB, 10000 of 1 parts)",
		},
		{resumable.Progress{Size: math.MaxInt64, Stored: -5, Rate: 1e-9}, "0.0 % (-0.0 of 8388608.0 TiB, 0 of 0 parts)"},
	} {
		if got := c.p.String(); got != c.want {
			t.Errorf("%+v:\n got %s\nwant %s", c.p, got, c.want)
		}
	}
	brief := resumable.Progress{Size: 7 * gib, Stored: 7 * gib / 2, Parts: 896, PartsStored: 448, Kept: 96 * mib, Copied: 2 * gib, Rate: 85 * mib}.Brief()
	if want := "50.0 %, 3.5 of 7.0 GiB, 85.0 MiB/s, 42s left"; brief != want {
		t.Errorf("got %s, want %s", brief, want)
	}
}

func TestByteSize(t *testing.T) {
	for n, want := range map[int64]string{
		0: "0 B", 1023: "1023 B", 1024: "1.0 KiB", 1536: "1.5 KiB", 328 << 20: "328.0 MiB", 5 << 30: "5.0 GiB", 50 << 40: "50.0 TiB",
	} {
		if got := resumable.ByteSize(n); got != want {
			t.Errorf("ByteSize(%d) = %q, want %q", n, got, want)
		}
	}
}
