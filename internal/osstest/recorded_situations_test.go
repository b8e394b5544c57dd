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

// situations prepare what was recorded, by operation.
var situations = map[string]func(*scene){
	"PutBucket":               func(*scene) {},
	"GetBucketAcl":            func(*scene) {},
	"GetBucketVersioning":     func(*scene) {},
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
	"InitiateMultipartUpload": func(sc *scene) { sc.header = sc.attributes() },
	"UploadPart":              func(sc *scene) { sc.initiate(); sc.body = "part" },
	"ListParts":               beforeListParts,
	"CompleteMultipartUpload": beforeComplete,
	"AbortMultipartUpload":    beforeAbort,
}

func beforePut(sc *scene) {
	sc.body, sc.header = "body", sc.attributes()
	if sc.answer.Refusal().Code == "InvalidDigest" {
		sc.header = append(sc.header, "Content-MD5", "AAAAAAAAAAAAAAAAAAAAAA==")
	}
}

func beforeCopy(sc *scene) {
	source := "/" + sc.bucket + "/source"
	if recorded := sc.answer.Request["x-oss-copy-source"]; recorded != "" {
		source = strings.Replace(recorded, "/"+sc.answer.Bucket()+"/", "/"+sc.bucket+"/", 1)
	}
	if sc.answer.Success() {
		sc.c.want("PUT", source, "body")
	}
	sc.header = []string{"x-oss-copy-source", source}
}

// beforeRead makes the object as the answer tells of it, or takes it away.
func beforeRead(sc *scene) {
	code := sc.answer.Refusal().Code
	if code == "NoSuchKey" && !sc.isDeleted() {
		return
	}
	body := string(sc.answer.Body())
	if from, total, partial := strings.Cut(sc.answer.Headers["Content-Range"], "/"); partial {
		size, _ := strconv.Atoi(total)
		body = strings.Repeat("x", size)
		sc.header = []string{"Range", strings.Replace(from, " ", "=", 1)}
	}
	var id string
	if sc.answer.Headers["x-oss-object-type"] == "Multipart" {
		id = sc.putParts()
	} else {
		id = sc.put(body)
	}
	switch {
	case sc.isDeleted():
		sc.c.want("DELETE", sc.target, "")
	case code == "NoSuchVersion":
		sc.c.want("DELETE", sc.target+"?versionId="+id, "")
	}
	if sc.query.Has("versionId") && code != "InvalidArgument" {
		sc.query.Set("versionId", id)
	}
}

// putParts makes the object of as many parts as its ETag says.
func (sc *scene) putParts() (versionID string) {
	id := sc.c.initiate(sc.target, sc.attributes()...)
	var list []any
	for number := 1; number <= sc.parts(); number++ {
		list = append(list, number, sc.c.part(sc.target, id, number, strings.Repeat("x", 100<<10)))
	}
	return sc.c.complete(sc.target, id, partList(list...)).header.Get("x-oss-version-id")
}

// parts is the number at the end of the ETag.
func (sc *scene) parts() int {
	_, text, _ := strings.Cut(strings.Trim(sc.answer.Headers["ETag"], `"`), "-")
	parts, _ := strconv.Atoi(text)
	return parts
}

func beforeDelete(sc *scene) {
	if id := sc.put("body"); sc.query.Has("versionId") {
		sc.query.Set("versionId", id)
	}
}

func beforeDeleteMany(sc *scene) {
	sc.c.want("PUT", sc.object("k"), "body")
	sc.body = deleteList("k")
}

func beforeGetTags(sc *scene) {
	sc.put("body")
	if sc.answer.Success() {
		sc.c.want("PUT", sc.target+"?tagging", sc.answer.Text)
	}
}

func beforePutTags(sc *scene) {
	sc.body = documents["PutObjectTagging"]
	if sc.answer.Success() || sc.isDeleted() {
		sc.put("body")
	}
	if sc.isDeleted() {
		sc.c.want("DELETE", sc.target, "")
	}
}

func retentionOf(mode string) (body string, header []string) {
	body = "<Retention><Mode>" + mode + "</Mode><RetainUntilDate>2099-01-01T00:00:00.000Z</RetainUntilDate></Retention>"
	sum := md5.Sum([]byte(body))
	return body, []string{"Content-MD5", base64.StdEncoding.EncodeToString(sum[:])}
}

func beforeGetRetention(sc *scene) {
	if sc.answer.Refusal().Code == "NoSuchKey" {
		return
	}
	sc.put("body")
	if sc.answer.Success() {
		var document struct{ Mode string }
		sc.parse(&document)
		body, header := retentionOf(document.Mode)
		sc.c.want("PUT", sc.target+"?retention", body, header...)
	}
}

func beforePutRetention(sc *scene) {
	if id := sc.put("body"); sc.query.Has("versionId") {
		sc.query.Set("versionId", id)
	}
	sc.body, sc.header = retentionOf("GOVERNANCE")
}

func beforeListParts(sc *scene) {
	var document struct {
		Part []struct{ PartNumber int }
	}
	sc.parse(&document)
	id := sc.initiate()
	for _, part := range document.Part {
		sc.c.part(sc.target, id, part.PartNumber, "part")
	}
}

func beforeComplete(sc *scene) {
	id := sc.initiate()
	var list []any
	for number := 1; number <= sc.parts(); number++ {
		list = append(list, number, sc.c.part(sc.target, id, number, strings.Repeat("x", 100<<10)))
	}
	switch sc.answer.Refusal().Code {
	case "InvalidPart":
		var document struct{ PartNumber int }
		sc.parse(&document)
		list = []any{document.PartNumber, sc.c.part(sc.target, id, document.PartNumber, "part") + "fake"}
	case "NoSuchUpload":
		list = []any{1, sc.c.part(sc.target, id, 1, "part")}
		sc.c.want("DELETE", sc.target+"?uploadId="+id, "")
	}
	sc.body = partList(list...)
}

func beforeAbort(sc *scene) {
	id := sc.initiate()
	if !sc.answer.Success() {
		sc.c.want("DELETE", sc.target+"?uploadId="+id, "")
	}
}

// beforeListObjects makes what the page lists, one object before it if it is not
// the first page, and one behind it if it is not the last.
func beforeListObjects(sc *scene) {
	var page struct {
		IsTruncated    bool
		Contents       []struct{ Key string }
		CommonPrefixes []struct{ Prefix string }
	}
	sc.parse(&page)
	prefix := sc.answer.Query["prefix"]
	for _, object := range page.Contents {
		sc.putKey(object.Key)
	}
	for _, common := range page.CommonPrefixes {
		sc.putKey(common.Prefix + "x")
	}
	if page.IsTruncated {
		sc.putKey(prefix + "~")
	}
	if sc.query.Has("continuation-token") {
		sc.putKey(prefix + "!")
		first := sc.c.want("GET", sc.target+"?list-type=2&max-keys=1&prefix="+url.QueryEscape(prefix), "")
		sc.query.Set("continuation-token", first.element("NextContinuationToken"))
	}
}

// putKey takes a key as documents have it.
func (sc *scene) putKey(encoded string) {
	key, err := url.PathUnescape(encoded)
	if err != nil {
		sc.t.Fatal(err)
	}
	sc.c.want("PUT", sc.object(key), "body")
}

// beforeListVersions makes the versions and delete markers from the oldest on.
func beforeListVersions(sc *scene) {
	var page struct {
		Entries []struct {
			XMLName xml.Name
			Key     string
		} `xml:",any"`
	}
	sc.parse(&page)
	for _, entry := range slices.Backward(page.Entries) {
		switch entry.XMLName.Local {
		case "Version":
			sc.putKey(entry.Key)
		case "DeleteMarker":
			key, _ := url.PathUnescape(entry.Key)
			sc.c.want("DELETE", sc.object(key), "")
		}
	}
}

func (sc *scene) parse(document any) {
	if err := xml.Unmarshal([]byte(sc.answer.Text), document); err != nil {
		sc.t.Fatalf("%s: %v", sc.answer.Name, err)
	}
}
