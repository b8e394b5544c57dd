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

// What follows goes around HTTP, signatures, faults and the log: a test looks
// at the truth, or plays somebody else. All of it panics if there is no such
// bucket.

// ObjectInfo describes one version of an object, as it was when it was asked for.
type ObjectInfo struct {
	Bucket       string
	Key          string
	VersionID    string // "null" where the bucket had no versioning
	DeleteMarker bool   // then all below but LastModified is zero
	Type         string // Normal, Multipart, Appendable or Symlink
	Size         int64
	ETag         string // in quotes, as clients see it
	CRC64        uint64
	Header       http.Header // Content-Type, x-oss-meta-* and so on
	ACL          string
	Tags         map[string]string
	LastModified time.Time
	WormMode     string    // of the object's retention; "" for none
	RetainUntil  time.Time // zero for none

	content content
}

// Open reads the version's bytes, if it was not deleted since.
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

// PutObject stores an object as if somebody else had. header may be nil. It
// panics if OSS would refuse it.
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

// PutLargeObject stores a multipart object of n equal parts, as if somebody else
// had. The part is kept once: an object of gigabytes costs neither time nor
// disk, and its ranges of whole parts are copied for nothing too.
func (s *Server) PutLargeObject(bucket, key string, part []byte, n int, header http.Header) ObjectInfo {
	attributes, err := newAttributes(canonical(header))
	if err != nil {
		panic("osstest: " + err.Error())
	}
	blob := s.mustReceive(part)
	v := &version{attributes: attributes, key: key, kind: "Multipart", content: slices.Repeat(content{blob}, n)}
	v.content[1:].retain() // the first reference is receive's
	v.size, v.crc64, v.etag = v.content.size(), v.content.crc64(), multipartETag(v.content)
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lockedStore(s.mustBucket(bucket), v)
}

// lockedStore needs s.mu.
func (s *Server) lockedStore(b *bucket, v *version) ObjectInfo {
	v.inherit(b)
	s.lockedPut(b, v)
	return newObjectInfo(b.name, v)
}

// DeleteObject deletes as if somebody else had, under the bucket's versioning.
func (s *Server) DeleteObject(bucket, key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mustBucket(bucket).delete(s, key, "")
}

// Object returns the object a plain request sees, if there is one.
func (s *Server) Object(bucket, key string) (ObjectInfo, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v := s.mustBucket(bucket).current(key)
	if v == nil {
		return ObjectInfo{}, false
	}
	return newObjectInfo(bucket, v), true
}

// Versions returns all versions of an object, delete markers included, oldest
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
	Parts     []PartInfo // by number
}

// PartInfo describes a part that was stored.
type PartInfo struct {
	Number int
	Size   int64
	ETag   string // in quotes
	CRC64  uint64
}

// OpenUploads returns the uploads neither completed nor aborted, by key and ID.
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

// BeginUpload begins a multipart upload with one part, as another client would.
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

// ReplacePart stores other bytes under a part number, as if another client knew
// the upload ID. It panics if the upload is not open.
func (s *Server) ReplacePart(uploadID string, number int, body []byte) {
	blob := s.mustReceive(body)
	s.mu.Lock()
	defer s.mu.Unlock()
	_, u := s.mustUpload(uploadID)
	u.put(number, blob, s.now())
}

// DropPart removes a part, as a lifecycle rule may: its days count from when
// the part was stored, not the upload. Source: EC 0014-00000073.
func (s *Server) DropPart(uploadID string, number int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, u := s.mustUpload(uploadID)
	if p := u.parts[number]; p != nil {
		p.blob.release()
		delete(u.parts, number)
	}
}

// AbortUpload aborts an upload as if somebody else had.
func (s *Server) AbortUpload(uploadID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, u := s.mustUpload(uploadID)
	b.abort(u)
}

// mustUpload needs s.mu.
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

// canonical lets tests write header names as OSS does.
func canonical(header http.Header) http.Header {
	h := make(http.Header)
	for name, values := range header {
		h[http.CanonicalHeaderKey(name)] = values
	}
	return h
}
