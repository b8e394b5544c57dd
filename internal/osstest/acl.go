// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package osstest

import (
	"encoding/xml"
	"slices"
)

type ownerXML struct {
	ID          string
	DisplayName string
}

// owner is the owner of every bucket and object: access keys have no accounts.
var owner = ownerXML{ID: "osstest", DisplayName: "osstest"}

type aclXML struct {
	XMLName xml.Name `xml:"AccessControlPolicy"`
	Owner   ownerXML
	Grant   string `xml:"AccessControlList>Grant"`
}

var bucketACLs = []string{"private", "public-read", "public-read-write"}

func (c *call) getBucketACL() (*answer, error) {
	return c.inBucket(func(b *bucket) any { return aclXML{Owner: owner, Grant: b.acl} })
}

func (c *call) putBucketACL() (*answer, error) {
	acl := c.r.Header.Get("x-oss-acl")
	if !slices.Contains(bucketACLs, acl) {
		return nil, errInvalidArgument("unknown ACL: %q", acl)
	}
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	b, err := c.s.lockedBucket(c.bucket)
	if err != nil {
		return nil, err
	}
	b.acl = acl
	return newAnswer(200), nil
}

func (c *call) getObjectACL() (*answer, error) {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	v, err := c.lockedVersion()
	if err != nil {
		return nil, err
	}
	return c.withVersion(xmlAnswer(aclXML{Owner: owner, Grant: v.acl}), v), nil
}

func (c *call) putObjectACL() (*answer, error) {
	acl, err := parseObjectACL(c.r.Header, "")
	if err != nil || acl == "" {
		return nil, errInvalidArgument("unknown ACL: %q", c.r.Header.Get("x-oss-object-acl"))
	}
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	v, err := c.lockedVersion()
	if err != nil {
		return nil, err
	}
	v.acl = acl
	return c.withVersion(newAnswer(200), v), nil
}
