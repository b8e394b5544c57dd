// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package owner

import "io/fs"

// Of returns the user and the group of a file. ok is false if they are unknown.
func Of(fs.FileInfo) (uid, gid int, ok bool) { return 0, 0, false }
