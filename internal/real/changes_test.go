// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package real

import (
	"bytes"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

func (p *probe) copy(dst resumable.Destination, from resumable.Object, etag string) {
	p.must(errorOf(p.client.CopyObject(p.ctx, dst, resumable.CopySource{Object: from, ETag: etag})))
}

// askChanges checks the effects of a change of headers. whole is a multipart object, or nil.
func (w *world) askChanges(whole *upload) {
	w.ask("B1", "Copying an object to itself respects x-oss-copy-source-if-match with a quoted ETag", "copied; 412 for another ETag", func(p *probe) {
		obj := p.object(plain, "self")
		p.put(obj.Bucket, obj.Key, "text", nil)
		p.copy(resumable.Destination{Object: obj, Headers: resumable.Headers{CacheControl: "no-cache"}}, obj, p.info(obj).ETag)
		p.is("cache_control", p.info(obj).Headers.CacheControl, "no-cache")
		_, err := p.client.CopyObject(p.ctx, resumable.Destination{Object: obj}, resumable.CopySource{Object: obj, ETag: md5Of(nil)})
		p.fails("another ETag", err, 412, "PreconditionFailed")
	})
	keeps := func(p *probe, obj resumable.Object) {
		before := p.info(obj)
		after := before.Headers
		after.CacheControl = "no-cache"
		p.copy(resumable.Destination{Object: obj, Headers: after}, obj, before.ETag)
		found := p.info(obj)
		p.check(found.ETag == before.ETag, "the ETag is kept")
		p.check(found.CRC64 == before.CRC64 && found.CRC64 != "", "the CRC-64 is kept")
		p.check(after.SatisfiedBy(found.Headers), "the headers are those of the request")
	}
	w.ask("B2", "Copying a multipart object to itself keeps the ETag, which ends in -N, and the CRC-64", "both", func(p *probe) {
		p.needs(whole != nil, "A3")
		p.check(strings.HasSuffix(p.info(whole.Object).ETag, "-2"), "the ETag ends in -2")
		keeps(p, whole.Object)
	})
	w.ask("B2s", "The same for an object with AES256 encryption", "both", func(p *probe) {
		up := p.initiate(resumable.Destination{
			Object: p.object(plain, "aes256"), Headers: resumable.Headers{Encryption: resumable.Encryption{Algorithm: "AES256"}},
		})
		p.send(up, random(1000))
		p.complete(up)
		keeps(p, up.Object)
	})
	w.ask("B2e", "The same in a bucket with KMS encryption", "both", func(p *probe) {
		p.put(p.in(encrypted), p.prefix+"self", "text", nil)
		keeps(p, p.object(encrypted, "self"))
	})
	w.ask("B5", "UploadPartCopy and ListParts return the CRC-64 of a copied part, and HEAD that of the object", "all", func(p *probe) {
		p.needs(whole != nil, "A3")
		up := p.initiate(resumable.Destination{Object: p.object(plain, "copied in part")})
		up.content = slices.Clone(whole.content[:minPart])
		part, err := p.client.UploadPartCopy(p.ctx, up.Upload, 1, resumable.Range{CopySource: resumable.CopySource{Object: whole.Object, ETag: p.info(whole.Object).ETag}, Size: minPart})
		p.must(err)
		p.is("UploadPartCopy", part.CRC64, crcOf(up.content))
		up.parts = append(up.parts, part)
		p.send(up, []byte("sent"))
		parts, err := p.client.ListParts(p.ctx, up.Upload)
		p.must(err)
		p.check(len(parts) == 2 && parts[0].CRC64 == crcOf(up.content[:minPart]), "ListParts returns it")
		p.complete(up)
		p.is("object", p.info(up.Object).CRC64, crcOf(up.content))
	})
	w.ask("B6", "Copying an object to itself without headers resets the ACL, keeps the tags and removes other headers", "reset, kept, removed", func(p *probe) {
		obj := p.object(plain, "acl")
		p.put(obj.Bucket, obj.Key, "text", map[string]string{
			"x-oss-object-acl": "private", "x-oss-tagging": "a=b", "Cache-Control": "no-cache", "x-oss-meta-a": "b",
		})
		acl := func() string {
			acl, err := p.client.GetObjectACL(p.ctx, obj)
			p.must(err)
			return acl
		}
		etag := p.info(obj).ETag
		p.copy(resumable.Destination{Object: obj, ACL: "private"}, obj, etag)
		p.is("named", acl(), "private")
		p.copy(resumable.Destination{Object: obj}, obj, etag)
		p.is("ACL", acl(), resumable.DefaultACL)
		found := p.info(obj)
		p.is("tags", found.Tags, 1)
		p.is("headers", found.Headers.CacheControl+found.Headers.Metadata["a"], "")
	})
}

// askLarge checks objects that are too large for one request. They are created by copying,
// so their bytes are not sent.
func (w *world) askLarge() {
	var small, large resumable.Object
	w.ask("B3", "Copying an object above 1 GiB or 5 GiB to itself, with the same storage class and encryption, is fast", "200 in less than 30 s", func(p *probe) {
		p.variable(largeVariable)
		seed := p.object(plain, "large/seed")
		content := random(int(p.gib / 128))
		p.must(errorOf(p.client.PutObject(p.ctx, resumable.Destination{Object: seed}, bytes.NewReader(content), contentMD5(string(content)))))
		small = p.repeated(seed, "large/1", 16) // each consists of copies of the previous one
		small = p.repeated(small, "large/2", 9)
		large = p.repeated(small, "large/3", 5)
		for _, obj := range []resumable.Object{small, large} {
			info := p.info(obj)
			began := time.Now()
			headers := info.Headers
			headers.CacheControl = "no-cache"
			p.copy(resumable.Destination{Object: obj, Headers: headers}, obj, info.ETag)
			took := time.Since(began)
			p.check(took < 30*time.Second, "%s (class %s, encryption %q)", resumable.ByteSize(info.Size), headers.StorageClass, headers.Encryption)
			if p.server == nil {
				p.saw("took %v", took.Round(100*time.Millisecond))
			}
		}
	})
	w.ask("B4", "Above 1 GiB, a copy that changes the storage class fails", "400 EntityTooLarge", func(p *probe) {
		p.needs(large.Key != "", "B3")
		info := p.info(small)
		headers := info.Headers
		headers.StorageClass = "IA"
		_, err := p.client.CopyObject(p.ctx, resumable.Destination{Object: small, Headers: headers}, resumable.CopySource{Object: small, ETag: info.ETag})
		p.fails("CopyObject", err, 400, "EntityTooLarge")
	})
}

// repeated creates an encrypted object from n copies of another one.
func (p *probe) repeated(from resumable.Object, name string, n int) resumable.Object {
	info := p.info(from)
	up := p.initiate(resumable.Destination{
		Object: p.object(plain, name), Headers: resumable.Headers{Encryption: resumable.Encryption{Algorithm: "AES256"}},
	})
	for i := range n {
		part, err := p.client.UploadPartCopy(p.ctx, up.Upload, i+1, resumable.Range{CopySource: resumable.CopySource{Object: from, ETag: info.ETag}, Size: info.Size})
		p.must(err)
		up.parts = append(up.parts, part)
	}
	p.complete(up)
	return up.Object
}

// askHeaders checks that headers, tags and keys are returned unchanged.
func (w *world) askHeaders(whole *upload) {
	w.ask("B7", "Content-Language, Cache-Control, Expires, Content-Encoding and Content-Disposition are returned unchanged", "all", func(p *probe) {
		sent := map[string]string{
			"Content-Language": "de-AT, en", "Cache-Control": "max-age=60, no-transform", "Expires": "Wed, 21 Oct 2037 07:28:00 GMT",
			"Content-Encoding": "gzip", "Content-Disposition": `attachment; filename="a b.txt"; filename*=UTF-8''%E4%B8%AD.txt`,
		}
		p.put(p.in(plain), p.prefix+"headers", "text", sent)
		r := p.head(p.in(plain), p.prefix+"headers")
		for _, name := range slices.Sorted(maps.Keys(sent)) {
			p.is(name, r.header.Get(name), sent[name])
		}
	})
	w.ask("B8", "HEAD returns x-oss-tagging-count for an object with tags, and omits it for one without", "2, absent", func(p *probe) {
		p.put(p.in(plain), p.prefix+"tagged", "text", map[string]string{"x-oss-tagging": "a=b&c=d"})
		p.is("with", p.head(p.in(plain), p.prefix+"tagged").header.Get("X-Oss-Tagging-Count"), "2")
		p.check(p.head(p.in(plain), p.prefix+"headers").header["X-Oss-Tagging-Count"] == nil, "absent without tags")
	})
	w.ask("B8p", "It is absent for a user without permission to read tags", "absent", func(p *probe) {
		r := p.asLimited(call{method: "HEAD", bucket: p.in(plain), key: p.prefix + "tagged"}, "oss:GetObjectTagging")
		p.is("HEAD", r, 200)
		p.check(r.header["X-Oss-Tagging-Count"] == nil, "absent")
	})
	awkward := w.object(plain, "renamed of +%20 中&?#.bin")
	thereAndBack := func(p *probe, there resumable.Object) {
		p.needs(whole != nil, "A3")
		etag := p.info(whole.Object).ETag
		p.copy(resumable.Destination{Object: there}, whole.Object, etag)
		p.is("to", p.info(there).CRC64, crcOf(whole.content))
		back := p.object(plain, "renamed back")
		p.copy(resumable.Destination{Object: back}, there, etag)
		p.is("from", p.info(back).CRC64, crcOf(whole.content))
	}
	w.ask("B9", "Objects can be copied to and from keys with space, +, %, &, ?, # and Chinese characters", "the same CRC-64", func(p *probe) {
		thereAndBack(p, awkward)
	})
	w.ask("B9c", "The same with the control character \\x01", "the same CRC-64", func(p *probe) {
		thereAndBack(p, p.object(plain, "renamed\x01of"))
	})
	w.ask("B9o", "The same with another bucket", "the same CRC-64", func(p *probe) {
		p.in(versioned)
		p.needs(whole != nil, "A3")
		p.copy(resumable.Destination{Object: p.object(versioned, "from another")}, awkward, p.info(awkward).ETag)
		p.is("to", p.info(p.object(versioned, "from another")).CRC64, crcOf(whole.content))
	})
	w.ask("B10", "Metadata values may be empty or contain spaces; names and values may have 8 KiB in total", "all", func(p *probe) {
		key := p.prefix + "metadata"
		sent := map[string]string{"x-oss-meta-empty": "", "x-oss-meta-blank": "a  b", "x-oss-meta-long": strings.Repeat("x", 8192-len("empty"+"blank"+"a  b"+"long"))}
		p.put(p.in(plain), key, "text", sent)
		r := p.head(p.in(plain), key)
		_, there := r.header["X-Oss-Meta-Empty"]
		p.check(there && r.header.Get("X-Oss-Meta-Empty") == "", "the empty value is returned")
		p.is("blanks", r.header.Get("x-oss-meta-blank"), "a  b")
		p.is("length of the long value", len(r.header.Get("x-oss-meta-long")), len(sent["x-oss-meta-long"]))
		sent["x-oss-meta-long"] += "x"
		more := p.do(call{method: "PUT", bucket: p.in(plain), key: key, body: "text", header: sent})
		p.check(more.status == 400, "one byte more: %s", more)
	})
}
