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
	"slices"
	"strconv"
	"strings"
	"time"
)

// callback is the content of x-oss-callback. Once the object is stored, OSS
// sends a POST request to the application's server and returns that server's
// answer to the client. Source: API page Callback.
type callback struct {
	URL      string `json:"callbackUrl"`
	Host     string `json:"callbackHost"`
	Body     string `json:"callbackBody"`
	BodyType string `json:"callbackBodyType"`

	variables map[string]string // x-oss-callback-var
}

// maxCallback is the maximum length of x-oss-callback and x-oss-callback-var.
// Source: API page Callback.
const maxCallback = 5 << 10

var callbackBodyTypes = []string{"", "application/x-www-form-urlencoded", "application/json"}

// parseCallback returns nil if the request has no callback. Source of the
// refusals: HTTP 400 page.
func (c *call) parseCallback() (*callback, error) {
	text, err := c.callbackText("callback")
	if text == nil || err != nil {
		return nil, err
	}
	cb := new(callback)
	if err := json.Unmarshal(text, cb); err != nil {
		return nil, errInvalidArgument("The callback configuration is not json format.")
	}
	switch {
	case cb.URL == "":
		return nil, errInvalidArgument("The callback url configuration is invalid.")
	case cb.Body == "":
		return nil, errInvalidArgument("The callback body is empty.")
	case !slices.Contains(callbackBodyTypes, cb.BodyType):
		return nil, errInvalidArgument("The body type of callback is not supported.")
	}
	text, err = c.callbackText("callback-var")
	if text == nil || err != nil {
		return cb, err
	}
	if err := json.Unmarshal(text, &cb.variables); err != nil {
		return nil, errInvalidArgument("The callback var is not expecten json.")
	}
	for name := range cb.variables {
		if !strings.HasPrefix(name, "x:") || name != strings.ToLower(name) {
			return nil, errInvalidArgument("The callback variable %q must begin with x: and be in lower case.", name)
		}
	}
	return cb, nil
}

// callbackText returns the decoded base64 of the header or of the query
// parameter, or nil if the request has neither.
func (c *call) callbackText(name string) ([]byte, error) {
	text := c.r.Header.Get("x-oss-" + name)
	if query := c.query.Get(name); query != "" {
		if text != "" {
			return nil, errInvalidArgument("Either the %s query string parameter or the x-oss-%s header should be specified, not both.", name, name)
		}
		text = query
	}
	if text == "" {
		return nil, nil
	}
	if len(text) > maxCallback {
		return nil, errInvalidArgument("The length of %s exceed max value.", name)
	}
	document, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, errInvalidArgument("The callback configuration is not base64 encoded.")
	}
	return document, nil
}

// after replaces the answer with the application's. The object stays stored
// even if the callback fails; the status is then 203.
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

// post calls the application. It does not follow redirects. Source: SDK v2
// tests, which expect an error with the status of the redirect.
func (cb *callback) post(c *call, v *version) ([]byte, error) {
	client, err := cb.client(c.s.cfg.CallbackProxy)
	if err != nil {
		return nil, err
	}
	body := cb.expandBody(c, v)
	request, err := http.NewRequestWithContext(c.r.Context(), http.MethodPost, cb.URL, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	if cb.BodyType == "" {
		cb.BodyType = "application/x-www-form-urlencoded"
	}
	request.Header.Set("Content-Type", cb.BodyType)
	request.Host = cb.Host
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, errCallbackFailed("Error status : %d.", response.StatusCode)
	}
	reply, err := io.ReadAll(io.LimitReader(response.Body, 1<<20))
	if err == nil && !json.Valid(reply) {
		err = errCallbackFailed("Response body is not valid json format.") // Source: HTTP 203 page
	}
	return reply, err
}

// client returns an HTTP client that connects to loopback only, directly or
// through proxy, so that a test never reaches the internet.
func (cb *callback) client(proxy *url.URL) (*http.Client, error) {
	target, err := url.Parse(cb.URL)
	if err != nil {
		return nil, err
	}
	transport := &http.Transport{DisableKeepAlives: true}
	if ip := net.ParseIP(target.Hostname()); ip == nil || !ip.IsLoopback() {
		if proxy == nil {
			return nil, errCallbackFailed("This server sends callbacks to loopback addresses only, not to %q.", cb.URL)
		}
		transport.Proxy = http.ProxyURL(proxy)
	}
	return &http.Client{
		Timeout: 5 * time.Second, Transport: transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}, nil
}

// expandBody replaces OSS's variables and the client's in the body.
func (cb *callback) expandBody(c *call, v *version) string {
	values := []string{
		"${bucket}", c.bucket, "${object}", c.key, "${etag}", v.etag,
		"${size}", strconv.FormatInt(v.size, 10), "${mimeType}", v.header.Get("Content-Type"),
		"${crc64}", formatCRC64(v.crc64), "${contentMd5}", v.contentMD5,
	}
	for name, value := range cb.variables {
		values = append(values, "${"+name+"}", value)
	}
	return strings.NewReplacer(values...).Replace(cb.Body)
}
