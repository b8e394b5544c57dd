// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package osstest_test

import (
	"crypto/md5"
	"encoding/base64"
	"encoding/xml"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// setups prepare the server for a recorded request, by operation.
var setups = map[string]func(*replay){
	"PutBucket":               func(*replay) {},
	"GetBucketAcl":            func(*replay) {},
	"GetBucketVersioning":     func(*replay) {},
	"ListObjectsV2":           beforeListObjects,
	"ListObjectVersions":      beforeListVersions,
	"DeleteMultipleObjects":   beforeDeleteMany,
	"PutObject":               beforePut,
	"CopyObject":              beforeCopy,
	"GetObject":               beforeRead,
	"HeadObject":              beforeRead,
	"GetObjectMeta":           beforeRead,
	"DeleteObject":            beforeDelete,
	"GetObjectTagging":        beforeGetTags,
	"PutObjectTagging":        beforePutTags,
	"GetObjectRetention":      beforeGetRetention,
	"PutObjectRetention":      beforePutRetention,
	"InitiateMultipartUpload": func(rp *replay) { rp.header = rp.attributes() },
	"UploadPart":              func(rp *replay) { rp.initiate(); rp.body = "part" },
	"ListParts":               beforeListParts,
	"CompleteMultipartUpload": beforeComplete,
	"AbortMultipartUpload":    beforeAbort,
}

func beforePut(rp *replay) {
	rp.body, rp.header = "body", rp.attributes()
	if rp.answer.Refusal().Code == "InvalidDigest" {
		rp.header = append(rp.header, "Content-MD5", "AAAAAAAAAAAAAAAAAAAAAA==")
	}
}

func beforeCopy(rp *replay) {
	source := "/" + rp.bucket + "/source"
	if recorded := rp.answer.Request["x-oss-copy-source"]; recorded != "" {
		source = strings.Replace(recorded, "/"+rp.answer.Bucket()+"/", "/"+rp.bucket+"/", 1)
	}
	if rp.answer.Success() {
		rp.c.want("PUT", source, "body")
	}
	rp.header = []string{"x-oss-copy-source", source}
}

// beforeRead stores the object that the answer describes, or deletes it.
func beforeRead(rp *replay) {
	code := rp.answer.Refusal().Code
	if code == "NoSuchKey" && !rp.isDeleted() {
		return
	}
	body := string(rp.answer.Body())
	if from, total, partial := strings.Cut(rp.answer.Headers["Content-Range"], "/"); partial {
		size, _ := strconv.Atoi(total)
		body = strings.Repeat("x", size)
		rp.header = []string{"Range", strings.Replace(from, " ", "=", 1)}
	}
	var id string
	if rp.answer.Headers["x-oss-object-type"] == "Multipart" {
		id = rp.putParts()
	} else {
		id = rp.put(body)
	}
	switch {
	case rp.isDeleted():
		rp.c.want("DELETE", rp.target, "")
	case code == "NoSuchVersion":
		rp.c.want("DELETE", rp.target+"?versionId="+id, "")
	}
	if rp.query.Has("versionId") && code != "InvalidArgument" {
		rp.query.Set("versionId", id)
	}
}

// putParts stores the object with as many parts as its ETag says.
func (rp *replay) putParts() (versionID string) {
	id := rp.c.initiate(rp.target, rp.attributes()...)
	var list []any
	for number := 1; number <= rp.parts(); number++ {
		list = append(list, number, rp.c.part(rp.target, id, number, strings.Repeat("x", 100<<10)))
	}
	return rp.c.complete(rp.target, id, partList(list...)).header.Get("x-oss-version-id")
}

// parts returns the number at the end of the ETag.
func (rp *replay) parts() int {
	_, text, _ := strings.Cut(strings.Trim(rp.answer.Headers["ETag"], `"`), "-")
	parts, _ := strconv.Atoi(text)
	return parts
}

func beforeDelete(rp *replay) {
	if id := rp.put("body"); rp.query.Has("versionId") {
		rp.query.Set("versionId", id)
	}
}

func beforeDeleteMany(rp *replay) {
	rp.c.want("PUT", rp.object("k"), "body")
	rp.body = deleteList("k")
}

func beforeGetTags(rp *replay) {
	rp.put("body")
	if rp.answer.Success() {
		rp.c.want("PUT", rp.target+"?tagging", rp.answer.Text)
	}
}

func beforePutTags(rp *replay) {
	rp.body = documents["PutObjectTagging"]
	if rp.answer.Success() || rp.isDeleted() {
		rp.put("body")
	}
	if rp.isDeleted() {
		rp.c.want("DELETE", rp.target, "")
	}
}

func retentionOf(mode string) (body string, header []string) {
	body = "<Retention><Mode>" + mode + "</Mode><RetainUntilDate>2099-01-01T00:00:00.000Z</RetainUntilDate></Retention>"
	sum := md5.Sum([]byte(body))
	return body, []string{"Content-MD5", base64.StdEncoding.EncodeToString(sum[:])}
}

func beforeGetRetention(rp *replay) {
	if rp.answer.Refusal().Code == "NoSuchKey" {
		return
	}
	rp.put("body")
	if rp.answer.Success() {
		var document struct{ Mode string }
		rp.parse(&document)
		body, header := retentionOf(document.Mode)
		rp.c.want("PUT", rp.target+"?retention", body, header...)
	}
}

func beforePutRetention(rp *replay) {
	if id := rp.put("body"); rp.query.Has("versionId") {
		rp.query.Set("versionId", id)
	}
	rp.body, rp.header = retentionOf("GOVERNANCE")
}

func beforeListParts(rp *replay) {
	var document struct {
		Part []struct{ PartNumber int }
	}
	rp.parse(&document)
	id := rp.initiate()
	for _, part := range document.Part {
		rp.c.part(rp.target, id, part.PartNumber, "part")
	}
}

func beforeComplete(rp *replay) {
	id := rp.initiate()
	var list []any
	for number := 1; number <= rp.parts(); number++ {
		list = append(list, number, rp.c.part(rp.target, id, number, strings.Repeat("x", 100<<10)))
	}
	switch rp.answer.Refusal().Code {
	case "InvalidPart":
		var document struct{ PartNumber int }
		rp.parse(&document)
		list = []any{document.PartNumber, rp.c.part(rp.target, id, document.PartNumber, "part") + "fake"}
	case "NoSuchUpload":
		list = []any{1, rp.c.part(rp.target, id, 1, "part")}
		rp.c.want("DELETE", rp.target+"?uploadId="+id, "")
	}
	rp.body = partList(list...)
}

func beforeAbort(rp *replay) {
	id := rp.initiate()
	if !rp.answer.Success() {
		rp.c.want("DELETE", rp.target+"?uploadId="+id, "")
	}
}

// beforeListObjects stores the listed objects, one before them unless this is
// the first page, and one after them unless this is the last page.
func beforeListObjects(rp *replay) {
	var page struct {
		IsTruncated    bool
		Contents       []struct{ Key string }
		CommonPrefixes []struct{ Prefix string }
	}
	rp.parse(&page)
	prefix := rp.answer.Query["prefix"]
	for _, object := range page.Contents {
		rp.putKey(object.Key)
	}
	for _, common := range page.CommonPrefixes {
		rp.putKey(common.Prefix + "x")
	}
	if page.IsTruncated {
		rp.putKey(prefix + "~")
	}
	if rp.query.Has("continuation-token") {
		rp.putKey(prefix + "!")
		first := rp.c.want("GET", rp.target+"?list-type=2&max-keys=1&prefix="+url.QueryEscape(prefix), "")
		rp.query.Set("continuation-token", first.element("NextContinuationToken"))
	}
}

// putKey stores an object whose key is encoded as in documents.
func (rp *replay) putKey(encoded string) {
	key, err := url.PathUnescape(encoded)
	if err != nil {
		rp.t.Fatal(err)
	}
	rp.c.want("PUT", rp.object(key), "body")
}

// beforeListVersions creates the listed versions and delete markers, oldest
// first.
func beforeListVersions(rp *replay) {
	var page struct {
		Entries []struct {
			XMLName xml.Name
			Key     string
		} `xml:",any"`
	}
	rp.parse(&page)
	for _, entry := range slices.Backward(page.Entries) {
		switch entry.XMLName.Local {
		case "Version":
			rp.putKey(entry.Key)
		case "DeleteMarker":
			key, _ := url.PathUnescape(entry.Key)
			rp.c.want("DELETE", rp.object(key), "")
		}
	}
}

func (rp *replay) parse(document any) {
	if err := xml.Unmarshal([]byte(rp.answer.Text), document); err != nil {
		rp.t.Fatalf("%s: %v", rp.answer.Name, err)
	}
}
