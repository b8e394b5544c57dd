// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package real

import (
	"context"
	"encoding/xml"
	"fmt"
	"net/url"
	"strings"
)

// versionsPage is the answer to ListObjectVersions: versions and delete markers.
type versionsPage struct {
	IsTruncated         bool
	NextKeyMarker       string
	NextVersionIDMarker string  `xml:"NextVersionIdMarker"`
	Version             []entry `xml:"Version"`
	DeleteMarker        []entry `xml:"DeleteMarker"`
}

type entry struct {
	Key       string
	VersionID string `xml:"VersionId"`
}

// removeAll removes the uploads and versions of this run from a bucket: those whose keys
// begin with the prefix. It returns the names of those that it could not remove.
func (w *world) removeAll(ctx context.Context, kind string) (left []string) {
	bucket := w.buckets[kind]
	problem := func(format string, args ...any) {
		left = append(left, fmt.Sprintf("oss://%s/%s…: ", bucket, w.prefix)+fmt.Sprintf(format, args...))
	}
	for upload, err := range w.client.IncompleteUploads(ctx, bucket, w.prefix) {
		if err != nil {
			problem("uploads cannot be listed: %v", err)
			break
		}
		w.mine(upload.Key)
		r, err := w.raw.do(ctx, call{method: "DELETE", bucket: bucket, key: upload.Key, query: []string{"uploadId=" + upload.UploadID}})
		if err != nil || r.status != 204 {
			problem("upload %s of %q: %s, %v", upload.UploadID, upload.Key, r, err)
		}
	}
	// The first round removes everything, the last finds nothing.
	for round := range 20 {
		page, err := w.versions(ctx, bucket)
		entries := append(page.Version, page.DeleteMarker...)
		switch {
		case err != nil:
			problem("versions cannot be listed: %v", err)
			return left
		case len(entries) == 0:
			return left
		case round == 19:
			problem("%d versions are left, such as %q", len(entries), entries[0].Key)
			return left
		}
		if err := w.removeVersions(ctx, bucket, entries); err != nil {
			for _, e := range entries {
				problem("%q, version %q: %v", e.Key, e.VersionID, err)
			}
			return left
		}
	}
	return left
}

// mine panics if a key does not belong to this run.
func (w *world) mine(key string) {
	if !strings.HasPrefix(key, w.prefix) {
		panic("the key " + key + " is not of this run")
	}
}

func (w *world) versions(ctx context.Context, bucket string) (page versionsPage, err error) {
	r, err := w.raw.do(ctx, call{method: "GET", bucket: bucket, query: []string{"versions", "prefix=" + w.prefix, "encoding-type=url", "max-keys=1000"}})
	if err != nil {
		return page, err
	}
	if r.status != 200 {
		return page, fmt.Errorf("ListObjectVersions: %s", r)
	}
	err = xml.Unmarshal([]byte(r.body), &page)
	for _, entries := range [][]entry{page.Version, page.DeleteMarker} {
		for i := range entries {
			key, decodeErr := url.QueryUnescape(entries[i].Key)
			if decodeErr != nil {
				return page, decodeErr
			}
			entries[i].Key = key
		}
	}
	return page, err
}

func (w *world) removeVersions(ctx context.Context, bucket string, entries []entry) error {
	type object struct {
		Key       string
		VersionID string `xml:"VersionId,omitempty"`
	}
	document := struct {
		XMLName struct{} `xml:"Delete"`
		Quiet   bool
		Object  []object
	}{Quiet: true}
	for _, e := range entries {
		w.mine(e.Key)
		if strings.ContainsFunc(e.Key, func(r rune) bool { return r < ' ' }) {
			// XML cannot represent it.
			query := []string(nil)
			if e.VersionID != "" {
				query = []string{"versionId=" + e.VersionID}
			}
			r, err := w.raw.do(ctx, call{method: "DELETE", bucket: bucket, key: e.Key, query: query})
			if err == nil && r.status != 204 {
				err = fmt.Errorf("DeleteObject: %s", r)
			}
			if err != nil {
				return err
			}
			continue
		}
		document.Object = append(document.Object, object(e))
	}
	if len(document.Object) == 0 {
		return nil
	}
	text, err := xml.Marshal(document)
	if err != nil {
		return err
	}
	r, err := w.raw.do(ctx, call{
		method: "POST", bucket: bucket, query: []string{"delete"}, body: string(text),
		header: map[string]string{"Content-Type": "application/xml", "Content-MD5": contentMD5(string(text))},
	})
	if err == nil && r.status != 200 {
		err = fmt.Errorf("DeleteMultipleObjects: %s", r)
	}
	return err
}
