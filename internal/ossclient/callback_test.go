// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package ossclient

import (
	"encoding/base64"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// PutObject and CompleteMultipartUpload call the application. If it does not answer
// with 200, OSS returns CallbackFailed.
func TestCallback(t *testing.T) {
	t.Parallel()
	var told []string
	status := 200
	application := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		told = append(told, r.Header.Get("Content-Type")+" "+r.Host+" "+string(body))
		w.WriteHeader(status)
		_, _ = io.WriteString(w, `{"any":"thing"}`)
	}))
	defer application.Close()
	for _, version := range []string{"v4", "v1"} {
		s := newState(t, osstest.Config{})
		c := s.client(t, Config{SignVersion: version})
		callback := resumable.Callback{
			URL: application.URL + "/a?b=c&d=e", Host: "app.example.com", Body: `{"o":"${object}","size":${size},"who":"${x:who}"}`,
			BodyType: "application/json", Vars: map[string]string{"x:who": "<me & you>"},
		}
		s.dst.Callback, s.upload.Callback = callback, callback
		put := func() error {
			return errorOf(c.PutObject(t.Context(), s.dst, strings.NewReader("hello"), "XUFAKrxLKna5cZ2REBfFkg=="))
		}
		complete := func() error {
			return errorOf(c.CompleteMultipartUpload(t.Context(), s.upload, []resumable.StoredPart{s.part}))
		}

		told, status = nil, 200
		if err := put(); err != nil {
			t.Error(err)
		}
		status = 500
		if err := complete(); !isRefusal(err, "CallbackFailed") || resumable.Transient(err) {
			t.Errorf("got %v", err)
		}
		want := `application/json app.example.com {"o":"dir/key","size":5,"who":"<me & you>"}` + "\n" +
			`application/json app.example.com {"o":"dir/key","size":6,"who":"<me & you>"}`
		if got := strings.Join(told, "\n"); got != want {
			t.Errorf("the application received\n%s\nwant\n%s", got, want)
		}
	}
}

// An error document of OSS in a 200 is an error.
func TestCallback_errorIn200(t *testing.T) {
	c := answering(t, func(*http.Request, http.Header) (int, string) { return 200, errorXML("InternalError", "x") })
	up := upload
	up.Callback = resumable.Callback{URL: "http://example.com", Body: "b"}
	for _, err := range []error{
		errorOf(c.CompleteMultipartUpload(t.Context(), up, nil)),
		errorOf(c.PutObject(t.Context(), up.Destination, strings.NewReader("x"), "md5")),
	} {
		if !isRefusal(err, "InternalError") {
			t.Errorf("got %v", err)
		}
	}
}

func TestCheckCallback(t *testing.T) {
	fits := maxCallback/4*3 - len(`{"callbackUrl":"u","callbackBody":""}`)
	for size, says := range map[int]string{fits: "", fits + 1: "url, host and body have 5124 bytes"} {
		err := CheckCallback(resumable.Callback{URL: "u", Body: strings.Repeat("&", size)})
		if says == "" && err != nil || says != "" && (err == nil || !strings.Contains(err.Error(), says)) {
			t.Errorf("%d bytes: %v", size, err)
		}
	}
	fits = maxCallback/4*3 - len(`{"x:a":""}`)
	for size, says := range map[int]string{fits: "", fits + 1: "vars have 5124 bytes"} {
		err := CheckCallback(resumable.Callback{URL: "u", Body: "b", Vars: map[string]string{"x:a": strings.Repeat("v", size)}})
		if says == "" && err != nil || says != "" && (err == nil || !strings.Contains(err.Error(), says)) {
			t.Errorf("%d bytes: %v", size, err)
		}
	}
	request, variables, _ := encodeCallback(resumable.Callback{URL: "u", Body: "a=${x:b}&c=<d>"})
	if text, _ := base64.StdEncoding.DecodeString(request); string(text) != `{"callbackUrl":"u","callbackBody":"a=${x:b}&c=<d>"}` || variables != "" {
		t.Errorf("%s, %q", text, variables)
	}
}
