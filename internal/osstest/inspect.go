// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package osstest

import (
	"bytes"
	"errors"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// The functions below bypass HTTP, signatures, faults and the log. Tests use them
// to inspect the stored state or to act as another client. They panic if there is
// no such bucket.

// ObjectInfo describes one version of an object at the time of the call.
type ObjectInfo struct {
	Bucket       string
	Key          string
	VersionID    string // "null" if the bucket had no versioning
	DeleteMarker bool   // if true, only LastModified of the fields below is set
	Type         string // "Normal", "Multipart", "Appendable" or "Symlink"
	Size         int64
	ETag         string // with quotes, as clients see it
	CRC64        uint64
	Header       http.Header // Content-Type, x-oss-meta-* and so on
	ACL          string
	Tags         map[string]string
	LastModified time.Time
	WormMode     string    // retention mode; "" if there is no retention
	RetainUntil  time.Time // zero if there is no retention

	content content
}

// Open returns a reader of the version's bytes. It fails if the version was
// deleted in the meantime.
func (o ObjectInfo) Open() (io.ReadCloser, error) {
	body := o.content.open(0, o.Size)
	if _, err := body.Read(nil); err != nil && !errors.Is(err, io.EOF) {
		_ = body.Close()
		return nil, err
	}
	return body, nil
}

func newObjectInfo(bucket string, v *version) ObjectInfo {
	info := ObjectInfo{
		Bucket: bucket, Key: v.key, VersionID: v.id, DeleteMarker: v.deleteMarker, LastModified: v.modified,
	}
	if v.deleteMarker {
		return info
	}
	info.Type, info.Size, info.ETag, info.CRC64 = v.kind, v.size, v.quotedETag(), v.crc64
	info.Header, info.ACL, info.content = v.header.Clone(), v.acl, v.content
	info.WormMode, info.RetainUntil = v.retention.mode, v.retention.until
	info.Tags = make(map[string]string)
	for _, t := range v.tags {
		info.Tags[t.Key] = t.Value
	}
	return info
}

// PutObject stores an object as another client would. header may be nil. It
// panics if OSS would refuse the object.
func (s *Server) PutObject(bucket, key string, body []byte, header http.Header) ObjectInfo {
	attributes, err := newAttributes(canonical(header))
	if err != nil {
		panic("osstest: " + err.Error())
	}
	blob := s.mustReceive(body)
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.mustBucket(bucket)
	return s.lockedStore(b, newNormal(key, blob, attributes))
}

// PutLargeObject stores a multipart object of n equal parts, as another client
// would. It stores the part only once, so an object of gigabytes takes neither
// time nor disk space. Copying ranges of whole parts is free, too.
func (s *Server) PutLargeObject(bucket, key string, part []byte, n int, header http.Header) ObjectInfo {
	attributes, err := newAttributes(canonical(header))
	if err != nil {
		panic("osstest: " + err.Error())
	}
	blob := s.mustReceive(part)
	v := &version{attributes: attributes, key: key, kind: "Multipart", content: slices.Repeat(content{blob}, n)}
	v.content[1:].retain() // receive returned the first reference
	v.size, v.crc64, v.etag = v.content.size(), v.content.crc64(), multipartETag(v.content)
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lockedStore(s.mustBucket(bucket), v)
}

// lockedStore stores v as another client would. s.mu must be held.
func (s *Server) lockedStore(b *bucket, v *version) ObjectInfo {
	v.inherit(b)
	s.lockedPut(b, v)
	return newObjectInfo(b.name, v)
}

// DeleteObject deletes an object as another client would. If the bucket has
// versioning, it adds a delete marker.
func (s *Server) DeleteObject(bucket, key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mustBucket(bucket).delete(s, key, "")
}

// Object returns the latest version of an object, and whether the object
// exists.
func (s *Server) Object(bucket, key string) (ObjectInfo, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v := s.mustBucket(bucket).current(key)
	if v == nil {
		return ObjectInfo{}, false
	}
	return newObjectInfo(bucket, v), true
}

// Versions returns all versions of an object, including delete markers, oldest
// first.
func (s *Server) Versions(bucket, key string) (versions []ObjectInfo) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, v := range s.mustBucket(bucket).objects[key] {
		versions = append(versions, newObjectInfo(bucket, v))
	}
	return versions
}

// UploadInfo describes an open multipart upload.
type UploadInfo struct {
	UploadID  string
	Key       string
	Initiated time.Time
	Parts     []PartInfo // sorted by number
}

// PartInfo describes a stored part.
type PartInfo struct {
	Number int
	Size   int64
	ETag   string // with quotes
	CRC64  uint64
}

// OpenUploads returns the uploads that were neither completed nor aborted,
// sorted by key and ID.
func (s *Server) OpenUploads(bucket string) (uploads []UploadInfo) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, u := range s.mustBucket(bucket).sortedUploads() {
		info := UploadInfo{UploadID: u.id, Key: u.key, Initiated: u.initiated}
		for _, number := range slices.Sorted(maps.Keys(u.parts)) {
			b := u.parts[number].blob
			info.Parts = append(info.Parts, PartInfo{Number: number, Size: b.size, ETag: strconv.Quote(b.etag()), CRC64: b.crc64})
		}
		uploads = append(uploads, info)
	}
	return uploads
}

// BeginUpload starts a multipart upload and stores one part, as another client
// would.
func (s *Server) BeginUpload(bucket, key string, body []byte) (uploadID string) {
	attributes, err := newAttributes(nil)
	if err != nil {
		panic("osstest: " + err.Error())
	}
	blob := s.mustReceive(body)
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.mustBucket(bucket)
	attributes.inherit(b)
	u := &upload{
		attributes: attributes, id: randomID(16), key: key, initiated: s.now(),
		parts: make(map[int]*part), issued: make(map[int][]string),
	}
	u.put(1, blob, s.now())
	b.uploads[u.id] = u
	s.uploadIDs[u.id] = bucket + "/" + key
	return u.id
}

// ReplacePart replaces the bytes of a part, as another client that knows the
// upload ID would. It panics if the upload is not open.
func (s *Server) ReplacePart(uploadID string, number int, body []byte) {
	blob := s.mustReceive(body)
	s.mu.Lock()
	defer s.mu.Unlock()
	_, u := s.mustUpload(uploadID)
	u.put(number, blob, s.now())
}

// DropPart removes a part, as a lifecycle rule may: its days count from when
// the part was stored, not from when the upload was started. Source: EC
// 0014-00000073.
func (s *Server) DropPart(uploadID string, number int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, u := s.mustUpload(uploadID)
	if p := u.parts[number]; p != nil {
		p.blob.release()
		delete(u.parts, number)
	}
}

// AbortUpload aborts an upload as another client would.
func (s *Server) AbortUpload(uploadID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, u := s.mustUpload(uploadID)
	b.abort(u)
}

// mustUpload panics if the upload is not open. s.mu must be held.
func (s *Server) mustUpload(id string) (*bucket, *upload) {
	for _, b := range s.buckets {
		if u := b.uploads[id]; u != nil {
			return b, u
		}
	}
	panic("osstest: upload " + id + " is not open")
}

func (s *Server) mustReceive(body []byte) *blob {
	b, err := s.store.receive(bytes.NewReader(body))
	if err != nil {
		panic("osstest: " + err.Error())
	}
	return b
}

// canonical lets tests write header names as the OSS documentation does.
func canonical(header http.Header) http.Header {
	h := make(http.Header)
	for name, values := range header {
		h[http.CanonicalHeaderKey(name)] = values
	}
	return h
}
