// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

// Package source reads the local file of an upload, and detects changes of it.
//
// The [Identity] of a file is what the file system reports about it: device, inode,
// size, modification time and change time. While two identities are equal, the bytes
// are taken to be the same. [File.CheckUnchanged] compares the open file and its path
// with the identity at [Open].
//
// The [Fingerprint] of a file identifies its bytes: SHA-256 and CRC-64 of the file,
// the CRC-64 of each block, from which [Fingerprint.PartCRC64] combines the checksum of
// any range, and the chunks of package chunks. It is computed in one pass over the file, in little memory.
// A cache on disk saves further passes while the identity proves that the file has
// not changed; see cache.go. [Fingerprint.Keep] and [Recall] store fingerprints by
// SHA-256 instead, for use after the file has changed, and [Fingerprint.SameBytes]
// finds unchanged ranges.
//
// Functions of this package wait only for the disk. Anything but a regular file, such
// as a named pipe, is refused without reading it.
package source
