// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

// Package source is the local file of an upload: which file it is, which bytes
// it holds, and whether it is still the same.
//
// A file's [Identity] is what the file system tells about it: device, inode,
// size, time of modification and time of change. While two identities are
// equal the bytes are taken to be the same; [File.CheckUnchanged] compares the
// open file and its path with the identity at [Open].
//
// A file's [Fingerprint] is what its bytes tell: SHA-256 and CRC-64 of the
// whole, and the CRC-64 of each block, from which [Fingerprint.PartCRC64]
// combines the checksum of any range. Making one reads the file once, in
// little memory. A cache on disk makes every further one free, as long as the
// identity proves that the file cannot have changed; cache.go says when it does.
// [Fingerprint.Keep] and [Recall] keep it by the SHA-256 instead, for the time
// when the file has changed, and [Fingerprint.SameBytes] says where.
//
// No function here waits for anything but the disk: what is not a regular
// file, such as a named pipe, is refused and never read.
package source
