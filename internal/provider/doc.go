// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

// Package provider is the Terraform side of ossresumable: what a user may
// write, what a plan promises, and what an error says. It moves no bytes
// itself; package resumable does, and package ossclient speaks to OSS.
//
// The resource ossresumable_object rests on one rule:
//
//	state.source_hash says what the stored object's bytes are known to hash to.
//
// An upload sets it, because an upload ends in a comparison of checksums.
// Read clears it when OSS holds other bytes than the state describes; an import
// or a move starts without it. A plan compares it with the source, and bytes
// move exactly when the two differ. When it is null, the size and CRC-64 that
// OSS reports stand in for it, so that importing a good object moves nothing.
//
// Everything else about the object is changed without its bytes. What only a
// copy changes (headers, metadata, storage class, encryption) makes a new
// version of it, so etag, version_id and last_modified are unknown in the plan
// exactly when there will be an upload or a copy. Tags, the ACL, the retention
// and the options of the upload leave the three as they are.
//
// A create that fails writes no state. Terraform would keep such a state as
// tainted, and the next apply would delete the object that the upload was
// about to replace. What an interrupted upload has achieved is kept in OSS and
// in the checkpoint directory, where the next apply finds it.
package provider
