// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package osstest

import (
	"net/http"
	"time"
)

// The methods below change the attributes of an object, as another client
// would, but not its bytes. Last-Modified does not change, as with PutObjectACL
// and PutObjectTagging. They panic if there is no such object or if OSS would
// refuse the value.

// SetHeader changes a header stored with an object's latest version. If value
// is "", it removes the header.
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

// SetRetention replaces the retention of an object's latest version, even with
// a weaker one. If mode is "", it removes the retention.
func (s *Server) SetRetention(bucket, key, mode string, until time.Time) {
	s.change(bucket, key, func(v *version) error {
		v.retention = retention{mode: mode, until: until.UTC()}
		return nil
	})
}

// change calls change with the object's latest version, holding the lock.
// change must replace the version's maps and slices, not modify them: readers
// hold copies of the version.
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
