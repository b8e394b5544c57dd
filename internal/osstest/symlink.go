// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package osstest

import (
	"crypto/md5"
	"encoding/hex"
	"maps"
	"net/http"
	"net/url"
	"strings"
)

const symlinkHeader = "X-Oss-Symlink-Target"

// putSymlink stores a symbolic link to an object of the same bucket. The object
// need not exist. Sources: API page PutSymlink, EC 0043-00000001; the latter's
// code is assumed.
func (c *call) putSymlink() (*answer, error) {
	target := c.r.Header.Get(symlinkHeader)
	if target == "" {
		return nil, refusal(400, "InvalidArgument", "0043-00000001", "The x-oss-symlink-target header is missing.")
	}
	attributes, err := newAttributes(c.r.Header)
	if err != nil {
		return nil, err
	}
	v, err := newSymlink(c.key, target, attributes)
	if err != nil {
		return nil, err
	}
	return c.commit(v)
}

// newSymlink returns a symbolic link. target is URL-encoded, as in the header.
// A link has its own ETag and no bytes. Sources: API pages PutSymlink,
// GetSymlink; how the ETag is computed is assumed.
func newSymlink(key, target string, own attributes) (*version, error) {
	if _, err := url.PathUnescape(target); err != nil {
		return nil, errInvalidArgument("x-oss-symlink-target: %v", err)
	}
	sum := md5.Sum([]byte(target))
	return &version{
		attributes: own, key: key, kind: "Symlink", symlink: target,
		etag: strings.ToUpper(hex.EncodeToString(sum[:])), hidesCRC64: true,
	}, nil
}

// getSymlink describes the link itself. Sources: API page GetSymlink, EC
// 0043-00000101; the latter's message is assumed.
func (c *call) getSymlink() (*answer, error) {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	v, err := c.lockedVersion()
	if err != nil {
		return nil, err
	}
	if v.kind != "Symlink" {
		return nil, refusal(400, "NotSymlink", "0043-00000101", "The object is not a symbolic link.")
	}
	a := c.withVersion(newAnswer(200), v)
	for name, values := range v.header {
		if strings.HasPrefix(name, metaPrefix) {
			a.header[name] = values
		}
	}
	return a.set("ETag", v.quotedETag()).set("Last-Modified", v.modified.Format(http.TimeFormat)).set(symlinkHeader, v.symlink), nil
}

// follow returns what a reader of v sees. For a link, size, ETag, CRC-64 and
// storage class are those of the target, Last-Modified is the later of the two,
// and all other headers are the link's. Sources: API pages HeadObject,
// GetObject, EC 0026-00000012; the messages are assumed. Server.mu must be
// held.
func (b *bucket) follow(v *version) (*version, error) {
	if v.kind != "Symlink" {
		return v, nil
	}
	target, err := url.PathUnescape(v.symlink)
	if err != nil {
		return nil, err
	}
	to := b.current(target)
	if to == nil {
		return nil, refusal(404, "SymlinkTargetNotExist", "0026-00000012", "The target of the symbolic link does not exist.")
	}
	if to.kind == "Symlink" {
		return nil, refusal(400, "InvalidTargetType", "", "The target of the symbolic link is a symbolic link.")
	}
	seen := *v
	seen.header = maps.Clone(v.header)
	seen.header.Set("X-Oss-Storage-Class", to.storageClass())
	seen.content, seen.size, seen.etag, seen.contentMD5 = to.content, to.size, to.etag, to.contentMD5
	seen.crc64, seen.hidesCRC64, seen.restore = to.crc64, to.hidesCRC64, to.restore
	if to.modified.After(v.modified) {
		seen.modified = to.modified
	}
	return &seen, nil
}

// PutSymlink stores a symbolic link as another client would. It panics if OSS
// would refuse it.
func (s *Server) PutSymlink(bucket, key, target string) ObjectInfo {
	own, err := newAttributes(nil)
	if err != nil {
		panic("osstest: " + err.Error())
	}
	v, err := newSymlink(key, escape(target), own)
	if err != nil {
		panic("osstest: " + err.Error())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lockedStore(s.mustBucket(bucket), v)
}
