// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

// Package checkpoint keeps the journal of an upload in a local directory. The
// process that writes it may be killed at any time.
//
// # Files
//
// The files of a destination (endpoint, bucket, key) are named by a hash of the
// three, so that user input is never part of a file name and a workspace may move:
//
//	v1-<hash>.journal  what OSS is known to hold; absent if no upload is open
//	v1-<hash>.lock     exists while one process works on the destination
//	v1-<hash>.holder   describes that process, for error messages of others
//	….journal.damaged-<time>  a journal that could not be read to its end
//	….journal.tmp-<number>    left by a crash in Replace; the next Open removes it
//
// Files have mode 0600 in a directory with mode 0700. They never contain a
// credential, a signed URL or an access key ID. Package private defines who may own
// and write them. Files that break its rule are refused and left unchanged.
//
// # Journal
//
// The journal is append-only, with one checksummed line for each event (package
// record), so that each part costs one small write. The first line has the version.
// The next lines are, in this order, the uploads that are still to be aborted, the
// open upload ("begin", "initiated"), and its parts. If "begin" has a copy_of, the
// parts are copied inside OSS.
//
// The durable writes, and what holds after each:
//
//	Replace    at the start of a run, before InitiateMultipartUpload: the journal
//	           has what will be sent, and what an earlier run left
//	Initiated  before the first UploadPart: the journal has the upload ID
//	PartStored after each acknowledged part; synced once a second or every 64
//	           parts, because ListParts returns the parts that a power failure loses
//	Aborted    after AbortMultipartUpload: it need not be repeated
//	Finish     after the object was verified: the journal is removed, unless an
//	           upload of this object is still to be aborted
//
// A failed write or sync is not repeated on the same file. The caller gets the error
// and may continue without a journal. The same applies if the file was renamed or
// removed, which each sync checks.
//
// # Reading
//
// Lines are read up to the first one that is incomplete, or that this package does
// not write, such as a part 10,001. An incomplete last line is the result of a crash
// and is dropped. Anything else means damage: the file is set aside, and a warning
// names it. In both cases the lines before it are used, and the rest is read from
// OSS. A journal of a newer version is refused and not changed.
//
// List follows the same rules, without a lock and without changing anything.
package checkpoint
