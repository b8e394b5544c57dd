// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package osstest

import (
	"encoding/xml"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
)

// bucket holds objects and open uploads. Server.mu guards everything in it
// except the contents of blobs, which never change.
type bucket struct {
	name          string
	created       time.Time
	acl           string
	storageClass  string
	versioning    string // "", "Enabled" or "Suspended"
	encryption    http.Header
	worm          bool // object-level retention is enabled
	wormMode      string
	wormDays      int  // default retention; 0 if there is no default
	notPublic     bool // refuses data requests through the public endpoint
	requesterPays bool
	objects       map[string]history
	keys          []string // the keys of objects, sorted; stale if keysChanged
	keysChanged   bool
	uploads       map[string]*upload // by upload ID
}

var bucketName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$`)

func newBucket(name string, created time.Time) *bucket {
	return &bucket{
		name: name, created: created, acl: "private", storageClass: "Standard",
		objects: make(map[string]history), uploads: make(map[string]*upload),
	}
}

func (b *bucket) releaseAll() {
	for _, h := range b.objects {
		for _, v := range h {
			v.content.release()
		}
	}
	for _, u := range b.uploads {
		u.release()
	}
}

// CreateBucket creates an empty bucket. It does nothing if the bucket exists.
func (s *Server) CreateBucket(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.buckets[name] == nil {
		s.buckets[name] = newBucket(name, s.now())
	}
}

type createBucketXML struct {
	XMLName            xml.Name `xml:"CreateBucketConfiguration"`
	StorageClass       string
	DataRedundancyType string
}

// putBucket creates a bucket, or succeeds if the caller already owns it.
func (c *call) putBucket() (*answer, error) {
	if !bucketName.MatchString(c.bucket) {
		return nil, errInvalidBucketName(c.bucket)
	}
	var document createBucketXML
	if err := c.decodeXML(&document); err != nil && c.record.bodyBytes.Load() > 0 {
		return nil, err // the document is optional
	}
	if document.StorageClass == "" {
		document.StorageClass = "Standard"
	}
	if !slices.Contains(storageClasses, document.StorageClass) {
		return nil, errInvalidArgument("unknown storage class: %q", document.StorageClass)
	}
	acl := c.r.Header.Get("x-oss-acl")
	if acl != "" && !slices.Contains(bucketACLs, acl) {
		return nil, errInvalidArgument("unknown ACL: %q", acl)
	}
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	b := c.s.buckets[c.bucket]
	if b == nil {
		b = newBucket(c.bucket, c.s.now())
		b.storageClass = document.StorageClass
		c.s.buckets[c.bucket] = b
	}
	if acl != "" {
		b.acl = acl
	}
	return newAnswer(200).set("Location", "/"+c.bucket), nil
}

// deleteBucket deletes an empty bucket, one without versions and open uploads.
// Source: HTTP 409 page.
func (c *call) deleteBucket() (*answer, error) {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	b, err := c.s.lockedBucket(c.bucket)
	if err != nil {
		return nil, err
	}
	if len(b.objects) > 0 || len(b.uploads) > 0 {
		return nil, refusal(409, "BucketNotEmpty", "0015-00000301", "The bucket has objects. Please delete them first.")
	}
	delete(c.s.buckets, c.bucket)
	return newAnswer(204), nil
}

type bucketXML struct {
	Name             string
	Location         string
	Region           string `xml:",omitempty"` // only in ListBuckets
	CreationDate     string
	ExtranetEndpoint string
	IntranetEndpoint string
	StorageClass     string
	Versioning       string    `xml:",omitempty"`
	Owner            *ownerXML `xml:",omitempty"`
	Grant            string    `xml:"AccessControlList>Grant,omitempty"`
}

// describeBucket gives as endpoints the host that the client used, so that a
// test is never sent to the internet.
func (c *call) describeBucket(b *bucket) bucketXML {
	endpoint := strings.TrimPrefix(c.r.Host, b.name+".")
	return bucketXML{
		Name: b.name, Location: "oss-" + c.s.cfg.Region, CreationDate: xmlTime(b.created), StorageClass: b.storageClass,
		ExtranetEndpoint: endpoint, IntranetEndpoint: endpoint,
	}
}

type listBucketsXML struct {
	XMLName     xml.Name `xml:"ListAllMyBucketsResult"`
	Prefix      string
	Marker      string
	MaxKeys     int
	IsTruncated bool
	NextMarker  string
	Owner       ownerXML
	Buckets     []bucketXML `xml:"Buckets>Bucket"`
}

func (c *call) listBuckets() (*answer, error) {
	size, err := c.pageSize("max-keys", 100)
	if err != nil {
		return nil, err
	}
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	p := paging{prefix: c.query.Get("prefix"), marker: c.query.Get("marker"), size: size}
	names := slices.Sorted(maps.Keys(c.s.buckets))
	page := paginate(p, slices.Values(names), func(name string) string { return name }, func(name string) bool { return name <= p.marker })
	document := listBucketsXML{
		Prefix: p.prefix, Marker: p.marker, MaxKeys: size, Owner: owner,
		IsTruncated: page.truncated, NextMarker: page.next(),
	}
	for _, name := range page.items {
		line := c.describeBucket(c.s.buckets[name])
		line.Region = c.s.cfg.Region
		document.Buckets = append(document.Buckets, line)
	}
	return xmlAnswer(document), nil
}
