// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

// Package resumable is the engine: it keeps a local file as an object in OSS,
// and may be killed at any instant. The next [Uploader.Upload] of the same
// file continues with whatever OSS holds by then. It knows nothing of Terraform
// and nothing of an SDK; [OSS] is all it asks for.
//
// # The life of an upload
//
//	open the source, fingerprint it, compare with the plan
//	lock the destination, read its journal                        (checkpoint)
//	HeadObject: is the object there already?                      look
//	find the upload to continue, else initiate one                open
//	    in the journal, else among those that OSS has open        journaled, unjournaled
//	    ListParts, keep the parts that hold the source's bytes    keep
//	make the missing parts, journal each acknowledgement          transfer
//	compare the joined CRC-64 of the parts with the plan          prove
//	CompleteMultipartUpload until HeadObject agrees               publish
//	give what was found its headers, ACL and tags, without bytes,
//	and whatever is there its retention                           mend
//	remove the journal
//
// The steps from open to publish are one type, multipart. It has a plan: a list of
// parts, each with its range of the object and with where its bytes come from, which
// is the file or a range of an object in OSS. An origin makes the plan, and knows
// what parts are worth: fromFile is that of an upload, fromObject that of a copy.
//
// Where the object has other bytes that were uploaded from here, the fingerprint
// of these is still known, and the plan copies a part that is the same in both
// inside OSS in place of sending it, if the object is still that one. What OSS says
// of a copied part is compared like that of a sent one. When OSS does not
// copy, or nothing is known of the old bytes, all parts are sent.
//
// A small file goes the same way, with one PutObject in place of the parts, and
// so does content that was never a file. [Uploader.Change] is the last step
// but one alone: everything about an object but its bytes. New headers are a
// copy of the object onto itself; where OSS does that only in parts, the copy is
// a multipart upload as well.
//
// [Uploader.Rename] makes an object of another one by the same copy, and uploads
// where OSS does not copy. TestRename_failpoints ends it at each of its calls.
//
// [Uploader.Remove] is the end of an object, by a destroy or after a rename. It
// removes only what the resource instance owns; [Claim] is the rule, and the
// mark that every object carries is what decides.
//
// # What always holds
//
//   - Nothing is published whose CRC-64 differs from the fingerprint that the
//     plan showed, and the old object is readable until the new one is whole.
//   - A part is kept if OSS says that it holds it and its CRC-64 is the one the
//     source has at that place now. Times of change decide nothing.
//   - Whatever is lost, on disk or on the server, the next run converges.
//   - An upload is aborted only if it was in a journal of ours, and with an object
//     that is removed only if the same instance began it; or if a person names it,
//     with [Uploader.Abort] or [Uploader.Discard].
//   - An object is removed only if it is the one that the instance owns.
//   - Only one process sends to a destination at a time.
//   - Memory does not depend on the size of file or parts: parts stream from
//     the file and nothing is read twice. The fingerprint takes at most
//     512 KiB, the parts about 100 bytes each.
//
// # Crash table
//
// What a crash leaves behind, and what the next run does. Each row is the name
// of a case in TestUpload_crash, once with its journal and once without.
//
//	before the journal              nothing                      uploads
//	journal begun                   a journal without upload ID  uploads
//	initiated, not journaled        an upload only OSS knows     continues it
//	initiated                       an upload without parts      continues it
//	part sent, not journaled        a part only OSS knows        keeps it, by ListParts
//	part journaled                  some parts                   sends the others, holes included
//	last part sent, not journaled   all parts, one only OSS knows  completes
//	all parts sent                  all parts                    completes
//	completed, answer lost          the object, a stale journal  sees the object, sends nothing
//	completed                       the object, a stale journal  sees the object, sends nothing
//
// The same for an update that copies what has not changed; it is otherwise as
// above. Each row is the name of a case in TestUpdate_crash.
//
//	initiated                     an upload without parts      copies and sends
//	part copied, not journaled    a part only OSS knows        keeps it, by ListParts
//	part sent after a copied one  parts of both kinds          keeps both
//	some copied, some sent        parts of both kinds          copies and sends the others
//	all parts there               all parts                    completes
//	completed, answer lost        the object, a stale journal  sees the object, sends nothing
//
// A torn journal loses the same knowledge as a lost one, from some line on.
//
// The same for a copy in parts. Each row is the name of a case in
// TestCopyInParts_crash. The object is the old one until it is completed.
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
// An upload and a change of another kind abort the copy that a journal tells of,
// and so does a removal by the instance that began it. Without its journal, an
// upload whose parts are cut as a copy's is continued, and all its parts are copied
// again: nothing tells which object they are of.
package resumable
