// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable

import (
	"crypto/rand"
	"strings"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/checkpoint"
)

// Equal bytes do not prove ownership: with create_before_destroy, or after a change
// of for_each keys, one instance adopts the object of another, which is destroyed
// later, possibly on another machine. ETag and Last-Modified do not prove it either:
// a copy onto itself may keep the ETag, and Last-Modified has a resolution of one
// second. So each object carries the ID of the instance that wrote it, its mark, and
// the state of the instance records that ID.

// Unmarked is the owner of an object without a mark: it was imported, or OSS
// refuses to copy it onto itself.
const Unmarked = "unmarked"

// NewMark returns the ID of a new resource instance.
func NewMark() string { return strings.ToLower(rand.Text()) }

// Claim describes an object that a resource instance no longer wants.
type Claim struct {
	Object

	// Owner is the ID of the instance, or [Unmarked]. "": not known, as for a tainted
	// instance, for which Terraform does not provide it.
	Owner string

	// Imported is the mark that the object had when an instance without its own ID
	// took over the object.
	Imported string

	// Known describes the object as last seen: ETag, LastModified, VersionID, size and
	// CRC-64. An object with secret content has only LastModified and VersionID.
	Known ObjectInfo

	// Renamed says that the object has moved to another key. Then the object at the
	// old key belongs to the instance only if it carries the mark, because nothing
	// else was refreshed.
	Renamed bool

	// Shared says that other programs may write the object, too, and that it belongs to
	// the instance nevertheless. If it was also renamed, it is the claimed object only
	// while it is as last seen, because the copy has no later content.
	Shared bool
}

// covers reports whether the found object is the claimed one. An object with
// another mark belongs to another instance. An object that changed since it was
// last seen has another writer, who may have kept the mark. If its bytes are the
// same, and the instance has an ID, it is still claimed: a user has stored it
// again.
func (c Claim) covers(found ObjectInfo) bool {
	mark := found.Headers.Mark
	imported := c.Imported != "" && mark == c.Imported && !c.Renamed
	switch {
	case mark != "" && c.Owner != "" && mark != c.Owner && !imported:
		return false
	case c.Shared && !c.Renamed && (mark == "" || c.Owner != ""):
		return true
	case c.Renamed && !c.Shared && c.Owner != "" && c.Owner != Unmarked:
		return mark == c.Owner
	case c.Known.ETag == "": // the time has a resolution of one second, so it is no proof alone
		return mark != "" && mark == c.Owner && !changed(found, c.Known)
	case found.ETag == c.Known.ETag && found.LastModified.Equal(c.Known.LastModified):
		return true
	}
	again := found.VersionID == c.Known.VersionID && found.CRC64 != "" && found.CRC64 == c.Known.CRC64 && sameBytes(found, c.Known)
	return again && c.Owner != "" && !c.Renamed
}

// resumeMark gives dst the mark of an interrupted run, if the same instance
// began that run and has no recorded ID. The ID of a new instance is lost when
// its process is killed.
func (dst *Destination) resumeMark(begin *checkpoint.Begin) {
	if begin != nil && begin.Owner == dst.Owner {
		dst.takeMark(begin)
	}
}

// share records that the upload in the journal is of another instance than owner, which uses
// the same checkpoint directory. It is then treated like an upload that was found in OSS.
// What a Create or an action has sent may be for any instance.
func (j *job) share(owner string) error {
	state := j.journal.State()
	if state.Begin == nil || state.UploadID == "" || state.Begin.Found || state.Begin.Prepared || state.Begin.Owner == "" || state.Begin.Owner == owner {
		return nil
	}
	begin := *state.Begin
	begin.Found = true
	state.Begin = &begin
	return j.journal.Replace(state)
}

// takePrepared gives dst the mark that an action made, which no state records. Only an
// upload may take it, because an upload ends the journal. Otherwise another instance
// could take it, too.
func (dst *Destination) takePrepared(begin *checkpoint.Begin) {
	if begin != nil && begin.Prepared && begin.Owner == "" {
		dst.takeMark(begin)
	}
}

func (dst *Destination) takeMark(begin *checkpoint.Begin) {
	unrecorded := dst.Owner == "" || dst.Owner == Unmarked
	if begin.Mark != "" && unrecorded && dst.Headers.Mark != "" {
		dst.Headers.Mark = begin.Mark
	}
}

// prepareFor names the instance that an action sends parts for, which the action
// cannot know. If the object carries a mark, its instance will probably replace
// it, and can only use an upload with that mark. If another instance does, it
// finds an upload of another owner, and marks the object by a copy. Otherwise the
// upload is like that of a Create.
func (dst *Destination) prepareFor(found ObjectInfo) {
	if mark := found.Headers.Mark; mark != "" {
		dst.Owner, dst.Headers.Mark = mark, mark
	}
}
