// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package osstest_test

import (
	"net/url"
	"strings"
	"testing"

	. "github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/recorded"
)

// The buckets of the recordings, by what they are.
const (
	versionedBucket = "bucket-1" // and may retain objects
	newBucket       = "bucket-2"
	missingBucket   = "bucket-4"
)

// scene is the situation of one recorded answer, and the request that leads to it.
type scene struct {
	t      *testing.T
	s      *Server
	c      *client
	answer recorded.Answer
	bucket string // that stands for the recorded one
	target string // of the object or bucket

	// What the recorded request had, with the IDs that this server has made.
	query  url.Values
	header []string
	body   string
}

func newScene(t *testing.T, s *Server, answer recorded.Answer, bucket string) *scene {
	sc := &scene{t: t, s: s, c: newClient(t, s), answer: answer, bucket: bucket, query: url.Values{}}
	switch answer.Bucket() {
	case versionedBucket:
		s.EnableObjectWorm(bucket, "", 0)
	case newBucket, missingBucket:
		sc.bucket += "-not-there"
	}
	sc.target = sc.object(answer.Key())
	for name, value := range answer.Query {
		sc.query.Set(name, value)
	}
	return sc
}

// object is the target of a request about another object of the bucket.
func (sc *scene) object(key string) string {
	if key == "" {
		return "/" + sc.bucket
	}
	return "/" + sc.bucket + "/" + (&url.URL{Path: key}).EscapedPath()
}

// play prepares the situation and asks.
func (sc *scene) play() reply {
	operation, code := sc.answer.Operation(), sc.answer.Refusal().Code
	prepare, known := situations[operation]
	if !known {
		sc.t.Fatalf("%s: no situation for %s", sc.answer.Name, operation)
	}
	switch code {
	case "NoSuchBucket":
		sc.body = documents[operation]
	case "InvalidAccessKeyId":
		sc.body = documents[operation]
		sc.c.credential = Credential{AccessKeyID: "unknown", AccessKeySecret: "secret"}
	default:
		prepare(sc)
	}
	target := sc.target
	if len(sc.query) > 0 {
		target += "?" + strings.ReplaceAll(sc.query.Encode(), "+", "%20")
	}
	return sc.c.do(sc.answer.Method, target, sc.body, sc.header...)
}

// documents are bodies that will do where the request is refused anyway.
var documents = map[string]string{
	"PutObject":               "body",
	"UploadPart":              "body",
	"PutObjectTagging":        "<Tagging><TagSet><Tag><Key>k</Key><Value>v</Value></Tag></TagSet></Tagging>",
	"CompleteMultipartUpload": partList(1, `"E"`),
	"DeleteMultipleObjects":   deleteList("k"),
}

func deleteList(key string) string {
	return "<Delete><Quiet>true</Quiet><Object><Key>" + key + "</Key></Object></Delete>"
}

// put makes the object, with what the answer tells about it, and returns the ID of
// its version.
func (sc *scene) put(body string) (versionID string) {
	return sc.c.want("PUT", sc.target, body, sc.attributes()...).header.Get("x-oss-version-id")
}

// attributes are the headers of the object that the answer tells of.
func (sc *scene) attributes() (header []string) {
	for name, value := range sc.answer.Headers {
		switch {
		case strings.HasPrefix(name, "x-oss-meta-"), name == "Content-Type" && value != "application/xml":
			header = append(header, name, value)
		case name == "x-oss-server-side-encryption":
			header = append(header, name, value)
		}
	}
	return header
}

// initiate begins the upload that the request is about.
func (sc *scene) initiate() (uploadID string) {
	uploadID = sc.c.initiate(sc.target, sc.attributes()...)
	sc.query.Set("uploadId", uploadID)
	return uploadID
}

// isDeleted reports whether the answer tells of a delete marker.
func (sc *scene) isDeleted() bool { return sc.answer.Headers["x-oss-delete-marker"] != "" }
