// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package osstest

import (
	"cmp"
	"slices"
	"strings"
)

// actions is the permission each operation needs, in the words of RAM, where it
// is not its own name. Sources: developer guide "RAM Policy", and the
// permissions of each API page.
var actions = map[Op]string{
	ListObjectsV2:           "oss:ListObjects",
	AppendObject:            "oss:PutObject",
	CopyObject:              "oss:PutObject", // and the source's
	PutSymlink:              "oss:PutObject",
	GetSymlink:              "oss:GetObject",
	HeadObject:              "oss:GetObject",
	GetObjectMeta:           "oss:GetObject",
	DeleteMultipleObjects:   "oss:DeleteObject",
	InitiateMultipartUpload: "oss:PutObject",
	UploadPart:              "oss:PutObject",
	UploadPartCopy:          "oss:PutObject", // and the source's
	CompleteMultipartUpload: "oss:PutObject",
}

func (op Op) action() string { return cmp.Or(actions[op], "oss:"+string(op)) }

// versionActions are needed as well by a request that names a version.
var versionActions = map[string]string{
	"oss:GetObject":           "oss:GetObjectVersion",
	"oss:DeleteObject":        "oss:DeleteObjectVersion",
	"oss:GetObjectAcl":        "oss:GetObjectVersionAcl",
	"oss:PutObjectAcl":        "oss:PutObjectVersionAcl",
	"oss:GetObjectTagging":    "oss:GetObjectVersionTagging",
	"oss:PutObjectTagging":    "oss:PutObjectVersionTagging",
	"oss:DeleteObjectTagging": "oss:DeleteObjectVersionTagging",
	"oss:RestoreObject":       "oss:RestoreObjectVersion",
}

// headerActions are needed as well by a request with the header. Sources: API
// pages PutObject, InitiateMultipartUpload, PutObjectRetention; those for ACL
// and retention are assumed.
var headerActions = map[string]string{
	"x-oss-tagging":                     "oss:PutObjectTagging",
	"x-oss-object-acl":                  "oss:PutObjectAcl",
	wormModeHeader:                      "oss:PutObjectRetention",
	"x-oss-bypass-governance-retention": "oss:BypassGovernanceRetention",
}

// DenyActions takes permissions away from everybody, by the names of RAM's
// actions, such as "oss:ListParts", until allow is called. An operation needs
// all of its permissions. It panics at an action that no operation here needs.
func (s *Server) DenyActions(actions ...string) (allow func()) {
	for _, action := range actions {
		if !slices.Contains(knownActions(), action) {
			panic("osstest: no operation needs " + action)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, action := range actions {
		s.denied[action]++
	}
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		for _, action := range actions {
			s.denied[action]--
		}
		actions = nil
	}
}

func knownActions() (known []string) {
	for _, route := range routes {
		known = append(known, route.op.action())
	}
	for _, action := range versionActions {
		known = append(known, action)
	}
	for _, action := range headerActions {
		known = append(known, action)
	}
	return known
}

// authorize asks for what the request itself shows to need; what depends on the
// object is asked for where that is known.
func (c *call) authorize() error {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	needed := []string{c.route.op.action()}
	if also := versionActions[needed[0]]; also != "" && c.query.Get("versionId") != "" {
		needed = append(needed, also)
	}
	if source := c.r.Header.Get("x-oss-copy-source"); source != "" {
		needed = append(needed, "oss:GetObject")
		if strings.Contains(source, "?versionId=") {
			needed = append(needed, "oss:GetObjectVersion")
		}
	}
	for header, action := range headerActions {
		if c.r.Header.Get(header) != "" {
			needed = append(needed, action)
		}
	}
	return c.s.lockedAllowed(needed...)
}

func (c *call) allowed(action string) bool {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	return c.s.lockedAllowed(action) == nil
}

// lockedAllowed needs s.mu.
func (s *Server) lockedAllowed(actions ...string) error {
	for _, action := range actions {
		if s.denied[action] > 0 {
			return errNotAllowed(action)
		}
	}
	return nil
}

// accessDetailXML says what was missing. Source: EC 0003-00000201, which shows
// the document and tells an explicit denial from a missing permission.
type accessDetailXML struct {
	AuthAction       string
	NoPermissionType string
}

// errNotAllowed is what a RAM user meets that nobody gave the permission: an
// implicit denial. That this is its message and EC is assumed.
func errNotAllowed(action string) *ossError {
	err := refusal(403, "AccessDenied", "0003-00000001", "You have no right to access this object because of bucket acl.")
	err.accessDetail = &accessDetailXML{AuthAction: action, NoPermissionType: "ImplicitDeny"}
	return err
}
