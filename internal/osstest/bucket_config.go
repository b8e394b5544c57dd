// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package osstest

import (
	"encoding/xml"
	"slices"
)

// inBucket calls read with the request's bucket, holding the lock, and answers
// with the document that read returns.
func (c *call) inBucket(read func(*bucket) any) (*answer, error) {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	b, err := c.s.lockedBucket(c.bucket)
	if err != nil {
		return nil, err
	}
	return xmlAnswer(read(b)), nil
}

type bucketInfoXML struct {
	XMLName xml.Name `xml:"BucketInfo"`
	Bucket  bucketXML
}

func (c *call) getBucketInfo() (*answer, error) {
	return c.inBucket(func(b *bucket) any {
		info := c.describeBucket(b)
		info.Owner, info.Grant, info.Versioning = &owner, b.acl, b.versioning
		return bucketInfoXML{Bucket: info}
	})
}

type locationXML struct {
	XMLName  xml.Name `xml:"LocationConstraint"`
	Location string   `xml:",chardata"`
}

func (c *call) getBucketLocation() (*answer, error) {
	return c.inBucket(func(*bucket) any { return locationXML{Location: "oss-" + c.s.cfg.Region} })
}

type bucketStatXML struct {
	XMLName              xml.Name `xml:"BucketStat"`
	Storage              int64
	ObjectCount          int
	MultipartUploadCount int
	LiveChannelCount     int
	LastModifiedTime     int64 // when the statistics were computed, in Unix seconds
}

// getBucketStat does not report storage classes separately. Sources: API page
// GetBucketStat, SDK v2 tests.
func (c *call) getBucketStat() (*answer, error) {
	return c.inBucket(func(b *bucket) any {
		stat := bucketStatXML{MultipartUploadCount: len(b.uploads), LastModifiedTime: c.s.now().Unix()}
		for _, h := range b.objects {
			if latest := h.latest(); !latest.deleteMarker {
				stat.ObjectCount++
				stat.Storage += latest.size
			}
		}
		return stat
	})
}

type versioningXML struct {
	XMLName xml.Name `xml:"VersioningConfiguration"`
	Status  string   `xml:",omitempty"`
}

func (c *call) getBucketVersioning() (*answer, error) {
	return c.inBucket(func(b *bucket) any { return versioningXML{Status: b.versioning} })
}

func (c *call) putBucketVersioning() (*answer, error) {
	var document versioningXML
	if err := c.decodeXML(&document); err != nil {
		return nil, err
	}
	if !slices.Contains([]string{"Enabled", "Suspended"}, document.Status) {
		return nil, errMalformedXML()
	}
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	b, err := c.s.lockedBucket(c.bucket)
	if err != nil {
		return nil, err
	}
	if b.worm && document.Status != "Enabled" {
		// Source: API page PutBucketObjectWormConfiguration; the code is assumed.
		return nil, refusal(409, "InvalidBucketStatus", "", "Object-level retention requires versioning.")
	}
	b.versioning = document.Status
	return newAnswer(200), nil
}

// SetVersioning sets a bucket's versioning state, as PutBucketVersioning does:
// "Enabled" or "Suspended". It also accepts "", the state of a bucket that
// never had versioning. It panics if there is no such bucket.
func (s *Server) SetVersioning(bucket, status string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mustBucket(bucket).versioning = status
}

// mustBucket panics if there is no such bucket: the test named the wrong one.
// s.mu must be held.
func (s *Server) mustBucket(name string) *bucket {
	b, err := s.lockedBucket(name)
	if err != nil {
		panic("osstest: " + err.Error())
	}
	return b
}

type liveChannelsXML struct {
	XMLName     xml.Name `xml:"ListLiveChannelResult"`
	Prefix      string
	Marker      string
	MaxKeys     int
	IsTruncated bool
	NextMarker  string
}

// listLiveChannel always lists no channels. The vendor's tests call it before
// they delete a bucket.
func (c *call) listLiveChannel() (*answer, error) {
	return c.inBucket(func(*bucket) any { return liveChannelsXML{MaxKeys: 100} })
}
