// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

// Package chunks finds what two versions of a content have in common, wherever it is.
//
// A content is cut into chunks that end where the bytes say so, and not at multiples of
// a size. After an insertion, the chunks behind it are therefore the same as before. A
// [Table] has the size and a checksum of each chunk, and is small enough to be stored
// with the state of a resource. [Match] finds the chunks of a new content in the table of
// an old one.
//
// # Levels
//
// The chunks of level 0 have 256 KiB on average, and those of each further level twice
// as much. A chunk of a level consists of whole chunks of the level below, so the table
// of a level follows from that of the level below, without the content. A [Builder] raises
// the level until the table is small enough, and Match until two tables have the same level.
//
// # Checksums
//
// The checksum of a chunk is an xxHash64, which finds accidental differences only. The
// caller must also compare the CRC-64 of what it takes for equal.
package chunks
