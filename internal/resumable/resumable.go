// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable

import (
	"cmp"
	"io"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/checkpoint"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/partplan"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/source"
)

// The limits of OSS that a configuration can run into, in bytes unless they
// count something. Source: API pages UploadPart, CompleteMultipartUpload and PutObject.
const (
	MinPartSize      = partplan.MinPartSize // every part but the last
	MaxPartSize      = partplan.MaxPartSize
	MaxParts         = partplan.MaxParts // part numbers run from 1
	MaxPutObjectSize = 5 << 30           // one PutObject
)

// The defaults of [Options]. Far away, each connection has its own limit, and the
// number of them decides: with 5, a third of what 16 reach. More parts at once
// are more to send twice after a kill.
const (
	DefaultPartSize           = 8 << 20
	DefaultParallelism        = 16
	DefaultMultipartThreshold = 16 << 20
)

// The traffic limits that OSS takes, in bit/s for each connection. Source:
// developer guide "Single-connection bandwidth throttling".
const (
	MinTrafficLimit = 819_200
	MaxTrafficLimit = 838_860_800
)

// Object is where bytes live in OSS.
type Object struct {
	Bucket string
	Key    string // raw, never normalised, 1 to 1023 bytes of UTF-8
}

// String is the object's name as OSS's own tools print it.
func (o Object) String() string { return "oss://" + o.Bucket + "/" + o.Key }

// Destination is an object and what it is to become.
type Destination struct {
	Object
	Headers Headers

	// Owner is the resource instance that asks: its ID, [Unmarked], or "" when it
	// creates the object, and its ID is recorded nowhere yet. See [Claim].
	Owner string

	Tags map[string]string // at most 10; empty: none
	ACL  string            // OSS's name, such as "private"; "": the bucket's for new bytes, else left as it is

	Callback  Callback  // of new bytes; zero: none
	Retention Retention // zero: the bucket's for a new version, else left as it is

	// ForbidOverwrite refuses to replace an object that exists and differs.
	ForbidOverwrite bool

	// BitsPerSecond is how fast OSS is to take the bytes of one request; 0: as
	// they come. Upload sets it to [Options].TrafficLimit.
	BitsPerSecond int
}

// Callback is the request that OSS makes of an application once the object is
// stored, by PutObject or CompleteMultipartUpload; a copy makes none. The zero
// value is none. Source: API page Callback.
type Callback struct {
	URL      string            // up to five, separated by semicolons; OSS tries one after the other
	Host     string            // "": that of the URL
	Body     string            // with OSS's variables, such as ${etag}, and those of Vars
	BodyType string            // "": application/x-www-form-urlencoded
	Vars     map[string]string // by name, with x:
}

// Retention keeps one version of an object from being deleted or overwritten
// until a time. The zero value is none. Source: API page PutObjectRetention.
type Retention struct {
	Mode  string // "COMPLIANCE", "GOVERNANCE"
	Until time.Time
}

// Equal compares the dates as instants.
func (r Retention) Equal(other Retention) bool {
	return r.Mode == other.Mode && r.Until.Equal(other.Until)
}

// ObjectInfo is what HeadObject tells about an object.
type ObjectInfo struct {
	Size         int64
	CRC64        string // decimal, as OSS reports it; "" when OSS has none (some copies, very old objects)
	ETag         string // without quotes; opaque, never compared with a digest
	VersionID    string // "" in a bucket without versioning
	LastModified time.Time
	Headers      Headers
	Tags         int  // how many; 0 also for one who may not read them
	Restored     bool // it is archived, but can be read and copied for some days
	Symlink      bool // size, ETag and CRC-64 are those of another object
	Retention    Retention
}

// DefaultACL is OSS's name of the ACL of an object that has the bucket's.
const DefaultACL = "default"

// Range is a piece of an object in OSS, as it was when it had the ETag.
type Range struct {
	Object
	ETag         string
	Offset, Size int64
}

// Upload is one multipart upload that OSS knows.
type Upload struct {
	Destination
	UploadID string
}

// OpenUpload is an entry of ListMultipartUploads.
type OpenUpload struct {
	UploadID  string
	Initiated time.Time
}

// StoredPart is a part that OSS holds. See [checkpoint.Part].
type StoredPart = checkpoint.Part

// Fingerprint says which bytes a local file holds. See [source.Fingerprint].
type Fingerprint = source.Fingerprint

// Options tune how bytes travel. None of them changes what is stored.
type Options struct {
	CheckpointDir      string // holds the journals and the hash cache; made 0700 when absent
	PartSize           int64  // bytes; 0: DefaultPartSize, raised as far as MaxParts needs
	Parallelism        int    // parts in flight of this upload; 0: DefaultParallelism
	MultipartThreshold int64  // bytes; a smaller file is one PutObject; 0: DefaultMultipartThreshold
	TrafficLimit       int    // bit/s for each connection, which OSS sees to; 0: none
}

func (o Options) withDefaults() Options {
	o.Parallelism = cmp.Or(o.Parallelism, DefaultParallelism)
	o.MultipartThreshold = cmp.Or(o.MultipartThreshold, DefaultMultipartThreshold)
	return o
}

// partSize is the part size for a new upload of size bytes.
func (o Options) partSize(size int64) int64 {
	return cmp.Or(o.PartSize, partplan.AutoPartSize(size, DefaultPartSize, source.BlockSize(size)))
}

// Request asks for the bytes of a local file, or of a text, as an object.
type Request struct {
	Destination
	Options

	Source string // path of the file; a leading ~ is the home directory

	// Content takes the place of a file. It must not change during the upload.
	Content []byte // nil: Source

	// SHA256 is the lower-case hex digest that the file must have, as a plan
	// showed it. Empty: whatever the file holds when the upload starts.
	SHA256 string

	Replaces Replaced
}

// Replaced is an object whose bytes are known to differ from the source's.
type Replaced struct {
	// ETag: an object that still has it is never taken for the new one, not
	// even when size and CRC-64 agree. "": none is known to differ.
	ETag string

	// SHA256 is what the bytes of that object are known to hash to. With it,
	// parts that are the same in the source are copied inside OSS.
	SHA256 string
}

// Result tells what an upload left in OSS and what it cost.
type Result struct {
	ObjectInfo
	Fingerprint Fingerprint
	Stats       Stats

	// Owner is the ID by which the object now belongs to the instance that asked,
	// or [Unmarked] when OSS did not let it be marked. "": no mark was asked for.
	Owner string

	// Warnings are facts that the user should see although the upload succeeded.
	Warnings []string
}

// Stats counts what one run of an upload did. Sizes are in bytes.
type Stats struct {
	Adopted   bool // the object was in OSS already; nothing was sent
	Parts     int  // parts in the plan; 0 for PutObject
	PartsKept int  // parts that OSS held before this run
	BytesKept int64
	BytesSent int64 // acknowledged by OSS in this run

	PartsCopied int // parts that OSS took from the object that is replaced, in this run
	BytesCopied int64
}

// Body is a range of the local file, read from its start at each attempt.
type Body interface {
	io.ReadSeeker
	Size() int64
}
