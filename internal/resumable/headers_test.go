// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// All attributes are sent with the requests that upload the object.
func TestUpload_headersACLAndTags(t *testing.T) {
	for threshold, want := range map[int64]map[osstest.Op]int{
		1:         {osstest.InitiateMultipartUpload: 1, osstest.UploadPart: 3, osstest.CompleteMultipartUpload: 1},
		100 << 20: {osstest.PutObject: 1},
	} {
		w := newWorld(t, 3*partSize)
		req := w.request()
		req.Destination, req.MultipartThreshold, req.TrafficLimit = w.full(), threshold, resumable.MaxTrafficLimit
		w.mustUpload(req)
		w.checkDestination(req.Destination)
		w.checkWrites(want)
		for _, r := range w.server.Requests() {
			limited := r.Header.Get("X-Oss-Traffic-Limit") == fmt.Sprint(resumable.MaxTrafficLimit)
			if carries := r.Op == osstest.UploadPart || r.Op == osstest.PutObject; limited != carries {
				t.Errorf("%s has traffic limit %q", r.Op, r.Header.Get("X-Oss-Traffic-Limit"))
			}
		}
	}
}

// The ACL is sent with CompleteMultipartUpload and the limit with each part, so
// changing them does not start a new upload.
func TestUpload_headersStayWhenACLAndLimitChange(t *testing.T) {
	w := newWorld(t, 4*partSize)
	w.interrupted(w.request(), 2)
	w.server.ResetLog()
	req := w.request()
	req.ACL, req.TrafficLimit = "private", resumable.MinTrafficLimit*100
	if got := w.mustUpload(req).Stats; got.PartsKept != 2 {
		t.Errorf("stats %+v", got)
	}
	w.checkDestination(req.Destination)
	w.checkWrites(map[osstest.Op]int{osstest.UploadPart: 2, osstest.CompleteMultipartUpload: 1})
}

// An empty content type is not guessed by OSS.
func TestUpload_noHeaders(t *testing.T) {
	w := newWorld(t, 1000)
	w.server.PutObject(bucket, key, randomBytes(1, 1000), http.Header{"X-Oss-Meta-Other": {"1"}})
	req := w.request()
	req.Headers = resumable.Headers{}
	if _, err := w.upload(req); err != nil {
		t.Fatal(err)
	}
	w.checkDestination(req.Destination)
}

func TestHeaders_satisfiedBy(t *testing.T) {
	found := resumable.Headers{
		ContentType: resumable.DefaultContentType, Expires: "Sun, 06 Nov 1994 08:49:37 GMT", StorageClass: "IA",
		Encryption: resumable.Encryption{Algorithm: "KMS", KMSKeyID: "default"},
	}
	for name, tt := range map[string]struct {
		want      resumable.Headers
		satisfied bool
	}{
		"nothing asked":      {resumable.Headers{Expires: found.Expires}, true},
		"as it is":           {found, true},
		"date in other form": {resumable.Headers{Expires: "Sunday, 06-Nov-94 08:49:37 GMT"}, true},
		"other date":         {resumable.Headers{Expires: "Sun, 06 Nov 1994 08:49:38 GMT"}, false},
		"no date":            {resumable.Headers{}, false},
		"metadata":           {resumable.Headers{Expires: found.Expires, Metadata: map[string]string{"a": ""}}, false},
		"other class":        {resumable.Headers{Expires: found.Expires, StorageClass: "Standard"}, false},
		"KMS, any key":       {resumable.Headers{Expires: found.Expires, Encryption: resumable.Encryption{Algorithm: "KMS"}}, true},
		"KMS, other key":     {resumable.Headers{Expires: found.Expires, Encryption: resumable.Encryption{Algorithm: "KMS", KMSKeyID: "k"}}, false},
		"KMS with SM4":       {resumable.Headers{Expires: found.Expires, Encryption: resumable.Encryption{Algorithm: "KMS", DataAlgorithm: "SM4"}}, false},
		"AES256":             {resumable.Headers{Expires: found.Expires, Encryption: resumable.Encryption{Algorithm: "AES256"}}, false},
	} {
		if got := tt.want.SatisfiedBy(found); got != tt.satisfied {
			t.Errorf("%s: %v", name, got)
		}
	}
}
