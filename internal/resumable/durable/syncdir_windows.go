// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package durable

// SyncDir does nothing on Windows: a directory handle cannot be flushed.
func SyncDir(string) error { return nil }
