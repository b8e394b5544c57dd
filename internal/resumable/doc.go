// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

// Package resumable uploads local files to OSS as objects. A process may be
// killed at any time: the next [Uploader.Upload] of the same file continues with
// what OSS holds. The package does not depend on Terraform or an SDK. It uses OSS
// only through the interface [OSS].
//
// # The life of an upload
//
//	open the source, fingerprint it, compare with the plan
//	lock the destination, read its journal                        (checkpoint)
//	HeadObject: does the object exist already?                    look
//	find an upload to continue, or initiate one                   open
//	    in the journal, or among the open uploads in OSS          journaled, unjournaled
//	    ListParts, keep the parts with the bytes of the source    keep
//	make the missing parts, journal each acknowledgement          transfer
//	compare the combined CRC-64 of the parts with the plan        prove
//	CompleteMultipartUpload until HeadObject shows the object     publish
//	set headers, ACL and tags of a found object or upload, without
//	sending bytes, and the retention of every object              applyDestination
//	remove the journal
//
// The type multipart implements the steps from open to publish. It has a plan, which
// is a list of parts. Each part has a range of the object and the place of its bytes:
// the file, or a range of an object in OSS. An origin makes the plan and decides which
// parts to keep: fromFile for an upload, fromObject for a copy.
//
// If the object has other bytes, their chunk table is in the state of the resource, and
// on the machine that uploaded them their fingerprint is still known. The plan then
// copies ranges that are the same in both inside OSS instead of sending them, provided
// that the object has not changed. A copied part is checked like a sent part. If OSS
// refuses to copy, the rest is sent, and if the old bytes are not known, all parts are.
// See from_file_plan.go.
//
// A small file follows the same steps, with one PutObject instead of the parts, and
// so does content that is not in a file. [Uploader.Change] sets everything about an
// object except its bytes. To replace headers, it copies the object onto itself; if
// OSS does that only in parts, the copy is a multipart upload, too.
//
// [Uploader.Prepare] takes these steps up to the last part and publishes nothing, so
// that an action can show the progress. The next Upload keeps all parts.
//
// [Uploader.Rename] makes an object from another one by the same copy, and uploads if
// OSS refuses to copy. An upload of a [SourceObject] is that copy alone.
// TestRename_failpoints and TestUpload_sourceObjectFailpoints kill them at each of
// their calls.
//
// [Uploader.Remove] removes an object when it is destroyed or after a rename. It
// removes only an object that the resource instance owns. [Claim] defines ownership,
// which depends on the mark that every object carries.
//
// # Invariants
//
//   - Nothing is published whose CRC-64 differs from the fingerprint in the plan,
//     and the old object is readable until the new one is complete.
//   - A part is kept if OSS reports that it holds the part, with the CRC-64 that the
//     source has at that place now. Modification times decide nothing.
//   - Whatever is lost, on disk or in OSS, the next run converges.
//   - An upload is aborted only if it was in a journal of this package, if it is for
//     an object that is being removed and the same instance began it, or if a user
//     names it, with [Uploader.Abort] or [Uploader.Discard].
//   - An upload that was found in OSS, or that another instance began, is never aborted,
//     unless a user asks for it. It is continued and completed only while all its parts
//     have the bytes of the source.
//   - An object is removed only if the instance owns it.
//   - Only one process sends to a destination at a time.
//   - Memory does not depend on the size of the file or of its parts: parts are
//     streamed from the file, and nothing is read twice. The fingerprint takes at most
//     700 KiB, and each part about 200 bytes.
//
// # Crash table
//
// Each row is the time of a crash, what it leaves behind, and what the next run
// does. The first column names a case in TestUpload_crash, which runs with the
// journal and without it.
//
//	before the journal              nothing                      uploads
//	journal begun                   a journal without upload ID  uploads
//	initiated, not journaled        an upload only OSS knows     continues it, if the journal shows that no other was opened
//	initiated                       an upload without parts      continues it, from the journal
//	part sent, not journaled        a part only OSS knows        keeps it, by ListParts
//	part journaled                  some parts                   sends the others, holes included
//	last part sent, not journaled   all parts, one only OSS knows  completes
//	all parts sent                  all parts                    completes
//	completed, answer lost          the object, a stale journal  sees the object, sends nothing
//	completed                       the object, a stale journal  sees the object, sends nothing
//
// Without its journal, an upload without parts may be that of another process. It stays
// open, and the next run initiates its own.
//
// The following rows are for an update that copies unchanged parts. The other rows
// are as above. The first column names a case in TestUpdate_crash. TestMoved_crash has
// the same for parts of several sizes.
//
//	initiated                     an upload without parts      copies and sends
//	part copied, not journaled    a part only OSS knows        keeps it, by ListParts
//	some copied                   some copied parts            copies the others, and sends
//	all copied, some sent         parts of both kinds          sends the others
//	all parts there               all parts                    completes
//	completed, answer lost        the object, a stale journal  sees the object, sends nothing
//
// A torn journal has the same effect as a lost one, from the torn line on.
//
// The following rows are for a copy in parts. The first column names a case in
// TestCopyInParts_crash. The object is the old one until the copy is completed.
//
//	journal begun                a journal without upload ID    copies
//	initiated, not journaled     an upload only OSS knows       continues it
//	initiated                    an upload without parts        continues it
//	part copied, not journaled   a part only OSS knows          keeps it, by ListParts
//	part journaled               some parts                     copies the others
//	all parts copied             all parts                      completes
//	completed, answer lost       the object, a stale journal    nothing is left to copy
//	completed                    the object, a stale journal    nothing is left to copy
//	completed, tags not set      the object, its tags from Initiate  nothing is left to copy
//
// An upload, and a change that needs no copy in parts, abort the copy in the journal.
// So does a removal by the instance that began it. Without its journal, the upload
// stays open, and the copy starts over, because nothing shows whom its parts belong to.
package resumable
