// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package ossclient

import (
	"bytes"
	"context"
	"encoding/xml"
	"maps"
	"net/http"
	"slices"

	"github.com/aliyun/aliyun-oss-go-sdk/oss"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// PutObjectACL implements [resumable.OSS].
func (c *Client) PutObjectACL(ctx context.Context, obj resumable.Object, acl string) error {
	ans, err := c.do(ctx, request{
		op: "PutObjectAcl", method: http.MethodPut, object: obj,
		query:   map[string]any{"acl": nil},
		headers: aclOptions(acl),
	})
	if err != nil {
		return err
	}
	return ans.checkEmpty()
}

// GetObjectACL implements [resumable.OSS].
func (c *Client) GetObjectACL(ctx context.Context, obj resumable.Object) (string, error) {
	ans, err := c.do(ctx, request{
		op: "GetObjectAcl", method: http.MethodGet, object: obj,
		query: map[string]any{"acl": nil},
	})
	if err != nil {
		return "", err
	}
	var result struct {
		XMLName struct{} `xml:"AccessControlPolicy"`
		Grant   string   `xml:"AccessControlList>Grant"`
	}
	if err := ans.decode(&result); err != nil {
		return "", err
	}
	if result.Grant == "" || !plausible(result.Grant) {
		return "", ans.malformed("without an ACL")
	}
	return result.Grant, nil
}

// tagging is the document of PutObjectTagging and GetObjectTagging.
type tagging struct {
	XMLName struct{}     `xml:"Tagging"`
	Tags    entries[tag] `xml:"TagSet>Tag"`
}

type tag struct {
	Key   string
	Value string
}

// PutObjectTagging implements [resumable.OSS].
func (c *Client) PutObjectTagging(ctx context.Context, obj resumable.Object, tags map[string]string) error {
	r := request{
		op: "DeleteObjectTagging", method: http.MethodDelete, object: obj,
		query: map[string]any{"tagging": nil},
	}
	if len(tags) > 0 {
		var document tagging
		for _, key := range slices.Sorted(maps.Keys(tags)) {
			document.Tags = append(document.Tags, tag{key, tags[key]})
		}
		text, err := xml.Marshal(document)
		if err != nil {
			return err
		}
		r.op, r.method, r.body = "PutObjectTagging", http.MethodPut, bytes.NewReader(text)
		r.headers = []oss.Option{oss.ContentType("application/xml")}
	}
	ans, err := c.do(ctx, r)
	if err != nil {
		return err
	}
	return ans.checkEmpty()
}

// GetObjectTagging implements [resumable.OSS].
func (c *Client) GetObjectTagging(ctx context.Context, obj resumable.Object) (map[string]string, error) {
	return c.GetObjectVersionTagging(ctx, obj, "")
}

// GetObjectVersionTagging returns the tags of one version; "" is the current one.
func (c *Client) GetObjectVersionTagging(ctx context.Context, obj resumable.Object, versionID string) (map[string]string, error) {
	ans, err := c.do(ctx, request{
		op: "GetObjectTagging", method: http.MethodGet, object: obj,
		query: versionQuery(versionID, map[string]any{"tagging": nil}),
	})
	if err != nil {
		return nil, err
	}
	var document tagging
	if err := ans.decode(&document); err != nil {
		return nil, err
	}
	tags := make(map[string]string, len(document.Tags))
	for _, t := range document.Tags {
		if t.Key == "" {
			return nil, ans.malformed("it lists a tag without a key")
		}
		tags[t.Key] = t.Value
	}
	return tags, nil
}
