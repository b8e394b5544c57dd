// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable

// Objects in tests are small, but are copied in parts. The child processes of the tests
// use the same binary.
func init() { copyPartSize, copyTriedOnce = 100<<10, 8<<20 }
