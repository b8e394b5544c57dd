// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable

// Objects in tests are small, and are copied in parts all the same. The
// processes that tests start are this binary, too.
func init() { copyPartSize, copyTriedOnce = 100<<10, 8<<20 }
