// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package real

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/ossclient"
)

// rawClient sends requests that the client of the provider would not send, and returns all
// headers and elements of an answer. It has its own code for V4 signatures, which use the
// header Date, as those of the client.
type rawClient struct {
	config ossclient.Config
	region string
	origin *url.URL // scheme and host of the endpoint
	http   *http.Client
}

func newRawClient(cfg ossclient.Config) (*rawClient, error) {
	region := strings.TrimPrefix(strings.ToLower(cfg.Region), "oss-")
	origin, err := url.Parse(endpointURL(cmp.Or(cfg.Endpoint, "oss-"+region+".aliyuncs.com")))
	if err != nil {
		return nil, err
	}
	transport := &http.Transport{Proxy: http.ProxyFromEnvironment, DisableCompression: true}
	if cfg.Proxy != nil {
		transport.Proxy = http.ProxyURL(cfg.Proxy)
	}
	return &rawClient{config: cfg, region: region, origin: origin, http: &http.Client{
		Transport: transport, Timeout: time.Minute,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

func endpointURL(endpoint string) string {
	if strings.Contains(endpoint, "://") {
		return endpoint
	}
	return "https://" + endpoint
}

// call is a request. Fields that are not set have correct defaults.
type call struct {
	method, bucket, key string
	query               []string // "name" or "name=value", not escaped
	header              map[string]string
	body                string

	region      string                 // signed for
	skew        time.Duration          // added to the clock
	credentials *ossclient.Credentials // signed with
	origin      string                 // sent to
	host        string                 // Host header
}

// reply is the complete answer.
type reply struct {
	status int
	header http.Header
	body   string
}

// document returns the body, or the header x-oss-err of an answer to HEAD.
func (r reply) document() string {
	if text, err := base64.StdEncoding.DecodeString(r.header.Get("X-Oss-Err")); err == nil && r.body == "" {
		return string(text)
	}
	return r.body
}

// element returns the text of the first XML element with a name.
func (r reply) element(name string) string {
	return cmp.Or(append(r.elements(name), "")...)
}

func (r reply) elements(name string) (texts []string) {
	for _, rest := range strings.Split(r.document(), "<"+name+">")[1:] {
		text, _, _ := strings.Cut(rest, "</"+name+">")
		texts = append(texts, text)
	}
	return texts
}

// String returns the status with the code and EC of OSS, such as
// "404 NoSuchKey 0026-00000001".
func (r reply) String() string {
	return strings.Join(strings.Fields(fmt.Sprint(r.status, " ", r.element("Code"), " ", r.element("EC"))), " ")
}

// is compares the status and the code, but not the EC.
func (r reply) is(status int, code string) bool {
	return r.status == status && r.element("Code") == code
}

func (c *rawClient) do(ctx context.Context, q call) (reply, error) {
	credentials, err := c.config.Credentials.Credentials(ctx)
	if err != nil {
		return reply{}, err
	}
	if q.credentials != nil {
		credentials = *q.credentials
	}
	request, err := http.NewRequestWithContext(ctx, q.method, c.url(q).String(), strings.NewReader(q.body))
	if err != nil {
		return reply{}, err
	}
	request.Host = cmp.Or(q.host, request.Host)
	for name, value := range q.header {
		request.Header.Set(name, value)
	}
	if q.body != "" && request.Header.Get("Content-Type") == "" {
		request.Header.Set("Content-Type", "application/octet-stream")
	}
	c.sign(request, q, credentials)
	response, err := c.http.Do(request)
	if err != nil {
		return reply{}, fmt.Errorf("%s: no answer: %w", q.method, reason(err))
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, 16<<20))
	return reply{response.StatusCode, response.Header, string(text)}, err
}

// reason returns an error of http.Client without the URL.
func reason(err error) error {
	if wrapped, ok := err.(*url.Error); ok { //nolint:errorlint // http.Client adds the outermost error
		return wrapped.Err
	}
	return err
}

// url returns the URL, with the bucket as a subdomain, or in the path for an IP address.
func (c *rawClient) url(q call) *url.URL {
	u := *c.origin
	if q.origin != "" {
		u.Scheme, u.Host, _ = strings.Cut(endpointURL(q.origin), "://")
	}
	path := "/" + percent(q.key)
	if q.origin == "" && c.byPath() {
		path = "/" + q.bucket + path
	} else {
		u.Host = q.bucket + "." + u.Host
	}
	u.Path, u.RawPath, u.RawQuery = unescaped(path), path, canonicalQuery(q.query)
	return &u
}

// byPath reports whether the endpoint is an IP address, such as that of a test server.
func (c *rawClient) byPath() bool { return net.ParseIP(c.origin.Hostname()) != nil }

func unescaped(path string) string {
	text, err := url.PathUnescape(path)
	if err != nil {
		return path
	}
	return text
}

func canonicalQuery(query []string) string {
	var pairs []string
	for _, pair := range query {
		name, value, _ := strings.Cut(pair, "=")
		pair = percent(name)
		if value != "" {
			pair += "=" + percent(value)
		}
		pairs = append(pairs, pair)
	}
	slices.Sort(pairs)
	return strings.Join(pairs, "&")
}

// percent percent-encodes all characters except letters, digits and "-._~".
func percent(text string) string { return strings.ReplaceAll(url.QueryEscape(text), "+", "%20") }

// sign follows the API page "Include a V4 signature in the Authorization header".
func (c *rawClient) sign(request *http.Request, q call, credentials ossclient.Credentials) {
	now := time.Now().Add(q.skew).UTC()
	date, day, region := now.Format(http.TimeFormat), now.Format("20060102"), cmp.Or(q.region, c.region)
	request.Header.Set("Date", date)
	request.Header.Set("X-Oss-Content-Sha256", "UNSIGNED-PAYLOAD")
	if credentials.SecurityToken != "" {
		request.Header.Set("X-Oss-Security-Token", credentials.SecurityToken)
	}
	var names []string
	for name := range request.Header {
		if strings.HasPrefix(name, "X-Oss-") || name == "Content-Type" || name == "Content-Md5" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	var headers strings.Builder
	for _, name := range names {
		headers.WriteString(strings.ToLower(name) + ":" + strings.TrimSpace(request.Header.Get(name)) + "\n")
	}
	resource := "/" + q.bucket + "/" + strings.ReplaceAll(percent(q.key), "%2F", "/")
	canonical := sha256.Sum256([]byte(strings.Join([]string{
		request.Method, resource, request.URL.RawQuery, headers.String(), "", "UNSIGNED-PAYLOAD",
	}, "\n")))
	scope := day + "/" + region + "/oss/aliyun_v4_request"
	key := []byte("aliyun_v4" + credentials.AccessKeySecret)
	for _, text := range []string{
		day, region, "oss", "aliyun_v4_request",
		"OSS4-HMAC-SHA256\n" + date + "\n" + scope + "\n" + hex.EncodeToString(canonical[:]),
	} {
		mac := hmac.New(sha256.New, key)
		_, _ = io.WriteString(mac, text)
		key = mac.Sum(nil)
	}
	request.Header.Set("Authorization", "OSS4-HMAC-SHA256 Credential="+credentials.AccessKeyID+"/"+scope+",Signature="+hex.EncodeToString(key))
}

// contentMD5 returns the header that OSS requires with a document.
func contentMD5(text string) string {
	sum := md5.Sum([]byte(text))
	return base64.StdEncoding.EncodeToString(sum[:])
}
