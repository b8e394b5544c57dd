// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
)

// answering returns the URL of a proxy for the server that changes its answers.
func (w *world) answering(change func(*http.Response) error) string {
	w.Helper()
	behind, err := url.Parse(w.oss.URL())
	if err != nil {
		w.Fatal(err)
	}
	proxy := httptest.NewServer(&httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(behind)
			r.Out.Host = r.In.Host // the signature may include it
		},
		ModifyResponse: change,
	})
	w.Cleanup(proxy.Close)
	return proxy.URL
}

// With the alias of an access point, answers can contain the real name of the bucket.
func TestAccObject_bucketAlias(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var named atomic.Int64 // requests arrive at once
	alias := w.answering(func(r *http.Response) error {
		text, err := io.ReadAll(r.Body)
		if err != nil {
			return err
		}
		named.Add(int64(bytes.Count(text, []byte("<Bucket>"+testBucket+"</Bucket>"))))
		text = bytes.ReplaceAll(text, []byte("<Bucket>"+testBucket+"</Bucket>"), []byte("<Bucket>real-name</Bucket>"))
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(text)), int64(len(text))
		if r.Request.Method != http.MethodHead {
			r.Header.Set("Content-Length", strconv.Itoa(len(text)))
		}
		return nil
	})
	const size = 300 << 10
	file := w.write("file", strings.Repeat("x", size))
	parts := []string{"part_size = 102400", "multipart_threshold = 102400"}
	w.test(w.sends(size, resource.TestStep{Config: strings.ReplaceAll(w.object(file, parts...), w.oss.URL(), alias)}))
	if n := named.Load(); n < 2 {
		t.Errorf("%d answers named the bucket; Initiate and Complete do", n)
	}
}

// A request with the answer 400 BadRequest is sent again. A request with the answer 401
// of a gateway is sent again with other credentials, but fails with the same ones.
func TestAccObject_badRequest(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.oss.AddRule(osstest.Rule{Op: osstest.PutObject, Times: 2, Fault: osstest.Refuse(400, "BadRequest")})
	config := w.object(w.write("file", "hello"))
	w.test(
		resource.TestStep{Config: config},
		resource.TestStep{
			PreConfig: func() {
				w.write("file", "world")
				w.oss.AddRule(osstest.Rule{Op: osstest.PutObject, Fault: osstest.Refuse(401, "Unauthorized")})
			},
			Config: config, ExpectError: says("401 Unauthorized"),
		},
	)
	if n := w.oss.Count(osstest.PutObject); n > 3+2 {
		t.Errorf("%d requests", n)
	}
}
