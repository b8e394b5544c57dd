// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package ossclient

import (
	"net/http"
	"reflect"
	"strings"
	"testing"
)

// A mark is user metadata for OSS, but not for the caller. Without one, no header is sent. An
// empty value of other metadata is sent.
func TestHeaders_mark(t *testing.T) {
	for mark, want := range map[string][]string{"": nil, "owner-1": {"owner-1"}} {
		stored := http.Header{}
		c := fakeOSS(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("ETag", `"5D41402ABC4B2A76B9719D911017C592"`)
			if r.Method == http.MethodPut {
				stored = r.Header
				return
			}
			for name, values := range stored {
				if strings.HasPrefix(name, headerMeta) {
					w.Header()[name] = values
				}
			}
			w.Header().Set("Content-Length", "5")
			w.Header().Set("Last-Modified", httpDate(0))
		})
		dst := destination
		dst.Headers.Mark, dst.Headers.Metadata = mark, map[string]string{"empty": ""}
		if _, err := c.PutObject(t.Context(), dst, strings.NewReader("hello"), "XUFAKrxLKna5cZ2REBfFkg=="); err != nil {
			t.Fatal(err)
		}
		if got := stored.Values(headerMeta + MarkName); !reflect.DeepEqual(got, want) {
			t.Errorf("mark %q was sent as %q", mark, got)
		}
		info, err := c.HeadObject(t.Context(), object)
		if err != nil || info.Headers.Mark != mark || !reflect.DeepEqual(info.Headers.Metadata, dst.Headers.Metadata) {
			t.Errorf("mark %q: %+v, %v", mark, info.Headers, err)
		}
	}
}

func TestHeadObject_type(t *testing.T) {
	for kind, want := range map[string][2]bool{"": {}, "Normal": {}, "Multipart": {}, "Symlink": {true, false}, "Appendable": {false, true}} {
		c := fakeOSS(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("ETag", `"5D41402ABC4B2A76B9719D911017C592"`)
			w.Header().Set("Content-Length", "5")
			w.Header().Set("Last-Modified", httpDate(0))
			w.Header().Set("X-Oss-Object-Type", kind)
		})
		info, err := c.HeadObject(t.Context(), object)
		if err != nil || [2]bool{info.Symlink, info.Appendable} != want {
			t.Errorf("%q: %+v, %v", kind, info, err)
		}
	}
}
