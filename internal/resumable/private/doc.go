// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

// Package private defines who may own and write a checkpoint directory and the
// files in it. Journals, locks and the cache of fingerprints apply this rule before
// they read, write or remove anything there.
//
// A directory that the user has chosen and that others may write to is never used
// itself, but a folder in it; see [Within].
//
// A directory must belong to this user, and no other user may write to it, because
// another user could put a journal there that names an upload to abort. No symbolic
// link of another user may lead to it; see [Check]. A file must be a regular file of
// this user with one hard link that no other user may write to. Files are never
// opened through a symbolic link.
//
// Anything else is refused with [ErrDir] and left unchanged. On Windows, file modes
// have no effect; the permissions of the user profile protect the directory.
package private
