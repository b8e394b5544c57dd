// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package osstest

import (
	"cmp"
	"slices"
	"strings"
)

// actions is the RAM permission that each operation requires, if it does not
// have the operation's name. Sources: developer guide "RAM Policy", and the
// permissions on each API page.
var actions = map[Op]string{
	ListObjectsV2:           "oss:ListObjects",
	AppendObject:            "oss:PutObject",
	CopyObject:              "oss:PutObject", // and oss:GetObject for the source
	PutSymlink:              "oss:PutObject",
	GetSymlink:              "oss:GetObject",
	HeadObject:              "oss:GetObject",
	GetObjectMeta:           "oss:GetObject",
	DeleteMultipleObjects:   "oss:DeleteObject",
	InitiateMultipartUpload: "oss:PutObject",
	UploadPart:              "oss:PutObject",
	UploadPartCopy:          "oss:PutObject", // and oss:GetObject for the source
	CompleteMultipartUpload: "oss:PutObject",
}

func (op Op) action() string { return cmp.Or(actions[op], "oss:"+string(op)) }

// versionActions are additional permissions for requests that name a version.
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

// headerActions are additional permissions for requests with the header.
// Sources: API pages PutObject, InitiateMultipartUpload, PutObjectRetention;
// those for ACL and retention are assumed.
var headerActions = map[string]string{
	"x-oss-tagging":                     "oss:PutObjectTagging",
	"x-oss-object-acl":                  "oss:PutObjectAcl",
	wormModeHeader:                      "oss:PutObjectRetention",
	"x-oss-bypass-governance-retention": "oss:BypassGovernanceRetention",
}

// DenyActions denies RAM actions, such as "oss:ListParts", to all clients until
// allow is called. An operation fails if any action it requires is denied.
// DenyActions panics if no operation requires one of the actions.
func (s *Server) DenyActions(actions ...string) (allow func()) {
	for _, action := range actions {
		if !slices.Contains(knownActions(), action) {
			panic("osstest: no operation requires the action " + action)
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

// authorize checks the permissions that the request itself shows to be
// required. Permissions that depend on the object are checked elsewhere.
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

// lockedAllowed returns an error if any of the actions is denied. s.mu must be
// held.
func (s *Server) lockedAllowed(actions ...string) error {
	for _, action := range actions {
		if s.denied[action] > 0 {
			return errNotAllowed(action)
		}
	}
	return nil
}

// accessDetailXML names the missing permission. Source: EC 0003-00000201, which
// shows the document and distinguishes an explicit denial from a missing
// permission.
type accessDetailXML struct {
	AuthAction       string
	NoPermissionType string
}

// errNotAllowed is the answer to a RAM user without the permission: an implicit
// denial. The message and EC are assumed.
func errNotAllowed(action string) *ossError {
	err := refusal(403, "AccessDenied", "0003-00000001", "You have no right to access this object because of bucket acl.")
	err.accessDetail = &accessDetailXML{AuthAction: action, NoPermissionType: "ImplicitDeny"}
	return err
}
