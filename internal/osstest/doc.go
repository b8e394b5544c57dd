// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

// Package osstest provides an OSS server for tests. The server stores objects as
// Alibaba Cloud OSS does, and fails in the ways that a test asks for. It runs in
// the test's process or as the command ossserver.
//
// The package imports only the standard library, so that it cannot share a bug
// with the code under test. To verify that the server behaves like OSS, the module
// conformance runs the vendor's own test suites and a second client against it,
// and tests compare its answers with recorded answers of OSS, if they are
// available.
//
//	s := osstest.Start(t, osstest.Config{})
//	s.CreateBucket("bucket")
//	s.AddRule(osstest.Rule{Op: osstest.CompleteMultipartUpload, Times: 1, Fault: osstest.LoseAnswer()})
//	upload(s.URL(), osstest.AccessKeyID, osstest.AccessKeySecret)
//	if n := s.Count(osstest.UploadPart); n != 3 { ... }
//	object, ok := s.Object("bucket", "key")
//	allow := s.DenyActions("oss:ListParts")
//
// # Features
//
// The server supports buckets with versioning, default encryption and
// object-level retention. Each version of an object has its own metadata, ACL,
// tags, storage class, encryption and retention. Objects can be put, appended to,
// copied, read with ranges and conditions, deleted, restored and listed; symbolic
// links, all multipart operations, callbacks to loopback and temporary credentials
// are supported, too. The server verifies signatures of versions 1, 2 and 4, in
// headers and in URLs, and accepts path-style and virtual-host-style addresses.
// Names follow the OSS documentation: upload ID, part number, ETag, CRC-64.
//
// # Guarantees
//
//   - A request that no correct client sends is a violation and fails the test
//     at its end. Examples are unsigned requests, unknown parameters, x-oss-
//     headers that the operation does not support, part numbers above 10,000, and
//     upload IDs or ETags that were never issued. An error that a correct client
//     can encounter, such as NoSuchUpload after an abort, is not a violation.
//   - A fault occurs before or after an operation is applied, never in between.
//     [Refuse], [CutBody] and [Garbage] leave the server unchanged; [LoseAnswer],
//     [CutAnswer] and [GarbageAfter] apply the operation and hide its result.
//   - The log contains each request as soon as its headers arrive. It records how
//     many bytes of the body were read and whether the operation was applied, even
//     if the client was told otherwise.
//   - Bodies are streamed to disk; memory use does not depend on the size of
//     bodies or objects. An object is a list of its parts' files, so Complete
//     copies nothing.
//
// A Server's state exists only in that Server. The server has a single region and
// no accounts, policies, lifecycle rules, KMS or image processing.
// [Server.DenyActions] takes the place of policies. Encryption is only a header:
// the server does not encrypt anything.
//
// # Sources
//
// Comments name the source of each fact about OSS: its API pages, its pages about
// error codes (EC), the vendor's SDKs and their tests. A fact without a source is
// marked as assumed.
package osstest
