// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable

import (
	"crypto/rand"
	"strings"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/checkpoint"
)

// Equal bytes do not make an owner: with create_before_destroy, and with new
// for_each keys, one instance adopts the object of another, whose destroy comes
// later, perhaps on another machine. Nor do ETag and Last-Modified: a copy onto
// itself may keep the first, and the second counts seconds. So each object carries
// the ID of the instance that wrote it, its mark, and each state has that ID.

// Unmarked is the owner of an object that carries no mark of its instance: it was
// imported, or OSS does not let it be copied onto itself.
const Unmarked = "unmarked"

// NewMark returns the ID of a new resource instance.
func NewMark() string { return strings.ToLower(rand.Text()) }

// Claim is what a resource instance knows of an object that it no longer wants.
type Claim struct {
	Object

	// Owner is the ID of the instance, or [Unmarked]. "": not known; Terraform does
	// not say it of a tainted instance.
	Owner string

	// Imported is the mark that the object had when an instance without an ID of
	// its own took it over.
	Imported string

	// Known is the object as last seen: ETag, LastModified, VersionID, size and CRC-64.
	Known ObjectInfo

	// Renamed says that the object is at another place by now. Then what is here is
	// the instance's own only if it carries the mark: nothing else was refreshed.
	Renamed bool
}

// covers reports whether what was found is the claimed object. Any other mark
// is another instance's. What changed since it was last seen has another writer,
// who may have kept the mark; only if the bytes are the same, and the instance
// knows itself, that makes no difference: a person has stored them again.
func (c Claim) covers(found ObjectInfo) bool {
	mark := found.Headers.Mark
	imported := c.Imported != "" && mark == c.Imported && !c.Renamed
	switch {
	case mark != "" && c.Owner != "" && mark != c.Owner && !imported:
		return false
	case c.Renamed && c.Owner != "" && c.Owner != Unmarked:
		return mark == c.Owner
	case found.ETag == c.Known.ETag && found.LastModified.Equal(c.Known.LastModified):
		return true
	}
	again := found.VersionID == c.Known.VersionID && found.CRC64 != "" && found.CRC64 == c.Known.CRC64 && sameBytes(found, c.Known)
	return again && c.Owner != "" && !c.Renamed
}

// resumeMark gives dst the mark of an interrupted run, if the instance that asks now
// is the one that began it and has no ID recorded: the ID of a new instance is
// lost with the process.
func (dst *Destination) resumeMark(begin *checkpoint.Begin) {
	unrecorded := dst.Owner == "" || dst.Owner == Unmarked
	if begin != nil && begin.Mark != "" && begin.Owner == dst.Owner && unrecorded && dst.Headers.Mark != "" {
		dst.Headers.Mark = begin.Mark
	}
}
