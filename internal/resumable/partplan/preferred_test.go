// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package partplan

import "testing"

// A preferred part size that is exactly the smallest possible one is kept, even
// if it is not a multiple of multiple.
func TestAutoPartSize_preferredIsTheSmallest(t *testing.T) {
	const mib = 1 << 20
	for _, preferred := range []int64{MinPartSize, 8*mib + 1} {
		size := MaxParts * preferred
		if smallest := Smallest(size); smallest != preferred {
			t.Fatalf("Smallest(%d) = %d, want %d", size, smallest, preferred)
		}
		if got := AutoPartSize(size, preferred, mib); got != preferred {
			t.Errorf("AutoPartSize(%d, %d, 1 MiB) = %d", size, preferred, got)
		}
	}
}
