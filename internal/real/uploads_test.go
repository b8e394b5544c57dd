// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package real

import (
	"bytes"
	"crypto/md5"
	"crypto/rand"
	"encoding/hex"
	"hash/crc64"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

const minPart = resumable.MinPartSize

// upload is a multipart upload with its stored parts.
type upload struct {
	resumable.Upload
	content []byte
	parts   []resumable.StoredPart
}

func random(n int) []byte {
	content := make([]byte, n)
	_, _ = rand.Read(content)
	return content
}

func crcOf(content []byte) string {
	return strconv.FormatUint(crc64.Checksum(content, crc64.MakeTable(crc64.ECMA)), 10)
}

func md5Of(content []byte) string {
	sum := md5.Sum(content)
	return strings.ToUpper(hex.EncodeToString(sum[:]))
}

func (p *probe) initiate(dst resumable.Destination) *upload {
	up, err := p.client.InitiateMultipartUpload(p.ctx, dst)
	p.must(err)
	return &upload{Upload: up}
}

func (p *probe) send(up *upload, content []byte) resumable.StoredPart {
	part, err := p.client.UploadPart(p.ctx, up.Upload, len(up.parts)+1, bytes.NewReader(content))
	p.must(err)
	up.parts = append(up.parts, part)
	up.content = append(up.content, content...)
	return part
}

func (p *probe) complete(up *upload) {
	p.must(errorOf(p.client.CompleteMultipartUpload(p.ctx, up.Upload, up.parts)))
}

func (p *probe) abort(up *upload) { p.must(p.client.AbortMultipartUpload(p.ctx, up.Upload)) }

func (p *probe) info(obj resumable.Object) resumable.ObjectInfo {
	info, err := p.client.HeadObject(p.ctx, obj)
	p.must(err)
	return info
}

// same compares the listed parts with those that were sent.
func (p *probe) same(listed, sent []resumable.StoredPart) {
	p.check(slices.Equal(listed, sent), "the list has the sent parts with their CRC-64 (%d)", len(listed))
	if !slices.Equal(listed, sent) {
		p.saw("listed %v, sent %v", listed, sent)
	}
}

// askUploads checks multipart uploads. It returns a completed one.
func (w *world) askUploads() (whole *upload) {
	for _, of := range []struct{ kind, suffix string }{{plain, ""}, {encrypted, "e"}} {
		var up *upload
		w.ask("A1"+of.suffix, "UploadPart returns the CRC-64 of the part ("+of.kind+" bucket); without encryption, the ETag is its MD5", "CRC-64, ETag", func(p *probe) {
			p.in(of.kind)
			begun := p.initiate(resumable.Destination{Object: w.object(of.kind, "a b+%中.bin")})
			content := random(minPart)
			part := p.send(begun, content)
			p.is("CRC-64", part.CRC64, crcOf(content))
			if of.kind == plain {
				p.is("ETag", part.ETag, md5Of(content))
			}
			p.send(begun, random(100))
			up = begun
		})
		w.ask("A2"+of.suffix, "ListParts returns the CRC-64 of each part, for a key that needs encoding-type=url ("+of.kind+")", "all CRC-64", func(p *probe) {
			p.in(of.kind)
			p.needs(up != nil, "A1"+of.suffix)
			parts, err := p.client.ListParts(p.ctx, up.Upload)
			p.must(err)
			p.same(parts, up.parts)
		})
		var completed bool
		w.ask("A3"+of.suffix, "HEAD after CompleteMultipartUpload and PutObject returns the CRC-64, 0 for an empty object ("+of.kind+")", "CRC-64 of all", func(p *probe) {
			p.in(of.kind)
			p.needs(up != nil, "A1"+of.suffix)
			p.complete(up)
			completed = true
			p.is("multipart", p.info(up.Object).CRC64, crcOf(up.content))
			p.put(p.in(of.kind), p.prefix+"put", "put", nil)
			p.is("put", p.info(p.object(of.kind, "put")).CRC64, crcOf([]byte("put")))
			p.put(p.in(of.kind), p.prefix+"empty", "", nil)
			p.is("empty", p.info(p.object(of.kind, "empty")).CRC64, "0")
		})
		if of.kind == plain && completed {
			whole = up
		}
	}
	w.ask("A3v", "HEAD returns the CRC-64 and the version ID in a bucket with versioning", "both", func(p *probe) {
		p.put(p.in(versioned), p.prefix+"put", "put", nil)
		info := p.info(p.object(versioned, "put"))
		p.is("CRC-64", info.CRC64, crcOf([]byte("put")))
		p.check(info.VersionID != "", "there is a version ID")
	})
	w.ask("A11", "A repeated CompleteMultipartUpload returns 404 NoSuchUpload, and HEAD finds the object immediately", "both", func(p *probe) {
		p.needs(whole != nil, "A3")
		_, err := p.client.CompleteMultipartUpload(p.ctx, whole.Upload, whole.parts)
		p.fails("Complete", err, 404, "NoSuchUpload")
		p.is("size", p.info(whole.Object).Size, len(whole.content))
	})
	w.ask("A12", "AbortMultipartUpload after completion returns 404 NoSuchUpload and keeps the object", "both", func(p *probe) {
		p.needs(whole != nil, "A3")
		err := p.client.AbortMultipartUpload(p.ctx, whole.Upload)
		p.fails("Abort", err, 404, "NoSuchUpload")
		p.is("size", p.info(whole.Object).Size, len(whole.content))
	})
	w.ask("A13", "CompleteMultipartUpload accepts a part of 102,400 bytes, and refuses one of 102,399 with EntityTooSmall", "both", func(p *probe) {
		p.check(whole != nil, "102,400 bytes are accepted")
		up := p.initiate(resumable.Destination{Object: p.object(plain, "small")})
		p.send(up, random(minPart-1))
		p.send(up, random(1))
		_, err := p.client.CompleteMultipartUpload(p.ctx, up.Upload, up.parts)
		p.fails("102,399 bytes", err, 400, "EntityTooSmall")
		p.abort(up)
	})
	w.ask("A14", "CompleteMultipartUpload accepts the parts 1 and 7 of 1, 5 and 7, and joins these", "the joined CRC-64", func(p *probe) {
		up := p.initiate(resumable.Destination{Object: p.object(plain, "gaps")})
		contents := map[int][]byte{1: random(minPart), 5: random(minPart), 7: random(10)}
		for number, content := range contents {
			part, err := p.client.UploadPart(p.ctx, up.Upload, number, bytes.NewReader(content))
			p.must(err)
			if number != 5 {
				up.parts = append(up.parts, part)
			}
		}
		slices.SortFunc(up.parts, func(a, b resumable.StoredPart) int { return a.Number - b.Number })
		p.complete(up)
		p.is("CRC-64", p.info(up.Object).CRC64, crcOf(slices.Concat(contents[1], contents[7])))
	})
	return whole
}

// askLists checks the lists that find an upload without a checkpoint.
func (w *world) askLists() {
	w.ask("A9", "Answers about an upload contain the bucket name of the request", "the bucket name", func(p *probe) { p.named(p.in(plain), "") })
	w.ask("A9h", "The same with the Host in upper case", "the bucket name", func(p *probe) {
		if p.raw.byPath() {
			p.skip("the endpoint is an IP address")
		}
		p.named(p.in(plain), strings.ToUpper(p.in(plain)+"."+p.raw.origin.Host))
	})
	w.ask("A9a", "The same with the alias of an access point", "the alias", func(p *probe) {
		p.realOnly("the test server has no access points")
		p.named(p.in(alias), "")
	})
	w.ask("A10", "ListMultipartUploads sorts by key and upload ID; pages end with both markers, URL-encoded; new uploads are listed immediately", "all", func(p *probe) {
		var begun []string
		var ups []*upload
		for _, name := range []string{"list/a b", "list/b", "list/b"} {
			up := p.initiate(resumable.Destination{Object: p.object(plain, name)})
			ups = append(ups, up)
			begun = append(begun, up.Key+" "+up.UploadID)
		}
		found, err := p.client.ListMultipartUploads(p.ctx, ups[0].Object)
		p.must(err)
		p.check(len(found) == 1 && found[0].UploadID == ups[0].UploadID, "the new upload is listed")

		var listed, markers []string
		query := []string{"uploads", "prefix=" + p.prefix + "list/", "max-uploads=1", "encoding-type=url"}
		for range len(begun) + 1 {
			r := p.done(call{method: "GET", bucket: p.in(plain), query: slices.Concat(query, markers)})
			key, err := url.QueryUnescape(r.element("Key"))
			p.must(err)
			listed = append(listed, key+" "+r.element("UploadId"))
			if r.element("IsTruncated") != "true" {
				break
			}
			next, err := url.QueryUnescape(r.element("NextKeyMarker"))
			p.must(err)
			p.check(next == key && r.element("NextUploadIdMarker") == r.element("UploadId"), "both markers after %q", strings.TrimPrefix(key, p.prefix))
			if strings.Contains(next, " ") {
				p.check(!strings.Contains(r.element("NextKeyMarker"), " "), "the marker is encoded")
			}
			markers = []string{"key-marker=" + next, "upload-id-marker=" + r.element("NextUploadIdMarker")}
		}
		p.check(slices.Equal(listed, slices.Sorted(slices.Values(begun))), "in order, each once")
		for _, up := range ups {
			p.abort(up)
		}
	})
	w.ask("A10e", "An upload whose checkpoint is lost is found, and its part is kept", "1 part kept", func(p *probe) {
		content := random(minPart + 1000)
		source := filepath.Join(p.t.TempDir(), "lost.bin")
		p.must(os.WriteFile(source, content, 0o600))
		obj := p.object(plain, "lost.bin")
		p.send(p.initiate(resumable.Destination{Object: obj}), content[:minPart])
		engine := resumable.New(resumable.Config{OSS: p.client, Endpoint: p.client.Endpoint()})
		result, err := engine.Upload(p.ctx, resumable.Request{
			Destination: resumable.Destination{Object: obj}, Source: source,
			Options: resumable.Options{CheckpointDir: filepath.Join(p.t.TempDir(), "checkpoints"), PartSize: minPart, MultipartThreshold: minPart},
		})
		p.must(err)
		p.is("parts kept", result.Stats.PartsKept, 1)
		p.is("bytes sent", result.Stats.BytesSent, 1000)
		p.is("CRC-64", result.CRC64, crcOf(content))
	})
}

// named performs an upload with raw requests, and checks each <Bucket>.
func (p *probe) named(bucket, host string) {
	key := p.prefix + "named"
	begun := p.done(call{method: "POST", bucket: bucket, key: key, query: []string{"uploads"}, host: host})
	p.is("Initiate", begun.element("Bucket"), bucket)
	id := "uploadId=" + begun.element("UploadId")
	listed := p.done(call{method: "GET", bucket: bucket, query: []string{"uploads", "prefix=" + key}, host: host})
	p.is("ListMultipartUploads", listed.element("Bucket"), bucket)
	part := p.done(call{method: "PUT", bucket: bucket, key: key, query: []string{id, "partNumber=1"}, body: "part", host: host})
	parts := p.done(call{method: "GET", bucket: bucket, key: key, query: []string{id}, host: host})
	p.is("ListParts", parts.element("Bucket"), bucket)
	document := "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>" + part.header.Get("ETag") + "</ETag></Part></CompleteMultipartUpload>"
	whole := p.done(call{method: "POST", bucket: bucket, key: key, query: []string{id}, body: document, host: host})
	p.is("Complete", whole.element("Bucket"), bucket)
}

// errorOf returns the error and ignores the ETag.
func errorOf(_ string, err error) error { return err }
