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

// The limits of OSS that a configuration can exceed. Sizes are in bytes. Source: API pages UploadPart, CompleteMultipartUpload and PutObject.
const (
	MinPartSize      = partplan.MinPartSize // every part but the last
	MaxPartSize      = partplan.MaxPartSize
	MaxParts         = partplan.MaxParts // part numbers run from 1
	MaxPutObjectSize = 5 << 30           // one PutObject
)

// The defaults of [Options]. Over long distances, each connection has its own
// limit, so their number determines the speed: 5 connections reach a third of the
// speed of 16. With more parts in flight, a killed upload loses more.
const (
	DefaultPartSize           = 8 << 20
	DefaultParallelism        = 16
	DefaultMultipartThreshold = 16 << 20
)

// The traffic limits that OSS accepts, in bit/s for each connection. Source:
// developer guide "Single-connection bandwidth throttling".
const (
	MinTrafficLimit = 819_200
	MaxTrafficLimit = 838_860_800
)

// Object names an object in OSS.
type Object struct {
	Bucket string
	Key    string // raw, never normalised, 1 to 1023 bytes of UTF-8
}

// String returns the name of the object as the tools of OSS print it.
func (o Object) String() string { return "oss://" + o.Bucket + "/" + o.Key }

// Destination is an object and its desired attributes.
type Destination struct {
	Object
	Headers Headers

	// Owner is the ID of the resource instance that makes the request, [Unmarked],
	// or "" if the instance creates the object and its ID is not recorded yet. See
	// [Claim].
	Owner string

	Tags map[string]string // at most 10; empty: none
	ACL  string            // such as "private"; "": the bucket's for new bytes, otherwise unchanged

	Callback  Callback  // for new bytes; zero: none
	Retention Retention // zero: the bucket's for a new version, otherwise unchanged

	// ForbidOverwrite makes an upload fail if the object exists and differs.
	ForbidOverwrite bool

	// BitsPerSecond is the speed to which OSS limits each request; 0: no limit.
	// Upload sets it to [Options].TrafficLimit.
	BitsPerSecond int
}

// Callback is the request that OSS sends to an application when PutObject or
// CompleteMultipartUpload has stored the object. Copies send no callback. The zero
// value means no callback. Source: API page Callback.
type Callback struct {
	URL      string            // up to five, separated by semicolons; OSS tries one after the other
	Host     string            // "": that of the URL
	Body     string            // with variables of OSS, such as ${etag}, and those in Vars
	BodyType string            // "": application/x-www-form-urlencoded
	Vars     map[string]string // by name, including x:
}

// Retention protects one version of an object from being deleted or overwritten
// until a time. The zero value means no retention. Source: API page
// PutObjectRetention.
type Retention struct {
	Mode  string // "COMPLIANCE", "GOVERNANCE"
	Until time.Time
}

// Equal compares the dates as instants.
func (r Retention) Equal(other Retention) bool {
	return r.Mode == other.Mode && r.Until.Equal(other.Until)
}

// ObjectInfo describes an object as HeadObject reports it.
type ObjectInfo struct {
	Size         int64
	CRC64        string // decimal, as OSS reports it; "" when OSS has none (some copies, very old objects)
	ETag         string // without quotes; opaque, never compared with a digest
	VersionID    string // "" in a bucket without versioning
	LastModified time.Time
	Headers      Headers
	Tags         int  // number of tags; also 0 without permission to read them
	Restored     bool // archived, but can be read and copied for some days
	Symlink      bool // size, ETag and CRC-64 are those of another object
	Appendable   bool // AppendObject made it; OSS does not copy it
	Retention    Retention
}

// DefaultACL is the ACL of an object that inherits the ACL of its bucket.
const DefaultACL = "default"

// CopySource is an object that OSS copies as long as it has the given ETag.
type CopySource struct {
	Object
	VersionID string // "": the current version
	ETag      string
}

// Range is a range of an object in OSS.
type Range struct {
	CopySource
	Offset, Size int64
}

// Upload is a multipart upload in OSS.
type Upload struct {
	Destination
	UploadID string
}

// OpenUpload is an entry of ListMultipartUploads.
type OpenUpload struct {
	UploadID     string
	Initiated    time.Time
	StorageClass string // "" if OSS does not report it
}

// StoredPart is a part that OSS holds. See [checkpoint.Part].
type StoredPart = checkpoint.Part

// Fingerprint identifies the bytes of a local file. See [source.Fingerprint].
type Fingerprint = source.Fingerprint

// Options control the transfer. They do not change what is stored.
type Options struct {
	CheckpointDir      string // holds the journals and the hash cache; created with mode 0700
	PartSize           int64  // bytes; 0: DefaultPartSize, or more if MaxParts requires it
	Parallelism        int    // parts in flight of this upload; 0: DefaultParallelism
	MultipartThreshold int64  // bytes; smaller files are sent by one PutObject; 0: DefaultMultipartThreshold
	TrafficLimit       int    // bit/s for each connection, enforced by OSS; 0: none
}

func (o Options) withDefaults() Options {
	o.Parallelism = cmp.Or(o.Parallelism, DefaultParallelism)
	o.MultipartThreshold = cmp.Or(o.MultipartThreshold, DefaultMultipartThreshold)
	return o
}

// SendsAtOnce reports whether an upload of size bytes is one request, which needs
// no journal.
func (o Options) SendsAtOnce(size int64) bool { return size < o.withDefaults().MultipartThreshold }

// partSize returns the part size for a new upload of size bytes.
func (o Options) partSize(size int64) int64 {
	return cmp.Or(o.PartSize, partplan.AutoPartSize(size, DefaultPartSize, source.BlockSize(size)))
}

// Request is the input of an upload: a local file, content or another object, and
// its destination.
type Request struct {
	Destination
	Options

	Source string // path of the file; a leading ~ is the home directory

	// Content is uploaded instead of a file. It must not change during the upload.
	Content []byte // nil: Source

	// Secret means that no checksum of Content may be kept, neither in a journal nor in
	// the hash cache. It is sent in one request.
	Secret bool

	// SourceObject is copied inside OSS instead of sending a file.
	SourceObject SourceObject // zero: Source or Content

	// SHA256 is the lower-case hex digest of the file in the plan. The file must
	// match it. "": any bytes.
	SHA256 string

	Replaces Replaced
}

// Replaced describes an object whose bytes are known to differ from the source.
type Replaced struct {
	// ETag identifies that object. An object with this ETag is never taken for the
	// new one, even if size and CRC-64 match. "": no such object.
	ETag string

	// SHA256 is the digest of that object, if known. With it, parts that are the
	// same in the source are copied inside OSS.
	SHA256 string

	// Chunks is the [Fingerprint.ChunkTable] of its bytes, if known. With it, what is the
	// same in the source is copied, wherever it is. A wrong table costs time only.
	Chunks []byte
}

// Result describes the object after an upload, and what the upload did.
type Result struct {
	ObjectInfo
	Fingerprint Fingerprint
	Stats       Stats

	// Owner is the ID that marks the object as owned by the instance, or [Unmarked]
	// if OSS refused the mark. "": no mark was requested.
	Owner string

	// CopiedFrom describes the [SourceObject], as it was copied. Zero: bytes were sent.
	CopiedFrom ObjectInfo

	// Warnings are for the user, although the upload succeeded.
	Warnings []string
}

// Stats counts what one run of an upload did. Sizes are in bytes.
type Stats struct {
	Adopted   bool // the object was already in OSS; nothing was sent
	Parts     int  // parts in the plan; 0 for PutObject
	PartsKept int  // parts that OSS already held before this run
	BytesKept int64
	BytesSent int64 // acknowledged by OSS in this run

	PartsCopied int // parts that OSS copied from the replaced object in this run
	BytesCopied int64
}

// Body is a range of the local file. Each attempt reads it from its start.
type Body interface {
	io.ReadSeeker
	Size() int64
}
