// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package ossclient

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

func TestRefusal_fields(t *testing.T) {
	c := fakeOSS(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Oss-Request-Id", "REQ")
		w.Header().Set("X-Oss-Ec", "0015-00000104")
		w.Header().Set("Retry-After", "3")
		w.Header().Set("X-Oss-Qos-Delay-Time", "1500")
		w.WriteHeader(http.StatusNotFound)
		_, _ = io.WriteString(w, errorXML("NoSuchUpload", "The specified upload does not exist."))
	})
	_, err := c.UploadPart(t.Context(), upload, 1, newZeros(1))
	var got *resumable.ServiceError
	if !errors.As(err, &got) || !errors.Is(err, resumable.ErrNoSuchUpload) {
		t.Fatalf("error is %v", err)
	}
	want := resumable.ServiceError{
		Op: "UploadPart", StatusCode: 404, Code: "NoSuchUpload", Message: "The specified upload does not exist.",
		RequestID: "REQ", EC: "0015-00000104", RetryAfter: 3 * time.Second,
	}
	if *got != want {
		t.Errorf("got %+v, want %+v", *got, want)
	}
}

func TestRefusal_wrongEndpoint(t *testing.T) {
	c := fakeOSS(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusForbidden)
		_, _ = io.WriteString(w, "<Error><Code>AccessDenied</Code><Message>Use the specified endpoint.</Message><Endpoint>oss-cn-beijing.aliyuncs.com</Endpoint></Error>")
	})
	_, err := c.ListParts(t.Context(), upload)
	if !errors.Is(err, resumable.ErrAccessDenied) || !strings.Contains(err.Error(), "The endpoint of the bucket is oss-cn-beijing.aliyuncs.com.") {
		t.Errorf("error is %v", err)
	}
}

func TestHeadObject_refusedWithoutReason(t *testing.T) {
	c := fakeOSS(t, func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusForbidden)
		if r.Method == http.MethodGet && r.Header.Get("Range") == "bytes=0-0" {
			_, _ = io.WriteString(w, errorXML("SecurityTokenExpired", "x"))
		}
	})
	if _, err := c.HeadObject(t.Context(), object); !errors.Is(err, resumable.ErrCredentialsExpired) {
		t.Errorf("error is %v", err)
	}
}

// Whether the object or the bucket is missing is known from x-oss-err or from a GET.
func TestHeadObject_notFound(t *testing.T) {
	header := func(code string) string { return base64.StdEncoding.EncodeToString([]byte(errorXML(code, "x"))) }
	for name, tt := range map[string]struct {
		ossErr, getBody string
		want            error
		requests        int
	}{
		"key, by header":    {header("NoSuchKey"), "", resumable.ErrNoSuchKey, 1},
		"bucket, by header": {header("NoSuchBucket"), "", resumable.ErrNoSuchBucket, 1},
		"key, by GET":       {"", errorXML("NoSuchKey", "x"), resumable.ErrNoSuchKey, 2},
		"bucket, by GET":    {"", errorXML("NoSuchBucket", "x"), resumable.ErrNoSuchBucket, 2},
		"bad header":        {"%%%", errorXML("NoSuchKey", "x"), resumable.ErrNoSuchKey, 2},
		"not OSS":           {"", "<html>404</html>", nil, 2},
		"nothing":           {"", "", nil, 2},
	} {
		t.Run(name, func(t *testing.T) {
			requests := 0
			c := fakeOSS(t, func(w http.ResponseWriter, r *http.Request) {
				requests++
				w.Header().Set("X-Oss-Err", tt.ossErr)
				w.WriteHeader(http.StatusNotFound)
				if r.Method == http.MethodGet {
					_, _ = io.WriteString(w, tt.getBody)
				}
			})
			_, err := c.HeadObject(t.Context(), object)
			if tt.want != nil && !errors.Is(err, tt.want) || tt.want == nil && (err == nil || errors.Is(err, resumable.ErrNoSuchKey)) {
				t.Errorf("error is %v, want %v", err, tt.want)
			}
			if requests != tt.requests {
				t.Errorf("%d requests, want %d", requests, tt.requests)
			}
		})
	}
}

func TestCallbackFailed(t *testing.T) {
	c := fakeOSS(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusNonAuthoritativeInfo)
		_, _ = io.WriteString(w, errorXML("CallbackFailed", "Error status : 502."))
	})
	for _, err := range []error{
		errorOf(c.CompleteMultipartUpload(t.Context(), upload, nil)),
		errorOf(c.PutObject(t.Context(), destination, newZeros(1), "md5")),
	} {
		var refusal *resumable.ServiceError
		if !errors.As(err, &refusal) || refusal.StatusCode != 203 || refusal.Code != "CallbackFailed" {
			t.Errorf("error is %v", err)
		}
	}
}

func TestPreconditionFailed_withoutDocument(t *testing.T) {
	c := fakeOSS(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusPreconditionFailed) })
	if _, err := c.CopyObject(t.Context(), destination, resumable.CopySource{Object: destination.Object, ETag: "E"}); !errors.Is(err, resumable.ErrPreconditionFailed) {
		t.Errorf("error is %v", err)
	}
}

// Answers that do not come from OSS are errors for every operation. The errors contain
// no secrets and no control characters, and are short.
func TestForeignAnswers(t *testing.T) {
	t.Log("FAULT F85: HTML, cut and foreign answers, and answers that repeat the request, for each operation")
	echo := func(w http.ResponseWriter, r *http.Request, status int) {
		w.WriteHeader(status)
		fmt.Fprintf(w, "%s %s\n", r.Method, r.URL)
		_ = r.Header.Write(w)
	}
	long := "<html>\x1b[2J\x07" + strings.Repeat("very long ", 1000) + "</html>"
	for name, handler := range map[string]http.HandlerFunc{
		"200 HTML":    func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, long) },
		"200 nothing": func(http.ResponseWriter, *http.Request) {},
		"200 Error":   func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, errorXML("InternalError", "x")) },
		"200 cut XML": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "<ListPartsResult><Bucket>buck")
		},
		"200 other XML": func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<Other\x1b/>") },
		"200 echo":      func(w http.ResponseWriter, r *http.Request) { echo(w, r, 200) },
		"400 echo":      func(w http.ResponseWriter, r *http.Request) { echo(w, r, 400) },
		"403 token": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(403)
			_, _ = io.WriteString(w, errorXML("X", canaries.SecurityToken))
		},
		"502 HTML": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(502); _, _ = io.WriteString(w, long) },
		"600":      func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(600); _, _ = io.WriteString(w, long) },
		"401 empty code": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(401)
			_, _ = io.WriteString(w, "<Error></Error>")
		},
		"not HTTP": func(w http.ResponseWriter, _ *http.Request) {
			conn, _, _ := http.NewResponseController(w).Hijack()
			_, _ = io.WriteString(conn, "SSH-2.0-\x1b[2J"+strings.Repeat("x", 5000)+"\r\n\r\n")
			_ = conn.Close()
		},
		"bad header": func(w http.ResponseWriter, _ *http.Request) {
			conn, _, _ := http.NewResponseController(w).Hijack()
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nno colon \x1b[2J\r\n\r\n")
			_ = conn.Close()
		},
		"long header": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Oss-Request-Id", strings.Repeat("R", 10_000))
			w.WriteHeader(403)
		},
	} {
		t.Run(name, func(t *testing.T) {
			for _, op := range operations {
				switch op.name {
				case "DeleteObject", "AbortMultipartUpload":
					if strings.HasPrefix(name, "200") {
						continue // only the status counts
					}
				case "PutObjectAcl", "PutObjectTagging", "DeleteObjectTagging", "PutObjectRetention":
					if name == "200 nothing" {
						continue // the answer has no body
					}
				}
				err := op.call(t.Context(), fakeOSS(t, handler))
				if err == nil {
					t.Errorf("%s: no error", op.name)
					continue
				}
				text := err.Error()
				checkNoSecrets(t, text)
				if len(text) > 2000 || strings.ContainsFunc(text, unicode.IsControl) {
					t.Errorf("%s: %q", op.name, text)
				}
			}
		})
	}
}

// An answer that is about something else is an error.
func TestForeignAnswers_aboutSomethingElse(t *testing.T) {
	initiate := func(bucket, key, id string) string {
		return "<InitiateMultipartUploadResult><Bucket>" + bucket + "</Bucket><Key>" + key + "</Key><UploadId>" + id + "</UploadId></InitiateMultipartUploadResult>"
	}
	parts := func(id, rest string) string {
		return "<ListPartsResult><Bucket>bucket</Bucket><Key>dir%2Fkey</Key><UploadId>" + id + "</UploadId>" + rest + "</ListPartsResult>"
	}
	part := func(number, size string) string {
		return "<Part><PartNumber>" + number + "</PartNumber><Size>" + size + "</Size></Part>"
	}
	uploads := func(bucket, rest string) string {
		return "<ListMultipartUploadsResult><Bucket>" + bucket + "</Bucket>" + rest + "</ListMultipartUploadsResult>"
	}
	const truncated = "<IsTruncated>true</IsTruncated>"

	for _, tt := range []struct{ op, document, want string }{
		{"InitiateMultipartUpload", initiate("bucket", "dir/key", "ID"), ""},
		{"InitiateMultipartUpload", initiate("bucket", "dir%2Fkey", "ID"), ""},
		{"InitiateMultipartUpload", initiate("other", "dir/key", "ID"), ""},
		{"InitiateMultipartUpload", initiate("bucket", "other", "ID"), "about bucket"},
		{"InitiateMultipartUpload", initiate("bucket", "dir/key", ""), "without an upload ID"},
		{"CompleteMultipartUpload", "<CompleteMultipartUploadResult><Bucket>bucket</Bucket><Key>other</Key></CompleteMultipartUploadResult>", "about bucket"},
		{"CopyObject", "<CopyObjectResult></CopyObjectResult>", "without an ETag"},
		{"ListParts", parts("UPLOADID", part("1", "0")+part("10000", "5")), ""},
		{"ListParts", parts("OTHER", ""), "another upload"},
		{"ListParts", parts("UPLOADID", part("0", "5")), "part 0"},
		{"ListParts", parts("UPLOADID", part("10001", "5")), "part 10001"},
		{"ListParts", parts("UPLOADID", part("2", "5")+part("2", "5")), "part 2 after part 2"},
		{"ListParts", parts("UPLOADID", part("1", "-1")), "-1 bytes"},
		{"ListParts", parts("UPLOADID", part("1", "9223372036854775808")), "is invalid"},
		{"ListParts", parts("UPLOADID", truncated), "the next page begins after part 0"},
		{"ListParts", parts("UPLOADID", truncated+"<NextPartNumberMarker>1</NextPartNumberMarker>"+part("1", "5")), "part 1 after part 1"},
		{"ListMultipartUploads", uploads("bucket", ""), ""},
		{"ListMultipartUploads", uploads("other", ""), ""},
		{"ListMultipartUploads", uploads("bucket", "<EncodingType>rot13</EncodingType>"), "rot13"},
		{"ListMultipartUploads", uploads("bucket", "<EncodingType>url</EncodingType><Upload><Key>%zz</Key></Upload>"), "%zz"},
		{"ListMultipartUploads", uploads("bucket", truncated), "no valid next page"},
		{"ListMultipartUploads", uploads("bucket", truncated+"<NextKeyMarker>dir/key</NextKeyMarker><NextUploadIdMarker>A</NextUploadIdMarker>"), "no valid next page"},
		{"ListMultipartUploads", `<?xml version="1.0" encoding="latin-1"?>` + uploads("bucket", ""), "is invalid"},
	} {
		c := fakeOSS(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Oss-Request-Id", "REQ")
			_, _ = io.WriteString(w, tt.document)
		})
		for _, op := range operations {
			if op.name != tt.op {
				continue
			}
			err := op.call(t.Context(), c)
			if tt.want == "" {
				if err != nil {
					t.Errorf("%s: %v", tt.document, err)
				}
				continue
			}
			if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.HasSuffix(err.Error(), "(request ID REQ)") {
				t.Errorf("%s: %v", tt.document, err)
			}
		}
	}
}

// A server that always returns a new page does not keep the client busy forever.
func TestListMultipartUploads_neverEnds(t *testing.T) {
	t.Log("FAULT F60: a list of uploads that never ends")
	n := 0
	c := fakeOSS(t, func(w http.ResponseWriter, _ *http.Request) {
		n++
		fmt.Fprintf(w, "<ListMultipartUploadsResult><Bucket>bucket</Bucket><IsTruncated>true</IsTruncated>"+
			"<NextKeyMarker>dir/key</NextKeyMarker><NextUploadIdMarker>%d</NextUploadIdMarker></ListMultipartUploadsResult>", n)
	})
	if _, err := c.ListMultipartUploads(t.Context(), object); err == nil || n != maxUploadsPages {
		t.Errorf("%v after %d pages", err, n)
	}
}

func TestAnswer_tooLarge(t *testing.T) {
	t.Log("FAULT F60: an answer that never ends")
	c := fakeOSS(t, func(w http.ResponseWriter, _ *http.Request) {
		for block := bytes.Repeat([]byte("<Part/>"), 10_000); ; {
			if _, err := w.Write(block); err != nil {
				return
			}
		}
	})
	_, err := c.ListParts(t.Context(), upload)
	var failure *networkError
	if !errors.Is(err, errAnswerTooLarge) || !errors.As(err, &failure) || failure.Transient() {
		t.Errorf("error is %v", err)
	}
}

// A timeout of package net does not look like the caller's deadline.
func TestNetworkError_netTimeout(t *testing.T) {
	_, timeout := net.DialTimeout("tcp", "127.0.0.1:1", time.Nanosecond)
	if runtime.GOOS == "windows" && !errors.Is(timeout, context.DeadlineExceeded) {
		t.Skip("not on Windows")
	}
	if !errors.Is(timeout, context.DeadlineExceeded) {
		t.Fatalf("package net has changed: %v", timeout)
	}
	err := (&request{op: "HeadObject", object: object}).unanswered(t.Context(), timeout)
	if errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v matches the caller's deadline", err)
	}
	mustBeUnknown(t, err)
}

func TestRetryAfter(t *testing.T) {
	for _, tt := range []struct {
		header map[string]string
		want   time.Duration
	}{
		{nil, 0},
		{map[string]string{"Retry-After": "7"}, 7 * time.Second},
		{map[string]string{"Retry-After": "-7"}, 0},
		{map[string]string{"Retry-After": "99999999999999999999"}, 0},
		{map[string]string{"Retry-After": "soon"}, 0},
		{map[string]string{"Retry-After": "Sun, 06 Nov 1994 08:49:37 GMT", "Date": "Sun, 06 Nov 1994 08:49:30 GMT"}, 7 * time.Second},
		{map[string]string{"Retry-After": "Sun, 06 Nov 1994 08:49:37 GMT", "Date": "Sun, 06 Nov 1994 08:50:00 GMT"}, 0},
		{map[string]string{"Retry-After": "Sun, 06 Nov 1994 08:49:37 GMT"}, 0},
		{map[string]string{"X-Oss-Qos-Delay-Time": "1500"}, 1500 * time.Millisecond},
		{map[string]string{"X-Oss-Qos-Delay-Time": "1500", "Retry-After": "1"}, 1500 * time.Millisecond},
	} {
		header := http.Header{}
		for name, value := range tt.header {
			header.Set(name, value)
		}
		if got := retryAfter(header); got != tt.want {
			t.Errorf("%v: %v, want %v", tt.header, got, tt.want)
		}
	}
}

// TestCopyObject_source checks the encoding of a key with a space, a plus and a slash.
func TestCopyObject_source(t *testing.T) {
	var header http.Header
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header = r.Header
		_, _ = io.WriteString(w, `<CopyObjectResult><ETag>"E"</ETag></CopyObjectResult>`)
	}))
	defer server.Close()
	dst := resumable.Destination{Object: resumable.Object{Bucket: "bucket", Key: "a b+c/d%"}, ACL: "private", ForbidOverwrite: true}
	if _, err := clientOf(t, server.URL, patient).CopyObject(t.Context(), dst, resumable.CopySource{Object: dst.Object, ETag: "E"}); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"X-Oss-Copy-Source":          "/bucket/a%20b%2Bc%2Fd%25",
		"X-Oss-Copy-Source-If-Match": `"E"`,
		"X-Oss-Metadata-Directive":   "REPLACE",
		"X-Oss-Object-Acl":           "private",
		"Content-Type":               "application/octet-stream",
		"X-Oss-Forbid-Overwrite":     "", // it would forbid the copy itself
	} {
		if got := header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

func TestForbidOverwrite_sent(t *testing.T) {
	dst := destination
	dst.ForbidOverwrite = true
	var sent []string
	c := fakeOSS(t, func(_ http.ResponseWriter, r *http.Request) {
		sent = append(sent, r.Method+" "+r.Header.Get("X-Oss-Forbid-Overwrite"))
	})
	_, _ = c.PutObject(t.Context(), dst, newZeros(1), "md5")
	_, _ = c.InitiateMultipartUpload(t.Context(), dst)
	_, _ = c.CompleteMultipartUpload(t.Context(), resumable.Upload{Destination: dst, UploadID: "ID"}, nil)
	if got := strings.Join(sent, ", "); got != "PUT true, POST true, POST true" {
		t.Errorf("sent %s", got)
	}
}

func TestIsName(t *testing.T) {
	for text, want := range map[string]bool{
		"": true, "NoSuchKey": true, "0015-00000104": true, "a.b_c": true, strings.Repeat("x", 64): true,
		strings.Repeat("x", 65): false, "two words": false, "a\x7f": false, "a\u0080": false, "größe": false, "a/b": false,
	} {
		if got := isName(text); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}

func TestExcerpt(t *testing.T) {
	for text, want := range map[string]string{"": "", "abcd": "abcd", "abcde": "abcd…", "abcü": "abc…", "a\x1b[2J": `a\x1b[2…`} {
		if got := excerpt(text, 4); got != want {
			t.Errorf("%q: %q", text, got)
		}
	}
}
