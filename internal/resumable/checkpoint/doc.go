// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

// Package checkpoint keeps, in a local directory, the journal of an upload
// that may be interrupted at any instant.
//
// # Files
//
// A destination (endpoint, bucket, key) has one name, a hash of the three, so
// that nothing a user chose stands in a file name and a workspace may move:
//
//	v1-<hash>.journal  what OSS is known to hold; absent when nothing is open
//	v1-<hash>.lock     exists while one process works on the destination
//	v1-<hash>.holder   who that is, for the others' error message
//	….journal.damaged-<time>  a journal that could not be read to its end
//	….journal.tmp-<number>    what a crash in Replace leaves; the next Open removes it
//
// Files are 0600 in a directory that is 0700. No credential, signed URL or
// access key ID is ever in one of them. Package private has the rule of who may
// own and write them; what breaks it is refused and left as it is.
//
// # Journal
//
// The journal is append-only: one checksummed line an event (package record),
// so a part costs one small write however many there are. It begins with its
// version; then come, in this order, uploads that are still to be aborted, the
// upload that is open ("begin", "initiated"), and its parts. Where "begin" has
// a copy_of, the parts are copied inside OSS and nothing is sent.
//
// The durable writes, and what holds after each:
//
//	Replace    at the start of a run, before InitiateMultipartUpload: what is
//	           going to be sent is known, and what an earlier run left
//	Initiated  before the first UploadPart: the upload ID is known
//	PartStored after each acknowledged part; synced at most once a second or
//	           every 64 parts, because ListParts finds what a power cut loses
//	Aborted    after AbortMultipartUpload: it need not be repeated
//	Finish     after the object was verified: the journal is gone, unless an
//	           upload of this object is still to be aborted
//
// A write or sync that failed is not tried again on the same file; the caller
// is told, and may go on without a journal. The same holds when the file has
// lost its name, which is looked at with each sync.
//
// # Reading
//
// Lines are trusted up to the first one that is not whole, or that this package
// does not write, such as a part 10,001. A torn last line is what a crash
// leaves, and is dropped. Anything else means damage: the file is kept aside
// and a warning says where. In both cases the good lines before it stand, and
// what is missing is asked of OSS. A journal of a newer version is refused and
// not touched.
//
// List reads by the same rules, without a lock and without changing anything.
package checkpoint
