// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package osstest_test

import (
	"bytes"
	"cmp"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"encoding/xml"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	. "github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
)

// client is a minimal OSS client. It has its own implementation of V1
// signatures.
type client struct {
	t          *testing.T
	url        string
	host       string // the Host header, if not that of url
	credential Credential
}

func newClient(t *testing.T, s *Server) *client {
	return &client{t: t, url: s.URL(), credential: Credential{AccessKeyID: AccessKeyID, AccessKeySecret: AccessKeySecret}}
}

type reply struct {
	status int
	header http.Header
	body   string
}

// code returns the OSS error code of the reply.
func (r reply) code() string { return r.element("Code") }

// element returns the text of the first XML element with the given name.
func (r reply) element(name string) string {
	_, rest, _ := strings.Cut(r.body, "<"+name+">")
	text, _, _ := strings.Cut(rest, "</"+name+">")
	return text
}

// elements returns the texts of all XML elements with the given name.
func (r reply) elements(name string) (texts []string) {
	for _, rest := range strings.Split(r.body, "<"+name+">")[1:] {
		text, _, _ := strings.Cut(rest, "</"+name+">")
		texts = append(texts, text)
	}
	return texts
}

// do sends a request and returns the answer, whatever its status. target is the
// escaped path and query; header is pairs of names and values.
func (c *client) do(method, target, body string, header ...string) reply {
	c.t.Helper()
	r, err := c.try(method, target, strings.NewReader(body), int64(len(body)), header...)
	if err != nil {
		c.t.Fatalf("%s %s: %v", method, target, err)
	}
	return r
}

// want is like do, but the request must succeed.
func (c *client) want(method, target, body string, header ...string) reply {
	c.t.Helper()
	r := c.do(method, target, body, header...)
	if r.status/100 != 2 {
		c.t.Fatalf("%s %s: status %d: %s", method, target, r.status, r.body)
	}
	return r
}

func (c *client) try(method, target string, body io.Reader, length int64, header ...string) (reply, error) {
	request, err := http.NewRequestWithContext(c.t.Context(), method, c.url+target, body)
	if err != nil {
		return reply{}, err
	}
	request.ContentLength = length
	request.Host = cmp.Or(c.host, request.Host)
	request.Header.Set("Date", time.Now().UTC().Format(http.TimeFormat))
	for i := 0; i < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	if c.credential.SecurityToken != "" {
		request.Header.Set("x-oss-security-token", c.credential.SecurityToken)
	}
	c.sign(request)
	// net/http must not retry on a cut connection or decompress the body.
	transport := &http.Transport{DisableKeepAlives: true, DisableCompression: true}
	response, err := transport.RoundTrip(request)
	if err != nil {
		return reply{}, err
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	return reply{status: response.StatusCode, header: response.Header, body: string(content)}, err
}

func (c *client) sign(request *http.Request) {
	h := request.Header
	var text strings.Builder
	text.WriteString(strings.Join([]string{request.Method, h.Get("Content-MD5"), h.Get("Content-Type"), h.Get("Date"), ""}, "\n"))
	var names []string
	for name := range h {
		if strings.HasPrefix(name, "X-Oss-") {
			names = append(names, strings.ToLower(name))
		}
	}
	slices.Sort(names)
	for _, name := range names {
		text.WriteString(name + ":" + h.Get(name) + "\n")
	}
	text.WriteString(request.URL.Path)
	if strings.Count(request.URL.Path, "/") == 1 {
		text.WriteString("/") // after the bucket
	}
	separator := "?"
	for _, name := range []string{"acl", "append", "callback", "callback-var", "cleanRestoredObject", "continuation-token", "delete", "objectMeta", "partNumber", "position", "restore", "retention", "seal", "symlink", "tagging", "uploadId", "uploads", "versionId", "versioning", "versions"} {
		if query := request.URL.Query(); query.Has(name) {
			text.WriteString(separator + name)
			if value := query.Get(name); value != "" {
				text.WriteString("=" + value)
			}
			separator = "&"
		}
	}
	mac := hmac.New(sha1.New, []byte(c.credential.AccessKeySecret))
	mac.Write([]byte(text.String()))
	h.Set("Authorization", "OSS "+c.credential.AccessKeyID+":"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
}

func (c *client) initiate(target string, header ...string) (uploadID string) {
	c.t.Helper()
	return c.want("POST", target+"?uploads", "", header...).element("UploadId")
}

// part uploads a part and returns its ETag.
func (c *client) part(target, uploadID string, number int, body string) string {
	c.t.Helper()
	return c.want("PUT", partTarget(target, uploadID, number), body).header.Get("ETag")
}

func partTarget(target, uploadID string, number int) string {
	return target + "?partNumber=" + strconv.Itoa(number) + "&uploadId=" + url.QueryEscape(uploadID)
}

func (c *client) complete(target, uploadID, list string, header ...string) reply {
	c.t.Helper()
	return c.do("POST", target+"?uploadId="+uploadID, list, header...)
}

// partList returns the document for Complete. Its arguments are pairs of number
// and ETag.
func partList(numbersAndETags ...any) string {
	type part struct {
		PartNumber int
		ETag       string
	}
	document := struct {
		XMLName xml.Name `xml:"CompleteMultipartUpload"`
		Part    []part
	}{}
	for i := 0; i < len(numbersAndETags); i += 2 {
		document.Part = append(document.Part, part{numbersAndETags[i].(int), numbersAndETags[i+1].(string)})
	}
	var text bytes.Buffer
	if err := xml.NewEncoder(&text).Encode(document); err != nil {
		panic(err)
	}
	return text.String()
}

// start returns a server with a bucket "b" and a client.
func start(t *testing.T, cfg Config) (*Server, *client) {
	t.Helper()
	s := Start(t, cfg)
	s.CreateBucket("b")
	return s, newClient(t, s)
}

func content(t *testing.T, s *Server, key string) string {
	t.Helper()
	o, ok := s.Object("b", key)
	if !ok {
		t.Fatalf("no object %q", key)
	}
	body, err := o.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer body.Close()
	text, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// wantReply checks the status and the OSS error code, which is "" for success.
func wantReply(t *testing.T, what string, r reply, status int, code string) {
	t.Helper()
	if r.status != status || r.code() != code {
		t.Errorf("%s: got %d %s, want %d %s: %s", what, r.status, r.code(), status, code, r.body)
	}
}
