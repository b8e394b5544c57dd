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

// With the alias of an access point or with a domain, the answer may contain another
// name of the bucket. That is accepted, but another key or upload ID is an error.
func TestAnswers_bucketOfAnotherName(t *testing.T) {
	withName := map[string]bool{ // operations whose answers contain the bucket; true if also the key
		"InitiateMultipartUpload": true, "CompleteMultipartUpload": true, "ListParts": true,
		"ListMultipartUploads": false, "ListObjectsV2": false, "ListObjectVersions": false,
	}
	ofUpload := map[string]bool{"ListParts": true} // InitiateMultipartUpload returns a new one, and CompleteMultipartUpload none
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
				t.Errorf("%s: the answer contains no bucket", op.name)
			}
		}
	}
	if len(seen) != len(withName) {
		t.Errorf("only operations %v", seen)
	}
}
