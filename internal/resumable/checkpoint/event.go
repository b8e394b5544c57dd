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

// Version is the version of the journal format that this package writes. It reads
// this version and older ones.
const Version = 1

var (
	// ErrLocked reports that another process works on the same destination.
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

// name returns the file name, without suffix, of all files for k. The fields are
// prefixed by their lengths, so that different keys never have the same input.
func (k Key) name() string {
	h := sha256.New()
	for _, s := range []string{"ossresumable/1", k.Endpoint, k.Bucket, k.Object} {
		_ = binary.Write(h, binary.BigEndian, uint64(len(s)))
		h.Write([]byte(s))
	}
	return "v1-" + hex.EncodeToString(h.Sum(nil))[:40]
}

// Begin describes what will be sent. Sizes are in bytes.
type Begin struct {
	Time     time.Time `json:"time"`           // start of the last run
	Tool     string    `json:"tool,omitempty"` // version of the program, for people
	Endpoint string    `json:"endpoint"`
	Bucket   string    `json:"bucket"`
	Object   string    `json:"key"`
	Source   string    `json:"source"`            // path of the file, for people; never used to open it
	CopyOf   string    `json:"copy_of,omitempty"` // ETag of the object that is copied in parts; "": a file is sent
	Size     int64     `json:"size"`
	SHA256   string    `json:"sha256"`
	CRC64    string    `json:"crc64"`
	PartSize int64     `json:"part_size"`       // of all parts but the last; with several sizes, of most that are sent
	Parts    int       `json:"parts,omitempty"` // number of parts of the plan; 0: an earlier version, with equal parts

	// Layout is the plan, if its parts have several sizes: number, offset and size of each.
	Layout [][3]int64 `json:"layout,omitempty"`

	// Others are the IDs of the open uploads of the object when this one was about to be
	// initiated. Until its ID is known, it may be one that was opened since. nil: not known.
	Others []string `json:"others,omitzero"`

	// Found says that another process may have begun the upload: a run found it in OSS,
	// or in the journal of another instance.
	Found bool `json:"found,omitempty"`

	Headers string `json:"headers"` // digest of what InitiateMultipartUpload fixes; "": not known

	// These cannot always be changed by a copy once the object is complete.
	StorageClass string `json:"storage_class,omitempty"`
	Encryption   string `json:"encryption,omitempty"`

	// Owner is the ID of the resource instance that began the upload; "" while it
	// creates its object. Mark is the ID that the object will carry.
	Owner string `json:"owner,omitempty"`
	Mark  string `json:"mark,omitempty"`

	// Prepared says that an action made the last run, and not the instance that
	// will complete the upload.
	Prepared bool `json:"prepared,omitempty"`

	// PartsKept and BytesKept are what OSS held before the last run, so that other
	// processes can compute its speed.
	PartsKept int   `json:"parts_kept,omitempty"`
	BytesKept int64 `json:"bytes_kept,omitempty"` // 0 also in a journal of an earlier version
}

func (b Begin) key() Key { return Key{b.Endpoint, b.Bucket, b.Object} }

// Part is a part that OSS acknowledged.
type Part struct {
	Number int    `json:"n"`
	Size   int64  `json:"size"`  // bytes
	ETag   string `json:"etag"`  // without quotes; the upper-case hex MD5 of the part, unless OSS encrypts with KMS
	CRC64  string `json:"crc64"` // decimal; "" when the answer did not carry one

	// Copied says that this run made the part by a copy inside OSS.
	Copied bool `json:"copied,omitempty"`
}

// State is the content of a journal.
type State struct {
	Begin    *Begin // nil: no upload was begun. Without UploadID but with PendingAborts, it was abandoned.
	UploadID string // "": begun, but the ID is not known
	Parts    map[int]Part

	// PendingAborts are the IDs of abandoned uploads that are still to be aborted.
	PendingAborts []string
}

// event is one line. Type determines which other field is set.
type event struct {
	Type     string `json:"t"`
	Version  int    `json:"v,omitempty"`
	UploadID string `json:"upload_id,omitempty"`
	Begin    *Begin `json:"begin,omitempty"`
	Part     *Part  `json:"part,omitempty"`
}

const (
	eventJournal      = "journal"   // Version; always the first line
	eventPendingAbort = "doomed"    // UploadID; version 1 of the format uses this word
	eventAborted      = "aborted"   // UploadID
	eventBegin        = "begin"     // Begin
	eventInitiated    = "initiated" // UploadID
	eventPart         = "part"      // Part
)

// Limits of a journal. They limit the memory and time that a hostile one takes.
const (
	maxPartNumber    = 10000 // limit of OSS
	maxPendingAborts = 1000  // a run abandons at most one upload, and a few remain if aborting is not allowed
)

// takes reports whether e is valid after s.
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

// apply changes s to the state after e. It ignores event types that a later version
// of the same format may add.
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
		if s.Begin != nil {
			begun := *s.Begin
			begun.Others = nil
			s.Begin = &begun
		}
	case eventPart:
		s.Parts[e.Part.Number] = *e.Part
	}
}

// events returns the lines of a journal with the state s. Parts are in the order of
// their numbers, so that equal states make equal files.
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
