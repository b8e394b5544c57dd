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

// The buckets of the recordings, by their role.
const (
	versionedBucket = "bucket-1" // with object-level retention
	newBucket       = "bucket-2"
	missingBucket   = "bucket-4"
)

// replay sends the request of one recorded answer to the server, in the state
// that the answer implies.
type replay struct {
	t      *testing.T
	s      *Server
	c      *client
	answer recorded.Answer
	bucket string // in place of the recorded bucket
	target string // path of the object or bucket

	// From the recorded request, with the IDs of this server.
	query  url.Values
	header []string
	body   string
}

func newReplay(t *testing.T, s *Server, answer recorded.Answer, bucket string) *replay {
	rp := &replay{t: t, s: s, c: newClient(t, s), answer: answer, bucket: bucket, query: url.Values{}}
	switch answer.Bucket() {
	case versionedBucket:
		s.EnableObjectWorm(bucket, "", 0)
	case newBucket, missingBucket:
		rp.bucket += "-missing"
	}
	rp.target = rp.object(answer.Key())
	for name, value := range answer.Query {
		rp.query.Set(name, value)
	}
	return rp
}

// object returns the path of an object in the bucket or, if key is "", of the
// bucket.
func (rp *replay) object(key string) string {
	if key == "" {
		return "/" + rp.bucket
	}
	return "/" + rp.bucket + "/" + (&url.URL{Path: key}).EscapedPath()
}

// run prepares the server, sends the request and returns the reply.
func (rp *replay) run() reply {
	operation, code := rp.answer.Operation(), rp.answer.Refusal().Code
	setUp, known := setups[operation]
	if !known {
		rp.t.Fatalf("%s: no setup for %s", rp.answer.Name, operation)
	}
	switch code {
	case "NoSuchBucket":
		rp.body = documents[operation]
	case "InvalidAccessKeyId":
		rp.body = documents[operation]
		rp.c.credential = Credential{AccessKeyID: "unknown", AccessKeySecret: "secret"}
	default:
		setUp(rp)
	}
	target := rp.target
	if len(rp.query) > 0 {
		target += "?" + strings.ReplaceAll(rp.query.Encode(), "+", "%20")
	}
	return rp.c.do(rp.answer.Method, target, rp.body, rp.header...)
}

// documents are valid bodies for requests that are refused for another reason.
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

// put stores the object with the attributes in the answer, and returns its
// version ID.
func (rp *replay) put(body string) (versionID string) {
	return rp.c.want("PUT", rp.target, body, rp.attributes()...).header.Get("x-oss-version-id")
}

// attributes returns the headers that give an object the attributes in the
// answer.
func (rp *replay) attributes() (header []string) {
	for name, value := range rp.answer.Headers {
		switch {
		case strings.HasPrefix(name, "x-oss-meta-"), name == "Content-Type" && value != "application/xml":
			header = append(header, name, value)
		case name == "x-oss-server-side-encryption":
			header = append(header, name, value)
		}
	}
	return header
}

// initiate starts the upload that the request names.
func (rp *replay) initiate() (uploadID string) {
	uploadID = rp.c.initiate(rp.target, rp.attributes()...)
	rp.query.Set("uploadId", uploadID)
	return uploadID
}

// isDeleted reports whether the answer is about a delete marker.
func (rp *replay) isDeleted() bool { return rp.answer.Headers["x-oss-delete-marker"] != "" }
