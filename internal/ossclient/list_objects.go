// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package ossclient

import (
	"context"
	"iter"
	"strconv"
	"time"
)

// ListedObject is an object in a list. It has fewer fields than the answer to HEAD.
type ListedObject struct {
	Key          string
	Size         int64
	ETag         string // without quotes
	LastModified time.Time
	StorageClass string
}

// objectsPage is the answer to ListObjectsV2.
type objectsPage struct {
	XMLName               struct{} `xml:"ListBucketResult"`
	EncodingType          string
	IsTruncated           bool
	NextContinuationToken string
	Contents              entries[ListedObject]
}

// Objects yields the objects whose keys begin with prefix, in the order of keys. It
// requests 1,000 objects at a time, when they are needed. It stops after an error.
func (c *Client) Objects(ctx context.Context, bucket, prefix string) iter.Seq2[ListedObject, error] {
	return func(yield func(ListedObject, error) bool) {
		err := c.listObjects(ctx, bucket, prefix, func(object ListedObject) bool { return yield(object, nil) })
		if err != nil {
			yield(ListedObject{}, err)
		}
	}
}

// listObjects calls take for each object, until it returns false.
func (c *Client) listObjects(ctx context.Context, bucket, prefix string, take func(ListedObject) bool) error {
	token, lastKey := "", ""
	for { // ends, because each page except the last increases lastKey
		page, ans, err := c.objectsAfter(ctx, bucket, prefix, token)
		if err != nil {
			return err
		}
		for _, object := range page.Contents {
			if err := ans.checkKeyOrder(object.Key, lastKey, prefix); err != nil {
				return err
			}
			object.ETag = unquoted(object.ETag)
			if object.Key == lastKey {
				return ans.malformed("it lists key %q twice", object.Key)
			}
			if !object.plausible() {
				return ans.malformed("the size, date, ETag or storage class of key %q is invalid", object.Key)
			}
			lastKey = object.Key
			if !take(object) {
				return nil
			}
		}
		if !page.IsTruncated {
			return nil
		}
		if len(page.Contents) == 0 || page.NextContinuationToken == "" || page.NextContinuationToken == token {
			return ans.malformed("its list has no valid next page")
		}
		token = page.NextContinuationToken
	}
}

func (o ListedObject) plausible() bool {
	return o.Size >= 0 && o.ETag != "" && plausible(o.ETag) && plausible(o.StorageClass) && !o.LastModified.IsZero()
}

// objectsAfter returns the page for a token, "" for the first page.
func (c *Client) objectsAfter(ctx context.Context, bucket, prefix, token string) (page objectsPage, ans answer, err error) {
	query := map[string]any{"list-type": "2", "max-keys": strconv.Itoa(pageSize)}
	if token != "" {
		query["continuation-token"] = token
	}
	ans, err = c.nextPage(ctx, "ListObjectsV2", bucket, prefix, query, &page)
	return page, ans, err
}

// encoded includes the token, which OSS encodes, too. Source: decodeListObjectsResultV2
// of the SDK v1.
func (p *objectsPage) encoded() (string, []*string) {
	keys := []*string{&p.NextContinuationToken}
	for i := range p.Contents {
		keys = append(keys, &p.Contents[i].Key)
	}
	return p.EncodingType, keys
}
