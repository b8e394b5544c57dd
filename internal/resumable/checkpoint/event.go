// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package checkpoint

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/private"
)

// Version is the version of the journal's format that this package writes. It
// reads the same and older ones.
const Version = 1

var (
	// ErrLocked reports that another upload works on the same destination.
	ErrLocked = errors.New("another upload of the same object is running")

	// ErrDir reports a checkpoint directory that cannot be used.
	ErrDir = private.ErrDir

	// ErrVersion reports a journal written by a newer version of this program.
	ErrVersion = errors.New("checkpoint was written by a newer version")

	// ErrDamaged reports a journal that cannot be read to its end.
	ErrDamaged = errors.New("checkpoint is damaged")
)

// Key is the destination that a journal belongs to.
type Key struct {
	Endpoint string
	Bucket   string
	Object   string
}

// name is the file name, without suffix, of everything kept for k. The parts
// are prefixed by their lengths, so that no two keys run together.
func (k Key) name() string {
	h := sha256.New()
	for _, s := range []string{"ossresumable/1", k.Endpoint, k.Bucket, k.Object} {
		_ = binary.Write(h, binary.BigEndian, uint64(len(s)))
		h.Write([]byte(s))
	}
	return "v1-" + hex.EncodeToString(h.Sum(nil))[:40]
}

// Begin says what is going to be sent. Sizes are in bytes.
type Begin struct {
	Time     time.Time `json:"time"`           // when the last run began to send
	Tool     string    `json:"tool,omitempty"` // version of the program, for people
	Endpoint string    `json:"endpoint"`
	Bucket   string    `json:"bucket"`
	Object   string    `json:"key"`
	Source   string    `json:"source"`            // path of the file, for people; never opened from here
	CopyOf   string    `json:"copy_of,omitempty"` // ETag of the object that is copied in parts; "": a file is sent
	Size     int64     `json:"size"`
	SHA256   string    `json:"sha256"`
	CRC64    string    `json:"crc64"`
	PartSize int64     `json:"part_size"`
	Headers  string    `json:"headers"` // digest of what InitiateMultipartUpload fixes; "": not known

	// What of it no copy mends once the object is complete.
	StorageClass string `json:"storage_class,omitempty"`
	Encryption   string `json:"encryption,omitempty"`

	// Owner is the resource instance that began the upload, by its ID; "" while it
	// creates its object. Mark is the ID that the object will carry.
	Owner string `json:"owner,omitempty"`
	Mark  string `json:"mark,omitempty"`

	// PartsKept is how many of the parts OSS held before the last run, so that
	// others can tell how fast it is.
	PartsKept int `json:"parts_kept,omitempty"`
}

func (b Begin) key() Key { return Key{b.Endpoint, b.Bucket, b.Object} }

// Part is a part that OSS acknowledged.
type Part struct {
	Number int    `json:"n"`
	Size   int64  `json:"size"`  // bytes
	ETag   string `json:"etag"`  // without quotes; the upper-case hex MD5 of the part, unless OSS encrypts with KMS
	CRC64  string `json:"crc64"` // decimal; "" when the answer did not carry one
}

// State is what a journal tells.
type State struct {
	Begin    *Begin // nil: no upload was begun; with no UploadID and PendingAborts, it was given up
	UploadID string // "": begun, but its ID is not known
	Parts    map[int]Part

	// PendingAborts are uploads of ours that were replaced and are still to be aborted.
	PendingAborts []string
}

// event is one line. Type decides which other field is set.
type event struct {
	Type     string `json:"t"`
	Version  int    `json:"v,omitempty"`
	UploadID string `json:"upload_id,omitempty"`
	Begin    *Begin `json:"begin,omitempty"`
	Part     *Part  `json:"part,omitempty"`
}

const (
	eventJournal      = "journal"   // Version; always the first line
	eventPendingAbort = "doomed"    // UploadID; the word of the format
	eventAborted      = "aborted"   // UploadID
	eventBegin        = "begin"     // Begin
	eventInitiated    = "initiated" // UploadID
	eventPart         = "part"      // Part
)

// Limits of what a journal can hold; they bound the memory and the time that
// a hostile one takes.
const (
	maxPartNumber    = 10000 // OSS's
	maxPendingAborts = 1000  // a run gives up one upload at most, and a few are left when aborting is not allowed
)

// takes reports whether e can come after s.
func (s *State) takes(e event) bool {
	switch e.Type {
	case eventPendingAbort:
		return len(s.PendingAborts) < maxPendingAborts
	case eventBegin:
		return e.Begin != nil
	case eventPart:
		return e.Part != nil && s.Parts != nil && e.Part.Number >= 1 && e.Part.Number <= maxPartNumber
	}
	return true
}

// apply brings s to the state after e. Events of types that a later version
// of the same format may add are passed over.
func (s *State) apply(e event) {
	switch e.Type {
	case eventPendingAbort:
		s.PendingAborts = append(s.PendingAborts, e.UploadID)
	case eventAborted:
		s.PendingAborts = slices.DeleteFunc(slices.Clone(s.PendingAborts), func(id string) bool { return id == e.UploadID })
	case eventBegin:
		s.Begin, s.UploadID, s.Parts = e.Begin, "", map[int]Part{}
	case eventInitiated:
		s.UploadID = e.UploadID
	case eventPart:
		s.Parts[e.Part.Number] = *e.Part
	}
}

// events are the lines of a journal that says just s. Parts come in the order
// of their numbers, so that equal states are equal files.
func (s State) events() []event {
	events := []event{{Type: eventJournal, Version: Version}}
	for _, id := range s.PendingAborts {
		events = append(events, event{Type: eventPendingAbort, UploadID: id})
	}
	if s.Begin != nil {
		events = append(events, event{Type: eventBegin, Begin: s.Begin})
	}
	if s.UploadID != "" {
		events = append(events, event{Type: eventInitiated, UploadID: s.UploadID})
	}
	for _, n := range slices.Sorted(maps.Keys(s.Parts)) {
		part := s.Parts[n]
		events = append(events, event{Type: eventPart, Part: &part})
	}
	return events
}
