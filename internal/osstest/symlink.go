// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package osstest

// PutSymlink stores a symbolic link to an object of the same bucket, as another
// client would. It shows the target as it is now: size, ETag, CRC-64 and storage
// class are the target's, all other headers its own. Sources: API pages
// PutSymlink and HeadObject. It panics if there is no target.
func (s *Server) PutSymlink(bucket, key, target string) ObjectInfo {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.mustBucket(bucket)
	to, err := b.lookup(target, "")
	if err != nil {
		panic("osstest: " + err.Error())
	}
	own, err := newAttributes(nil)
	if err != nil {
		panic("osstest: " + err.Error())
	}
	own.header.Set("X-Oss-Storage-Class", to.header.Get("X-Oss-Storage-Class"))
	to.content.retain()
	return s.lockedStore(b, &version{
		attributes: own, key: key, kind: "Symlink",
		content: to.content, size: to.size, etag: to.etag, contentMD5: to.contentMD5, crc64: to.crc64,
	})
}
