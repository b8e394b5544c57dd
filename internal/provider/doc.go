// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

// Package provider implements the Terraform provider: schemas, plans, operations and
// error messages. Package resumable transfers the data, and package ossclient sends the
// requests to OSS.
//
// The resource ossresumable_object follows one rule:
//
//	state.source_hash is the SHA-256 of the stored object, as far as it is known.
//
// An upload sets it, because an upload ends with a comparison of checksums. Read
// clears it if OSS stores other content than the state describes. An import or a
// takeover starts without it. A plan compares it with the source, and the provider
// uploads the source exactly if the two differ. If it is null, the plan compares the
// size and the CRC-64 that OSS reports, so that the import of an object with the
// right content uploads nothing.
//
// With remote_changes = "keep", source_hash is the SHA-256 of the source that was last
// uploaded or imported. The private state records that the object may differ.
//
// All other changes leave the content alone. Headers, metadata, storage class and
// encryption need a copy inside OSS, which makes a new version of the object. The
// attributes etag, version_id and last_modified are therefore unknown in the plan
// exactly if there will be an upload or a copy. Tags, the ACL, the retention and the
// options of the upload do not change them.
//
// A create that fails writes no state. Terraform would mark such a state as tainted,
// and the next apply would delete the object that the upload was about to replace. The
// parts of an interrupted upload are in OSS, and its checkpoint is in the checkpoint
// directory, where the next apply finds them.
//
// The names of the files begin with what they are about: object_ for the resource, its
// data source and its list, provider_ and settings for the provider block, diagnostics
// for the explanations of errors, and validators for the rules of arguments.
package provider
