// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

// Package osstest is Alibaba Cloud OSS for tests: an HTTP server in the same
// process, or run as the command ossserver, that stores objects as OSS does and
// fails as tests want it to.
//
// It imports the standard library only, and nothing of this module, so that it
// cannot share a bug with the code under test. Whether it is like OSS is held
// against the vendor's own test suites and against a second client, in the
// module conformance, and against recorded answers of OSS, where a file of them is
// at hand.
//
//	s := osstest.Start(t, osstest.Config{})
//	s.CreateBucket("bucket")
//	s.AddRule(osstest.Rule{Op: osstest.CompleteMultipartUpload, Times: 1, Fault: osstest.LoseAnswer()})
//	upload(s.URL(), osstest.AccessKeyID, osstest.AccessKeySecret)
//	if n := s.Count(osstest.UploadPart); n != 3 { ... }
//	object, ok := s.Object("bucket", "key")
//	allow := s.DenyActions("oss:ListParts")
//
// # What it is
//
// Buckets with versioning, default encryption and object-level retention;
// objects with metadata, ACL, tags, storage class, encryption and retention, each
// version its own; put, append, copy, get with ranges and conditions, delete,
// restore, symbolic links, all listings; the whole multipart family; callbacks to loopback;
// temporary credentials. Signatures of versions 1, 2 and 4
// are verified, in headers and in URLs, and both path style and virtual-host
// style are understood. Names are OSS's: upload ID, part number, ETag, CRC-64.
//
// # What it guarantees
//
//   - Strictness: a request that no correct client sends (unsigned, unknown
//     parameters, x-oss- headers that its operation does not have, a part number beyond 10,000, an upload ID or ETag that was
//     never issued) is a violation, and fails the test at its end. An error
//     that a correct client can meet, such as NoSuchUpload after an abort, is
//     none.
//   - A fault happens before an operation is applied or after it, never half
//     way: [Refuse], [CutBody] and [Garbage] leave the server as it was,
//     [LoseAnswer], [CutAnswer] and [GarbageAfter] hide what was done.
//   - The log has every request from the moment its headers arrive, with the
//     bytes really read and whether its effect was applied, apart from what the
//     client was told.
//   - Bodies are streamed to disk; memory depends on neither the size of a body
//     nor that of an object. An object is the list of its parts' files, so
//     Complete copies nothing.
//
// State lives as long as the Server. Accounts, policies, regions other than
// one, lifecycle, KMS and image processing do not exist here.
// [Server.DenyActions] stands in for policies, and encryption is a header: no
// byte is encrypted.
//
// # Sources
//
// Comments name the source of each fact about OSS: its API pages, its pages of
// error codes (EC), the vendor's SDKs and their tests. What no source was found
// for is marked as assumed.
package osstest
