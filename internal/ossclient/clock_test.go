// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package ossclient

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// state is a server on which each operation can succeed.
type state struct {
	server   *osstest.Server
	dst      resumable.Destination
	etag     string
	upload   resumable.Upload // with part 1
	part     resumable.StoredPart
	aborted  resumable.Upload
	deletion resumable.Object
}

func newState(t *testing.T, cfg osstest.Config) *state {
	t.Helper()
	now := cfg.Now
	if now == nil {
		now = time.Now
	}
	server := osstest.Start(t, cfg)
	server.CreateBucket(bucketName)
	server.AddCredential(osstest.Credential{
		AccessKeyID: canaries.AccessKeyID, AccessKeySecret: canaries.AccessKeySecret,
		SecurityToken: canaries.SecurityToken, Expires: now().Add(time.Hour),
	})
	s := &state{server: server, dst: resumable.Destination{Object: resumable.Object{Bucket: bucketName, Key: "dir/key"}}}
	s.etag = strings.Trim(server.PutObject(bucketName, "dir/key", []byte("old"), nil).ETag, `"`)
	s.deletion = resumable.Object{Bucket: bucketName, Key: "aborted"}
	server.PutObject(bucketName, "aborted", []byte("old"), nil)

	c := s.client(t, Config{})
	c.clock.ahead.Store(int64(time.Until(now())))
	var err error
	if s.upload, err = c.InitiateMultipartUpload(t.Context(), s.dst); err != nil {
		t.Fatal(err)
	}
	if s.aborted, err = c.InitiateMultipartUpload(t.Context(), s.dst); err != nil {
		t.Fatal(err)
	}
	if s.part, err = c.UploadPart(t.Context(), s.upload, 1, strings.NewReader("part 1")); err != nil {
		t.Fatal(err)
	}
	server.ResetLog()
	return s
}

func (s *state) client(t *testing.T, cfg Config) *Client {
	t.Helper()
	cfg.Endpoint = s.server.URL()
	return clientFor(t, cfg, patient)
}

// operations returns a function for each operation, which succeeds.
func (s *state) operations() map[osstest.Op]func(context.Context, *Client) error {
	return map[osstest.Op]func(context.Context, *Client) error{
		osstest.HeadObject: func(ctx context.Context, c *Client) error { _, err := c.HeadObject(ctx, s.dst.Object); return err },
		osstest.PutObject: func(ctx context.Context, c *Client) error {
			return errorOf(c.PutObject(ctx, s.dst, strings.NewReader("hello"), "XUFAKrxLKna5cZ2REBfFkg=="))
		},
		osstest.CopyObject: func(ctx context.Context, c *Client) error {
			return errorOf(c.CopyObject(ctx, s.dst, resumable.CopySource{Object: s.dst.Object, ETag: s.etag}))
		},
		osstest.DeleteObject: func(ctx context.Context, c *Client) error { return c.DeleteObject(ctx, s.deletion) },
		osstest.GetObjectACL: func(ctx context.Context, c *Client) error { _, err := c.GetObjectACL(ctx, s.dst.Object); return err },
		osstest.PutObjectACL: func(ctx context.Context, c *Client) error { return c.PutObjectACL(ctx, s.dst.Object, "private") },
		osstest.GetObjectTagging: func(ctx context.Context, c *Client) error {
			_, err := c.GetObjectTagging(ctx, s.dst.Object)
			return err
		},
		osstest.PutObjectTagging: func(ctx context.Context, c *Client) error {
			return c.PutObjectTagging(ctx, s.dst.Object, map[string]string{"a": "b"})
		},
		osstest.DeleteObjectTagging: func(ctx context.Context, c *Client) error { return c.PutObjectTagging(ctx, s.dst.Object, nil) },
		osstest.InitiateMultipartUpload: func(ctx context.Context, c *Client) error {
			_, err := c.InitiateMultipartUpload(ctx, s.dst)
			return err
		},
		osstest.UploadPart: func(ctx context.Context, c *Client) error {
			_, err := c.UploadPart(ctx, s.upload, 2, strings.NewReader("part 2"))
			return err
		},
		osstest.UploadPartCopy: func(ctx context.Context, c *Client) error {
			_, err := c.UploadPartCopy(ctx, s.upload, 2, resumable.Range{CopySource: resumable.CopySource{Object: s.dst.Object, ETag: s.etag}, Offset: 1, Size: 3})
			return err
		},
		osstest.ListParts: func(ctx context.Context, c *Client) error { _, err := c.ListParts(ctx, s.upload); return err },
		osstest.ListMultipartUploads: func(ctx context.Context, c *Client) error {
			_, err := c.ListMultipartUploads(ctx, s.dst.Object)
			return err
		},
		osstest.ListObjectsV2: func(ctx context.Context, c *Client) error { return lastError(c.Objects(ctx, bucketName, "dir/")) },
		osstest.CompleteMultipartUpload: func(ctx context.Context, c *Client) error {
			return errorOf(c.CompleteMultipartUpload(ctx, s.upload, []resumable.StoredPart{s.part}))
		},
		osstest.AbortMultipartUpload: func(ctx context.Context, c *Client) error { return c.AbortMultipartUpload(ctx, s.aborted) },
	}
}

// refused returns how many requests were refused with code, and how many bytes the
// bodies of the others had.
func refused(server *osstest.Server, code string) (times int, bytes int64) {
	for _, r := range server.Requests() {
		if r.Code == code {
			times++
		} else {
			bytes += r.BodyBytes
		}
	}
	return times, bytes
}

// With a wrong clock, the first operation needs one more request and logs one
// warning. It sends the complete body again.
func TestClock_corrected(t *testing.T) {
	t.Log("FAULT F75: clock 20 minutes and 23 hours fast and slow, each operation first, signatures V1 and V4")
	for _, version := range []string{"v4", "v1"} {
		for _, skew := range []time.Duration{20 * time.Minute, -20 * time.Minute, 23 * time.Hour, -23 * time.Hour} {
			for op := range (&state{}).operations() {
				s := newState(t, osstest.Config{Now: func() time.Time { return time.Now().Add(skew) }})
				var logged lockedBuffer
				c := s.client(t, Config{SignVersion: version, Log: logTo(&logged)})
				if err := s.operations()[op](t.Context(), c); err != nil {
					t.Errorf("%s, %v off: %v", op, skew, err)
				}
				for range 2 {
					if _, err := c.UploadPart(t.Context(), s.upload, 3, newZeros(100)); err != nil && op != osstest.CompleteMultipartUpload {
						t.Error(err)
					}
				}
				times, bytes := refused(s.server, codeSkewed)
				if times != 1 {
					t.Errorf("%s, %v off: refused %d times", op, skew, times)
				}
				if want := map[osstest.Op]int64{osstest.PutObject: 205, osstest.UploadPart: 206}[op]; want > 0 && bytes != want {
					t.Errorf("%s, %v off: %d bytes sent, want %d", op, skew, bytes, want)
				}
				if n := strings.Count(logged.String(), "level=WARN"); n != 1 {
					t.Errorf("%d warnings: %s", n, logged.String())
				}
				checkNoSecrets(t, logged.String())
			}
		}
	}
}

// All parts that were sent with the wrong date are sent again. There is one warning.
func TestClock_correctedForAll(t *testing.T) {
	t.Log("FAULT F75: clock 20 minutes slow, 8 parts at a time")
	s := newState(t, osstest.Config{Now: func() time.Time { return time.Now().Add(20 * time.Minute) }})
	var logged lockedBuffer
	c := s.client(t, Config{Log: logTo(&logged)})
	var wait sync.WaitGroup
	for number := range 8 {
		wait.Go(func() {
			if part, err := c.UploadPart(t.Context(), s.upload, number+1, newZeros(300_000)); err != nil || part.Size != 300_000 {
				t.Errorf("%+v, %v", part, err)
			}
		})
	}
	wait.Wait()
	parts, err := c.ListParts(t.Context(), s.upload)
	if err != nil || len(parts) != 8 {
		t.Errorf("%d parts, %v", len(parts), err)
	}
	for _, part := range parts {
		if part.Size != 300_000 {
			t.Errorf("part %d has %d bytes", part.Number, part.Size)
		}
	}
	if n := strings.Count(logged.String(), "level=WARN"); n != 1 {
		t.Errorf("%d warnings: %s", n, logged.String())
	}
}

// The clock ignores a date that cannot be that of OSS, or that does not explain the
// refusal. It also ignores the dates of other answers.
func TestClock_notPoisoned(t *testing.T) {
	t.Log("FAULT F75: Date of 1970, of 2099, of another language, none, and of now; in refusals and in other answers")
	for _, date := range []string{
		"Thu, 01 Jan 1970 00:00:00 GMT", "Fri, 31 Dec 2099 23:59:59 GMT", "Fri, 31 Dec 9999 23:59:59 GMT", "Mon, 01 Jan 0001 00:00:00 GMT",
		"Donnerstag, 1. Januar", "", httpDate(0), httpDate(4 * time.Minute),
	} {
		for _, op := range operations {
			requests := 0
			c := answering(t, func(_ *http.Request, header http.Header) (int, string) {
				requests++
				header.Set("Date", date)
				return 403, errorXML(codeSkewed, "x")
			})
			err := op.call(t.Context(), c)
			var refusal *resumable.ServiceError
			if !errors.As(err, &refusal) || refusal.Code != codeSkewed || resumable.Transient(err) || !strings.Contains(err.Error(), "correct the clock") {
				t.Errorf("%s, %q: %v", op.name, date, err)
			}
			if requests != 1 || c.clock.offset() != 0 {
				t.Errorf("%s, %q: %d requests, offset %v", op.name, date, requests, c.clock.offset())
			}
		}
	}
	hour := httpDate(time.Hour)
	for status, code := range map[int]string{403: "AccessDenied", 503: "ServiceUnavailable", 200: ""} {
		for _, op := range operations {
			c := answering(t, func(_ *http.Request, header http.Header) (int, string) {
				header.Set("Date", hour)
				return status, errorXML(code, "x")
			})
			_ = op.call(t.Context(), c)
			if c.clock.offset() != 0 {
				t.Errorf("%s, %d: offset %v", op.name, status, c.clock.offset())
			}
		}
	}
}

// If the server always refuses the date, the client sends two requests. A correct
// date sets the clock afterwards.
func TestClock_refusedAgain(t *testing.T) {
	t.Log("FAULT F75: corrected clock refused again, with the same date and with others")
	for _, wild := range []bool{false, true} {
		for _, op := range operations {
			requests, happy := 0, false
			c := answering(t, func(_ *http.Request, header http.Header) (int, string) {
				requests++
				header.Set("Date", httpDate(time.Hour))
				if wild {
					header.Set("Date", httpDate(time.Duration(requests)*time.Hour))
				}
				if happy {
					header.Set("Date", httpDate(0))
				}
				return 403, errorXML(codeSkewed, "x")
			})
			err := op.call(t.Context(), c)
			var refusal *resumable.ServiceError
			if !errors.As(err, &refusal) || refusal.Code != codeSkewed || resumable.Transient(err) || !strings.Contains(err.Error(), "correct the clock") {
				t.Errorf("%s: %v", op.name, err)
			}
			if requests != 2 {
				t.Errorf("%s: %d requests, want 2", op.name, requests)
			}
			happy = true
			_ = op.call(t.Context(), c)
			if offset := c.clock.offset().Round(time.Minute); offset != 0 {
				t.Errorf("%s: offset stays %v", op.name, offset)
			}
		}
	}
}

// A 403 to HEAD without x-oss-err has no reason. The GET that finds the reason sets
// the clock, and the HEAD is repeated.
func TestClock_correctedByHead(t *testing.T) {
	t.Log("FAULT F75: HEAD refused without a reason")
	var asked []string
	c := fakeOSS(t, func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.Method)
		w.Header().Set("Date", httpDate(time.Hour))
		if date, _ := http.ParseTime(r.Header.Get("Date")); time.Until(date) < 50*time.Minute {
			w.WriteHeader(http.StatusForbidden)
			_, _ = io.WriteString(w, errorXML(codeSkewed, "x"))
			return
		}
		good(w, r)
	})
	_, err := c.HeadObject(t.Context(), object)
	if got := strings.Join(asked, " "); err != nil || got != "HEAD GET GET HEAD" {
		t.Errorf("%s: %v", got, err)
	}
}

// A body that cannot be rewound is not sent again, because its beginning would be
// missing.
func TestSigning_bodyThatCannotBeRewound(t *testing.T) {
	requests := 0
	c := answering(t, func(_ *http.Request, header http.Header) (int, string) {
		requests++
		header.Set("Date", httpDate(time.Hour))
		return 403, errorXML(codeSkewed, "x")
	})
	body := stuck{strings.NewReader("body")}
	if _, err := c.UploadPart(t.Context(), upload, 1, body); err == nil || requests != 1 {
		t.Errorf("%v after %d requests", err, requests)
	}
	if c.clock.offset() == 0 {
		t.Error("the clock was not set for the next attempt")
	}
}

type stuck struct{ *strings.Reader }

func (stuck) Seek(int64, int) (int64, error) { return 0, errors.New("stuck") }

// rotating returns each of its credentials once, and then always the last.
type rotating struct {
	mu    sync.Mutex
	left  []Credentials
	fails error // instead of the last
}

func (*rotating) Discard(Credentials) {}

func (r *rotating) Credentials(context.Context) (Credentials, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.left) > 1 {
		defer func() { r.left = r.left[1:] }()
	} else if r.fails != nil {
		return Credentials{}, r.fails
	}
	return r.left[0], nil
}

// Each operation succeeds if its credentials have expired and there are new ones.
func TestSigning_expiredAndRenewed(t *testing.T) {
	t.Log("FAULT F74: security token expired, invalid, access key gone; new ones available; each operation first")
	old := Credentials{"LTAIcanaryOld", "canarySecretOld", "canaryTokenOld"}
	for code, credential := range map[string]osstest.Credential{
		"SecurityTokenExpired": {AccessKeyID: old.AccessKeyID, AccessKeySecret: old.AccessKeySecret, SecurityToken: old.SecurityToken, Expires: time.Now().Add(-time.Minute)},
		"InvalidSecurityToken": {AccessKeyID: old.AccessKeyID, AccessKeySecret: old.AccessKeySecret, SecurityToken: "canaryTokenElse"},
		"InvalidAccessKeyId":   {AccessKeyID: "unknown", AccessKeySecret: "unknown"},
	} {
		for op := range (&state{}).operations() {
			s := newState(t, osstest.Config{})
			s.server.AddCredential(credential)
			c := s.client(t, Config{Credentials: &rotating{left: []Credentials{old, canaries}}})
			if err := s.operations()[op](t.Context(), c); err != nil {
				t.Errorf("%s, %s: %v", op, code, err)
			}
			times, bytes := refused(s.server, code)
			if want := map[osstest.Op]int64{osstest.PutObject: 5, osstest.UploadPart: 6}[op]; times != 1 || want > 0 && bytes != want {
				t.Errorf("%s, %s: refused %d times, %d bytes sent", op, code, times, bytes)
			}
		}
	}
}

// Without new credentials, there is one request and a permanent error. The upload
// stays open.
func TestSigning_expiredAndNotRenewed(t *testing.T) {
	t.Log("FAULT F74: security token expired, static credentials; new ones that have expired, too; none available")
	for op := range (&state{}).operations() {
		s := newState(t, osstest.Config{})
		for n := range 3 {
			s.server.AddCredential(osstest.Credential{
				AccessKeyID: fmt.Sprintf("canary%d", n), AccessKeySecret: canaries.AccessKeySecret,
				SecurityToken: canaries.SecurityToken, Expires: time.Now().Add(-time.Minute),
			})
		}
		expired := func(n int) Credentials {
			return Credentials{fmt.Sprintf("canary%d", n), canaries.AccessKeySecret, canaries.SecurityToken}
		}
		down := errors.New("metadata service is down")
		for name, tt := range map[string]struct {
			provider CredentialsProvider
			requests int
			also     error
		}{
			"static":      {Static(expired(0)), 1, resumable.ErrCredentialsExpired},
			"all expired": {&rotating{left: []Credentials{expired(0), expired(1), expired(2)}}, 2, resumable.ErrCredentialsExpired},
			"none left":   {&rotating{left: []Credentials{expired(0), {}}, fails: down}, 1, down},
		} {
			s.server.ResetLog()
			err := s.operations()[op](t.Context(), s.client(t, Config{Credentials: tt.provider}))
			if !errors.Is(err, resumable.ErrCredentialsExpired) || !errors.Is(err, tt.also) || resumable.Transient(err) {
				t.Errorf("%s, %s: %v", op, name, err)
			}
			checkNoSecrets(t, err.Error())
			if n := len(s.server.Requests()); n != tt.requests {
				t.Errorf("%s, %s: %d requests, want %d", op, name, n, tt.requests)
			}
		}
		if open := s.server.OpenUploads(bucketName); len(open) != 2 {
			t.Errorf("%s: %d uploads are open", op, len(open))
		}
	}
}

// If the credentials have expired and their service does not answer, the error is
// transient.
func TestSigning_expiredAndServiceUnavailable(t *testing.T) {
	old := Credentials{"LTAIcanaryOld", "canarySecretOld", "canaryTokenOld"}
	for op := range (&state{}).operations() {
		s := newState(t, osstest.Config{})
		s.server.AddCredential(osstest.Credential{
			AccessKeyID: old.AccessKeyID, AccessKeySecret: old.AccessKeySecret, SecurityToken: old.SecurityToken, Expires: time.Now().Add(-time.Minute),
		})
		away := &networkError{text: "STS does not answer", transient: true}
		c := s.client(t, Config{Credentials: &rotating{left: []Credentials{old, {}}, fails: away}})
		err := s.operations()[op](t.Context(), c)
		if !errors.Is(err, away) || !resumable.Transient(err) || !strings.Contains(err.Error(), "SecurityTokenExpired") {
			t.Errorf("%s: %v", op, err)
		}
	}
}
