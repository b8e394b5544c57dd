// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package owner

import "io/fs"

// Of is the user and the group of a file. ok is false where they are not known.
func Of(fs.FileInfo) (uid, gid int, ok bool) { return 0, 0, false }
