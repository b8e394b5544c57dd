// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable_test

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// unsummed makes HEAD show no CRC-64, like private clouds and some proxies.
func (w *world) unsummed() {
	w.server.AddRule(osstest.Rule{Op: osstest.HeadObject, Fault: osstest.OverrideHeader("x-oss-hash-crc64ecma", "")})
}

// If HEAD shows no CRC-64, the ETag in the answer and the size prove the object,
// for every way to make it.
func TestProof_byETag(t *testing.T) {
	for name, threshold := range map[string]int64{"put": 1 << 30, "parts": 1} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, scenarioSize)
			w.unsummed()
			req := w.creating(own)
			req.MultipartThreshold = threshold
			result, err := w.upload(req)
			if err != nil {
				t.Fatal(err)
			}
			w.checkObject()
			req = w.owned(own)
			req.Headers.CacheControl = "no-cache"
			info, err := w.uploader(w.oss()).Change(t.Context(), req.Destination, req.Options, result.ObjectInfo)
			if err != nil || info.Headers.CacheControl != "no-cache" {
				t.Errorf("change: %+v, %v", info, err)
			}
			moved := w.owned(own)
			moved.Key = "elsewhere"
			if _, err := w.uploader(w.oss()).Rename(t.Context(), moved, w.request().Object, info); err != nil {
				t.Errorf("move: %v", err)
			}
			w.checkDisk()
		})
	}
}

// An object with another size or ETag has another writer, even without a CRC-64.
func TestProof_anotherWriter(t *testing.T) {
	for name, threshold := range map[string]int64{"put": 1 << 30, "parts": 1} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, scenarioSize)
			op := osstest.CompleteMultipartUpload
			if threshold > 1 {
				op = osstest.PutObject
			}
			published := false
			w.server.AddRule(osstest.Rule{Op: op, Fault: osstest.Func(func(osstest.Request) osstest.Fault { published = true; return osstest.Fault{} })})
			w.server.AddRule(osstest.Rule{Op: osstest.HeadObject, Fault: osstest.Func(func(osstest.Request) osstest.Fault {
				if published {
					w.server.PutObject(bucket, key, randomBytes(9, scenarioSize), nil)
				}
				return osstest.OverrideHeader("x-oss-hash-crc64ecma", "")
			})})
			req := w.creating(own)
			req.MultipartThreshold = threshold
			if _, err := w.upload(req); !errors.Is(err, resumable.ErrPublishedOther) || !containsAll(err, "another writer may have replaced it") {
				t.Errorf("got %v", err)
			}
		})
	}
}

// If the answer with the ETag is lost and there is no CRC-64, the bytes cannot
// be verified. The error does not blame another writer, and the next run sends
// them again.
func TestProof_answerLost(t *testing.T) {
	w := newWorld(t, scenarioSize)
	w.unsummed()
	remove := w.server.AddRule(osstest.Rule{Op: osstest.CompleteMultipartUpload, Fault: osstest.LoseAnswer()})
	_, err := w.upload(w.creating(own))
	if err == nil || containsAll(err, "another writer") {
		t.Errorf("got %v", err)
	}
	remove()
	if _, err := w.upload(w.creating(own)); err != nil {
		t.Error(err)
	}
	w.checkObject()
}

// The error names the header that differs, and does not blame another writer.
func TestProof_namesTheHeader(t *testing.T) {
	w := newWorld(t, 1000)
	known := w.mustUpload(w.owned(own)).ObjectInfo
	dst := w.owned(own).Destination
	dst.Headers.CacheControl = "no-cache"
	w.server.AddRule(osstest.Rule{Op: osstest.HeadObject, Fault: osstest.OverrideHeader("Cache-Control", "max-age=1")})
	_, err := w.uploader(w.oss()).Change(t.Context(), dst, w.request().Options, known)
	if !errors.Is(err, resumable.ErrPublishedOther) || !containsAll(err, "a different Cache-Control") || containsAll(err, "another writer") {
		t.Errorf("got %v", err)
	}
}

// Through its own domains, OSS adds a Content-Disposition to some types. It does
// not belong to the object: uploads and copies succeed, and nothing is changed
// because of it.
func TestProof_forcedDownload(t *testing.T) {
	w := newWorld(t, 1000)
	w.server.AddRule(osstest.Rule{Op: osstest.HeadObject, Fault: osstest.Func(func(osstest.Request) osstest.Fault {
		return osstest.OverrideHeader("x-oss-force-download", "true")
	})})
	w.server.PutObject(bucket, key, randomBytes(1, 1000), http.Header{
		"Content-Type": {"application/x-test"}, "Content-Disposition": {"attachment"}, "X-Oss-Meta-Ossresumable-Owner": {own},
	})
	result := w.mustUpload(w.owned(own))
	if !result.Stats.Adopted || !result.Headers.DispositionHidden || result.Headers.ContentDisposition != "" || w.server.Count(osstest.CopyObject) != 0 {
		t.Errorf("%+v", result)
	}
	dst := w.owned(own).Destination
	dst.Headers.CacheControl, dst.Headers.ContentDisposition = "no-cache", "inline"
	if _, err := w.uploader(w.oss()).Change(t.Context(), dst, w.request().Options, result.ObjectInfo); err != nil {
		t.Error(err)
	}
}

// muteOSS does not answer copies.
type muteOSS struct {
	resumable.OSS
	copies int
}

func (o *muteOSS) CopyObject(context.Context, resumable.Destination, resumable.CopySource) (string, error) {
	o.copies++
	return "", errors.New("no answer")
}

// Above 1 GiB, here 8 MiB, a copy in one request is sent once. If it is not
// answered, or refused because of its size, the object is copied in parts.
func TestChange_largeCopy(t *testing.T) {
	const parts = 11
	part := randomBytes(1, 1<<20)
	for name, refusal := range map[string]osstest.Fault{
		"no answer":           {},
		"EntityTooLarge":      osstest.Refuse(400, "EntityTooLarge"),
		"in other words":      osstest.Refuse(400, "InvalidSourceSize"),
		"by a page of no API": osstest.Refuse(413, "RequestEntityTooLarge"),
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, 0)
			w.server.PutLargeObject(bucket, key, part, parts, nil)
			oss := w.oss()
			mute := &muteOSS{OSS: oss}
			if name == "no answer" {
				oss = mute
			} else {
				w.server.AddRule(osstest.Rule{Op: osstest.CopyObject, Fault: refusal})
			}
			known, err := w.oss().HeadObject(t.Context(), w.request().Object)
			if err != nil {
				t.Fatal(err)
			}
			dst := w.request().Destination
			dst.Headers.CacheControl = "no-cache"
			opts := w.request().Options
			info, err := w.uploader(oss).Change(t.Context(), dst, opts, known)
			if err != nil || info.Headers.CacheControl != "no-cache" || info.CRC64 != known.CRC64 {
				t.Fatalf("%+v, %v", info, err)
			}
			if tries := mute.copies + w.server.Count(osstest.CopyObject); tries != 1 {
				t.Errorf("%d tries in one request", tries)
			}
			w.checkDisk()
		})
	}
}
