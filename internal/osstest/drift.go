// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package osstest

import (
	"net/http"
	"time"
)

// What somebody else may do to an object behind a client's back, without
// touching its bytes. Last-Modified stays, as OSS leaves it with PutObjectACL
// and PutObjectTagging. All of it panics if there is no such object or OSS would
// refuse the value.

// SetHeader changes one of the headers stored with an object's latest version;
// value "" removes it.
func (s *Server) SetHeader(bucket, key, name, value string) {
	s.change(bucket, key, func(v *version) error {
		h := v.header.Clone()
		h.Del(name)
		if value != "" {
			h.Set(name, value)
		}
		changed, err := newAttributes(h)
		v.header = changed.header
		return err
	})
}

// SetACL changes the ACL of an object's latest version.
func (s *Server) SetACL(bucket, key, acl string) {
	s.change(bucket, key, func(v *version) (err error) {
		v.acl, err = parseObjectACL(http.Header{"X-Oss-Object-Acl": {acl}}, "default")
		return err
	})
}

// SetTags replaces the tags of an object's latest version.
func (s *Server) SetTags(bucket, key string, tags map[string]string) {
	s.change(bucket, key, func(v *version) error {
		v.tags = nil
		for name, value := range tags {
			v.tags = append(v.tags, tag{name, value})
		}
		sortTags(v.tags)
		return checkTags(v.tags)
	})
}

// SetRetention replaces the retention of an object's latest version, also by a
// weaker one; mode "" is none.
func (s *Server) SetRetention(bucket, key, mode string, until time.Time) {
	s.change(bucket, key, func(v *version) error {
		v.retention = retention{mode: mode, until: until.UTC()}
		return nil
	})
}

// change runs under the lock. Maps and slices of a version are replaced, never
// written to: readers hold copies of the version.
func (s *Server) change(bucket, key string, change func(*version) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v, err := s.mustBucket(bucket).lookup(key, "")
	if err == nil {
		err = change(v)
	}
	if err != nil {
		panic("osstest: " + err.Error())
	}
}
