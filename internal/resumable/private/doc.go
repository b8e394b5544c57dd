// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

// Package private is the one rule of who may own and write a checkpoint
// directory and the files in it. Journals, locks and the cache of fingerprints
// follow it before they read, write or remove anything there.
//
// A directory belongs to this user, and no other may write to it: who can, may
// put a journal there that names an upload to abort. No symbolic link of another
// user leads to it; [Check] says why. A file is a regular one of this user with
// one name, that no other may write to, and is opened through no link.
//
// What breaks the rule is refused with [ErrDir] and left as it is. On Windows
// modes say nothing: what protects the user's profile protects the directory.
package private
