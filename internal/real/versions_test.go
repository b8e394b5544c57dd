// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package real

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// retention is the retention period of versions, long enough for the questions.
const retention = 45 * time.Second

const wormTime = "2006-01-02T15:04:05.000Z"

// askRetention checks object-level retention. Its versions can be removed only after their
// retention, so the run waits for that at its end.
func (w *world) askRetention() {
	key := w.prefix + "retained"
	retain := func(p *probe, mode string, until time.Time) reply {
		w.retainedUntil = slices.MaxFunc([]time.Time{w.retainedUntil, until}, time.Time.Compare)
		text := fmt.Sprintf("<Retention><Mode>%s</Mode><RetainUntilDate>%s</RetainUntilDate></Retention>", mode, until.UTC().Format(wormTime))
		return p.do(call{
			method: "PUT", bucket: p.in(worm), key: key, query: []string{"retention"}, body: text,
			header: map[string]string{"Content-Type": "application/xml", "Content-MD5": contentMD5(text)},
		})
	}
	get := func(p *probe) reply {
		return p.do(call{method: "GET", bucket: p.in(worm), key: key, query: []string{"retention"}})
	}
	var version string
	w.ask("C1", "GetObjectRetention of a version without retention", "404 NoSuchObjectRetentionConfiguration", func(p *probe) {
		version = p.put(p.in(worm), key, "text", nil).header.Get("x-oss-version-id")
		p.refuses("GET", get(p), 404, "NoSuchObjectRetentionConfiguration")
	})
	var until time.Time
	w.ask("C4", "PutObjectRetention accepts a date that ends in .000Z, and GetObjectRetention returns the same format", "both", func(p *probe) {
		p.in(worm)
		p.needs(version != "", "C1")
		until = w.now().Add(retention).Truncate(time.Second)
		p.is("PUT", retain(p, "GOVERNANCE", until), 200)
		r := get(p)
		p.is("mode", r.element("Mode"), "GOVERNANCE")
		p.is("form", r.element("RetainUntilDate") == until.UTC().Format(wormTime), true)
	})
	w.ask("C3", "HEAD returns the mode and the date of the retention, with milliseconds and Z", "both", func(p *probe) {
		p.in(worm)
		p.needs(!until.IsZero(), "C4")
		p.retained(p.head(p.in(worm), key), until)
	})
	w.ask("C3p", "The same for a user without permission to read the retention", "both", func(p *probe) {
		p.in(worm)
		p.needs(!until.IsZero(), "C4")
		p.retained(p.asLimited(call{method: "HEAD", bucket: p.in(worm), key: key}, "oss:GetObjectRetention"), until)
	})
	w.ask("C5", "Shortening GOVERNANCE without the bypass is refused", "403 AccessDenied", func(p *probe) {
		p.in(worm)
		p.needs(!until.IsZero(), "C4")
		p.refuses("PUT", retain(p, "GOVERNANCE", until.Add(-10*time.Second)), 403, "AccessDenied")
	})
	w.ask("C6", "Deleting a retained version is refused", "409 FileImmutable", func(p *probe) {
		p.in(worm)
		p.needs(!until.IsZero(), "C4")
		p.refuses("DELETE", p.do(call{method: "DELETE", bucket: p.in(worm), key: key, query: []string{"versionId=" + version}}), 409, "FileImmutable")
	})
	w.ask("C2", "GOVERNANCE cannot be changed to COMPLIANCE during the retention", "409 FileImmutable", func(p *probe) {
		p.in(worm)
		p.needs(!until.IsZero(), "C4")
		p.refuses("PUT", retain(p, "COMPLIANCE", until), 409, "FileImmutable")
	})
	w.ask("C5c", "Shortening COMPLIANCE is refused", "403 AccessDenied", func(p *probe) {
		p.put(p.in(worm), key, "another version", nil)
		until := w.now().Add(retention).Truncate(time.Second)
		p.is("PUT", retain(p, "COMPLIANCE", until), 200)
		p.refuses("shorter", retain(p, "COMPLIANCE", until.Add(-10*time.Second)), 403, "AccessDenied")
	})
}

func (p *probe) retained(r reply, until time.Time) {
	p.is("mode", r.header.Get("x-oss-object-worm-mode"), "GOVERNANCE")
	p.is("form", r.header.Get("x-oss-object-worm-retain-until-date") == until.UTC().Format(wormTime), true)
}

// askVersions checks versions, and the protection against overwriting.
func (w *world) askVersions() {
	key := w.prefix + "versions"
	w.ask("C7", "HEAD of a key under a delete marker", "404 NoSuchKey, x-oss-delete-marker", func(p *probe) {
		p.put(p.in(versioned), key, "text", nil)
		p.done(call{method: "DELETE", bucket: p.in(versioned), key: key})
		r := p.head(p.in(versioned), key)
		p.refuses("HEAD", r, 404, "NoSuchKey")
		p.is("x-oss-delete-marker", r.header.Get("x-oss-delete-marker"), "true")
	})
	w.ask("C8", "HEAD of a deleted version", "404 NoSuchVersion", func(p *probe) {
		version := "versionId=" + p.put(p.in(versioned), key, "text", nil).header.Get("x-oss-version-id")
		p.done(call{method: "DELETE", bucket: p.in(versioned), key: key, query: []string{version}})
		p.refuses("HEAD", p.do(call{method: "HEAD", bucket: p.in(versioned), key: key, query: []string{version}}), 404, "NoSuchVersion")
	})
	w.ask("C8m", "HEAD with a malformed version ID", "400 InvalidArgument", func(p *probe) {
		p.refuses("HEAD", p.do(call{method: "HEAD", bucket: p.in(versioned), key: key, query: []string{"versionId=no-version-id"}}), 400, "InvalidArgument")
	})
	w.ask("C9", "In a bucket that never had versioning, ListObjectVersions returns one entry with the ID null or without an ID", "one entry", func(p *probe) {
		p.put(p.in(plain), key, "text", nil)
		r := p.done(call{method: "GET", bucket: p.in(plain), query: []string{"versions", "prefix=" + key}})
		ids := r.elements("VersionId")
		p.check(len(r.elements("Version")) == 1 && len(ids) <= 1, "one entry, IDs %q", ids)
		p.check(len(ids) == 0 || ids[0] == "" || ids[0] == "null", "its ID is null or absent")
	})
	w.ask("C10", "x-oss-forbid-overwrite results in 409 FileAlreadyExists at InitiateMultipartUpload and CompleteMultipartUpload", "both", func(p *probe) {
		dst := resumable.Destination{Object: p.object(plain, "kept"), ForbidOverwrite: true}
		up := p.initiate(dst)
		p.send(up, []byte("part"))
		p.put(dst.Bucket, dst.Key, "another's", nil)
		_, err := p.client.CompleteMultipartUpload(p.ctx, up.Upload, up.parts)
		p.fails("Complete", err, 409, "FileAlreadyExists")
		_, err = p.client.InitiateMultipartUpload(p.ctx, dst)
		p.fails("Initiate", err, 409, "FileAlreadyExists")
		p.abort(up)
	})
	w.ask("C10v", "It is ignored in a bucket with versioning", "overwritten", func(p *probe) {
		p.in(versioned)
		obj := p.object(versioned, "kept")
		p.put(obj.Bucket, obj.Key, "one", nil)
		dst := resumable.Destination{Object: obj, ForbidOverwrite: true}
		p.must(errorOf(p.client.PutObject(p.ctx, dst, bytes.NewReader([]byte("other")), contentMD5("other"))))
		p.is("size", p.info(obj).Size, 5)
	})
	w.ask("C11", "A bucket that forbids overwriting refuses InitiateMultipartUpload, CompleteMultipartUpload and CopyObject", "409 FileAlreadyExists or FileImmutable", func(p *probe) {
		p.realOnly("the test server has no rule against overwriting")
		p.in(protected)
		obj := p.object(protected, "protected")
		up := p.initiate(resumable.Destination{Object: obj})
		p.send(up, []byte("part"))
		p.put(obj.Bucket, obj.Key, "first", nil)
		immutable := func(what string, err error) {
			p.check(errors.Is(err, resumable.ErrObjectExists) || errors.Is(err, resumable.ErrObjectImmutable), "%s: %s", what, told(err))
		}
		immutable("Complete", errorOf(p.client.CompleteMultipartUpload(p.ctx, up.Upload, up.parts)))
		_, err := p.client.InitiateMultipartUpload(p.ctx, resumable.Destination{Object: obj})
		immutable("Initiate", err)
		immutable("CopyObject", errorOf(p.client.CopyObject(p.ctx, resumable.Destination{Object: obj}, resumable.CopySource{Object: obj, ETag: p.info(obj).ETag})))
		p.abort(up)
	})
}
