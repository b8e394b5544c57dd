// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package source

import "os"

// openNonblock opens path. Windows does not wait in an open.
func openNonblock(path string) (*os.File, error) { return os.Open(path) }

// setBlocking has nothing to undo.
func setBlocking(*os.File) error { return nil }
