// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package osstest

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// callback is what x-oss-callback asks OSS to do once the object is stored: to
// POST to the application's own server and hand its answer to the client.
// Source: API page Callback.
type callback struct {
	URL      string `json:"callbackUrl"`
	Host     string `json:"callbackHost"`
	Body     string `json:"callbackBody"`
	BodyType string `json:"callbackBodyType"`
}

// parseCallback returns nil if the request asks for none.
func (c *call) parseCallback() (*callback, error) {
	text := c.r.Header.Get("x-oss-callback")
	if text == "" {
		text = c.query.Get("callback")
	}
	if text == "" {
		return nil, nil
	}
	document, err := base64.StdEncoding.DecodeString(text)
	cb := new(callback)
	if err == nil {
		err = json.Unmarshal(document, cb)
	}
	if err != nil || cb.URL == "" || cb.Body == "" {
		return nil, errInvalidArgument("The callback configuration is not json format: %v", err)
	}
	return cb, nil
}

// after replaces the answer by the application's. The object stays, whatever
// the application says: a failed callback is status 203.
func (cb *callback) after(c *call, a *answer, v *version) *answer {
	if cb == nil {
		return a
	}
	reply, err := cb.post(c, v)
	if err == nil {
		return a.withBytes("application/json", reply)
	}
	var failed *ossError
	if !errors.As(err, &failed) {
		failed = errCallbackFailed("%v", err)
	}
	return errorAnswer(failed, c.r.Method, c.r.Host, c.id).
		set("ETag", v.quotedETag()).set("x-oss-version-id", a.header.Get("x-oss-version-id"))
}

func errCallbackFailed(format string, args ...any) *ossError {
	return refusal(203, "CallbackFailed", "0007-00000203", format, args...)
}

// post calls loopback only: a test must not reach for the internet.
func (cb *callback) post(c *call, v *version) ([]byte, error) {
	target, err := url.Parse(cb.URL)
	if err != nil {
		return nil, err
	}
	if ip := net.ParseIP(target.Hostname()); ip == nil || !ip.IsLoopback() {
		return nil, errCallbackFailed("This server calls back to loopback only, not %q.", cb.URL)
	}
	body := strings.NewReplacer(
		"${bucket}", c.bucket, "${object}", c.key, "${etag}", v.etag,
		"${size}", strconv.FormatInt(v.size, 10), "${mimeType}", v.header.Get("Content-Type"),
		"${crc64}", formatCRC64(v.crc64), "${contentMd5}", v.contentMD5,
	).Replace(cb.Body)
	request, err := http.NewRequestWithContext(c.r.Context(), http.MethodPost, cb.URL, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	if cb.BodyType == "" {
		cb.BodyType = "application/x-www-form-urlencoded"
	}
	request.Header.Set("Content-Type", cb.BodyType)
	request.Host = cb.Host
	client := http.Client{Timeout: 5 * time.Second}
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, errCallbackFailed("Error status : %d.", response.StatusCode)
	}
	return io.ReadAll(io.LimitReader(response.Body, 1<<20))
}
