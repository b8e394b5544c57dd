// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package ossclient

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// An access point's alias and a domain stand for a bucket, whose own name may be
// in the answer. That is no reason to refuse it; another key or upload ID is.
func TestAnswers_bucketOfAnotherName(t *testing.T) {
	withName := map[string]bool{ // operations whose answers name the bucket, and whether also the object
		"InitiateMultipartUpload": true, "CompleteMultipartUpload": true, "ListParts": true,
		"ListMultipartUploads": false, "ListObjectsV2": false, "ListObjectVersions": false,
	}
	ofUpload := map[string]bool{"ListParts": true} // a new ID is what Initiate is for, and Complete shows none
	seen := map[string]bool{}
	for _, op := range operations {
		ofObject, listed := withName[op.name]
		if !listed {
			continue
		}
		seen[op.name] = true
		for _, change := range []struct {
			name, old, new string
			refused        bool
		}{
			{"another bucket", ">bucket<", ">the-real-name<", false},
			{"no bucket", ">bucket<", "><", false},
			{"another key", ">dir/key<", ">dir/other<", ofObject},
			{"no key", ">dir/key<", "><", ofObject},
			{"another upload", ">UPLOADID<", ">OTHER<", ofUpload[op.name]},
			{"no upload", ">UPLOADID<", "><", ofUpload[op.name] || op.name == "InitiateMultipartUpload"},
		} {
			changed := false
			c := answering(t, func(r *http.Request, header http.Header) (int, string) {
				recorder := httptest.NewRecorder()
				r.Body = io.NopCloser(strings.NewReader("")) // read by answering
				good(recorder, r)
				for name := range recorder.Header() {
					header.Set(name, recorder.Header().Get(name))
				}
				document := strings.ReplaceAll(recorder.Body.String(), change.old, change.new)
				changed = document != recorder.Body.String()
				return recorder.Code, document
			})
			err := op.call(t.Context(), c)
			if (err != nil) != change.refused {
				t.Errorf("%s, %s: %v", op.name, change.name, err)
			}
			if change.old == ">bucket<" && !changed {
				t.Errorf("%s: the answer names no bucket", op.name)
			}
		}
	}
	if len(seen) != len(withName) {
		t.Errorf("only of %v", seen)
	}
}
