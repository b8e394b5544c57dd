// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package ossclient

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// partSender sends exactly what the SDK would send.
func TestUploadPart_asTheSDKSendsIt(t *testing.T) {
	endpoints := map[string]Config{
		"public":      {},
		"other":       {Endpoint: "http://oss.example.com:8080"},
		"CNAME":       {Endpoint: "files.example.com", CNAME: true},
		"path style":  {Endpoint: "gateway.example.com", PathStyle: true},
		"IPv4":        {Endpoint: "http://127.0.0.1:9"},
		"IPv6":        {Endpoint: "http://[::1]:9"},
		"IPv6, CNAME": {Endpoint: "http://[::1]", CNAME: true},
		"user agent":  {UserAgent: "tool/1"},
		"pays":        {RequestPayer: "requester"},
	}
	keys := []string{"key", "dir/a b", "a+b%2Fc?d#e&f=g", "//twice/", "../up/./here", "日本語~-._", "tab\there", `"quoted"\`, strings.Repeat("k", 1023)}
	contexts := []signingContext{
		{credentials: canaries},
		{credentials: Credentials{AccessKeyID: "other", AccessKeySecret: "secret"}},
		{credentials: canaries, clockOffset: 24 * time.Hour},
		{credentials: canaries},
	}
	parts := func(c *Client, r *request) (sender, error) { return c.senderFor(r) }
	sdk := func(c *Client, r *request) (sender, error) { return c.bucket(r.object.Bucket, r.signing.credentials) }
	for name, cfg := range endpoints {
		c := clientFor(t, cfg, patient)
		for i, key := range keys {
			r := &request{
				op: "UploadPart", method: http.MethodPut, part: i + 1,
				object:       resumable.Object{Bucket: "bucket", Key: key},
				query:        map[string]any{"uploadId": "ID+/= " + key, "partNumber": fmt.Sprint(i + 1)},
				trafficLimit: i % 2 * resumable.MinTrafficLimit,
				signing:      contexts[i%len(contexts)],
			}
			ours, theirs := sentBy(t, c, parts, r), sentBy(t, c, sdk, r)
			for ours.header["Date"] != theirs.header["Date"] { // a second has passed
				ours, theirs = sentBy(t, c, parts, r), sentBy(t, c, sdk, r)
			}
			if ours.line != theirs.line || ours.body != theirs.body {
				t.Errorf("%s, key %.20q:\n%s %q\nthe SDK sends\n%s %q", name, key, ours.line, ours.body, theirs.line, theirs.body)
			}
			// The SDK sets these two, but net/http does not send them again.
			delete(theirs.header, "Host")
			delete(theirs.header, "Content-Length")
			if !maps.Equal(ours.header, theirs.header) {
				t.Errorf("%s, key %.20q:\n%v\nthe SDK sends\n%v", name, key, ours.header, theirs.header)
			}
		}
	}
}

// Only UploadPart with a V4 signature bypasses the SDK.
func TestUploadPart_bypassesTheSDK(t *testing.T) {
	part, list := &request{object: object, part: 1, body: bytes.NewReader(nil)}, &request{object: object}
	for version, want := range map[string][2]string{
		"v4": {"ossclient.partSender", "ossclient.sdkBucket"},
		"v1": {"ossclient.sdkBucket", "ossclient.sdkBucket"},
	} {
		c := clientFor(t, Config{SignVersion: version}, patient)
		for i, r := range []*request{part, list} {
			by, err := c.senderFor(r)
			if got := fmt.Sprintf("%T", by); err != nil || got != want[i] {
				t.Errorf("%s, part %d: by %s, want %s; %v", version, r.part, got, want[i], err)
			}
		}
	}
}

type sent struct {
	line, body string
	header     map[string]string
}

func sentBy(t *testing.T, c *Client, choose func(*Client, *request) (sender, error), r *request) (got sent) {
	t.Helper()
	over(c, roundTripFunc(func(req *http.Request) (*http.Response, error) {
		body, err := io.ReadAll(req.Body)
		got = sent{fmt.Sprint(req.Method, " ", req.Host, " ", req.URL, " ", req.ContentLength), string(body), map[string]string{}}
		for name, values := range req.Header {
			got.header[name] = strings.Join(values, "|")
		}
		return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("")), Request: req}, err
	}), patient)
	body := bytes.NewReader([]byte("the bytes of a part"))
	r.body = body
	by, err := choose(c, r)
	if err != nil {
		t.Fatal(err)
	}
	response, err := by.send(withRequest(t.Context(), r), r, &io.LimitedReader{R: body, N: body.Size()})
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	return got
}

// A body that ends early is an error. One that ends where it should is not.
func TestRevocableBody_end(t *testing.T) {
	for size, want := range map[int64]error{4: nil, 5: resumable.ErrSourceChanged} {
		body := newRevocableBody(sizedBody{strings.NewReader("four"), size})
		text, err := io.ReadAll(body)
		if string(text) != "four" || !errors.Is(err, want) || !errors.Is(body.failure(), want) {
			t.Errorf("size %d: read %q, %v, %v", size, text, err, body.failure())
		}
	}
}

// sizedBody claims another size than it has.
type sizedBody struct {
	io.ReadSeeker
	size int64
}

func (b sizedBody) Size() int64 { return b.size }
