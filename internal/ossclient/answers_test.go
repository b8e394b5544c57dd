// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package ossclient

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// partsDocument is a page of ListParts. In the last page, next is 0.
func partsDocument(next int, numbers ...int) string {
	var b strings.Builder
	b.WriteString("<ListPartsResult><Bucket>bucket</Bucket><Key>dir%2Fkey</Key><UploadId>UPLOADID</UploadId>")
	fmt.Fprintf(&b, "<IsTruncated>%t</IsTruncated><NextPartNumberMarker>%d</NextPartNumberMarker>", next > 0, next)
	for _, number := range numbers {
		fmt.Fprintf(&b, `<Part><PartNumber>%d</PartNumber><Size>5</Size><ETag>"E%d"</ETag><HashCrc64ecma>%d</HashCrc64ecma></Part>`, number, number, number)
	}
	b.WriteString("</ListPartsResult>")
	return b.String()
}

func numbers(from, to int) (list []int) {
	for n := from; n <= to; n++ {
		list = append(list, n)
	}
	return list
}

// The lengths are around the limits of a page, and the maximum.
func TestListParts_lengths(t *testing.T) {
	t.Log("FAULT F60: 0, 1, 999, 1,000, 1,001, 2,000 and 10,000 parts")
	for length, pages := range map[int]int{0: 1, 1: 1, 999: 1, 1000: 1, 1001: 2, 2000: 2, 10_000: 10} {
		requests := 0
		c := answering(t, func(r *http.Request, _ http.Header) (int, string) {
			requests++
			marker, _ := strconv.Atoi(r.URL.Query().Get("part-number-marker"))
			last := min(marker+1000, length)
			next := 0
			if last < length {
				next = last
			}
			return 200, partsDocument(next, numbers(marker+1, last)...)
		})
		parts, err := c.ListParts(t.Context(), upload)
		if err != nil || len(parts) != length || requests != pages {
			t.Errorf("%d parts: %d after %d requests, %v", length, len(parts), requests, err)
		}
		for i, part := range parts {
			if want := (resumable.StoredPart{Number: i + 1, Size: 5, ETag: fmt.Sprintf("E%d", i+1), CRC64: strconv.Itoa(i + 1)}); part != want {
				t.Fatalf("part %d is %+v", i+1, part)
			}
		}
	}
}

// An invalid list is an error after one or two requests. It never results in a
// shorter list or in endless requests.
func TestListParts_hostile(t *testing.T) {
	t.Log("FAULT F60: truncated XML, endless IsTruncated, unsorted, repeated and impossible parts")
	whole := partsDocument(0, 1, 2, 3)
	documents := map[string]string{
		"truncated, no part":       partsDocument(5),
		"truncated, no marker":     strings.Replace(partsDocument(0), "false", "true", 1),
		"truncated, same marker":   partsDocument(2, 1, 2),
		"truncated, marker behind": partsDocument(1, 1, 2),
		"truncated, marker ahead":  partsDocument(1000, 1, 2),
		"unsorted":                 partsDocument(0, 2, 1),
		"twice":                    partsDocument(0, 1, 2, 2),
		"beyond 10,000":            partsDocument(0, 10_001),
		"negative":                 partsDocument(0, -1),
		"no number":                strings.Replace(whole, "<PartNumber>2</PartNumber>", "", 1),
		"size not a number":        strings.Replace(whole, "<Size>5", "<Size>5e3", 1),
		"size negative":            strings.Replace(whole, "<Size>5", "<Size>-5", 1),
		"size beyond 64 bits":      strings.Replace(whole, "<Size>5", "<Size>9223372036854775808", 1),
		"ETag too long":            strings.Replace(whole, `"E2"`, strings.Repeat("E", 10_000), 1),
		"ETag with a line break":   strings.Replace(whole, "E2", "E\n2", 1),
		"CRC-64 with a space":      strings.Replace(whole, "<HashCrc64ecma>2", "<HashCrc64ecma>2 2", 1),
		"invalid IsTruncated":      strings.Replace(whole, "false", "perhaps", 1),
		"other root":               strings.ReplaceAll(whole, "ListPartsResult", "ListPartsAnswer"),
		"other key":                strings.Replace(whole, "dir%2Fkey", "dir%2Fkey2", 1),
		"other upload":             strings.Replace(whole, "UPLOADID", "OTHER", 1),
		"entity":                   `<!DOCTYPE x [<!ENTITY a "b">]>` + strings.Replace(whole, "E1", "&a;", 1),
		"nested":                   strings.Repeat("<ListPartsResult>", 20_000),
	}
	for cut := range len(whole) {
		documents[fmt.Sprintf("cut after %d bytes", cut)] = whole[:cut]
	}
	for name, document := range documents {
		requests := 0
		c := answering(t, func(*http.Request, http.Header) (int, string) {
			if requests++; requests > 10 {
				return 404, ""
			}
			return 200, document
		})
		parts, err := c.ListParts(t.Context(), upload)
		most := 1
		if name == "truncated, same marker" { // the second page shows it
			most = 2
		}
		if err == nil || parts != nil || requests > most {
			t.Errorf("%s: %v, %v after %d requests", name, parts, err, requests)
		} else if !resumable.Transient(err) {
			t.Errorf("%s: not transient: %v", name, err)
		}
	}
	if parts, err := answering(t, func(*http.Request, http.Header) (int, string) { return 200, whole }).ListParts(t.Context(), upload); err != nil || len(parts) != 3 {
		t.Errorf("%v, %v", parts, err)
	}
}

// Answers to CompleteMultipartUpload that OSS does not document are errors. They are
// transient if the object may have been stored.
func TestCompleteMultipartUpload_answers(t *testing.T) {
	t.Log("FAULT F63: 200 with an error, empty, HTML, cut, about another object; 203; 500")
	result := "<CompleteMultipartUploadResult><Bucket>bucket</Bucket><Key>dir/key</Key></CompleteMultipartUploadResult>"
	for name, tt := range map[string]struct {
		status   int
		document string
		code     string // of an error of OSS; "" if the outcome is unknown
		again    bool
	}{
		"200, error":          {200, errorXML("InternalError", "x"), "InternalError", true},
		"200, error, padded":  {200, "\n\n   " + errorXML("InternalError", "x"), "InternalError", true},
		"200, empty":          {200, "", "", true},
		"200, blanks":         {200, "   \n", "", true},
		"200, HTML":           {200, "<html><body>Please log in</body></html>", "", true},
		"200, cut":            {200, result[:len(result)-1], "", true},
		"200, another key":    {200, strings.Replace(result, "dir/key", "other", 1), "", true},
		"200, another result": {200, strings.ReplaceAll(result, "Complete", "Initiate"), "", true},
		"203":                 {203, errorXML("CallbackFailed", "x"), "CallbackFailed", false},
		"500":                 {500, errorXML("InternalError", "x"), "InternalError", true},
		"400 InvalidPart":     {400, errorXML("InvalidPart", "x"), "InvalidPart", false},
	} {
		c := answering(t, func(*http.Request, http.Header) (int, string) { return tt.status, tt.document })
		_, err := c.CompleteMultipartUpload(t.Context(), upload, []resumable.StoredPart{{Number: 1, ETag: "A"}})
		var refusal *resumable.ServiceError
		switch {
		case err == nil || resumable.Transient(err) != tt.again:
			t.Errorf("%s: %v", name, err)
		case errors.As(err, &refusal) != (tt.code != "") || refusal != nil && refusal.Code != tt.code:
			t.Errorf("%s: %v", name, err)
		}
	}
}

// UploadPart returns the checksums of OSS unchanged. A part without an ETag is an
// error.
func TestUploadPart_answers(t *testing.T) {
	t.Log("FAULT F64: wrong and missing CRC-64, missing, impossible and wrong ETag")
	for name, tt := range map[string]struct {
		header, value string
		fails         bool
		crc, etag     string // "*" for the correct one
	}{
		"wrong CRC":   {"X-Oss-Hash-Crc64ecma", "1", false, "1", "*"},
		"missing CRC": {"X-Oss-Hash-Crc64ecma", "", false, "", "*"},
		"no ETag":     {"ETag", "", true, "", ""},
		"empty ETag":  {"ETag", `""`, true, "", ""},
		"wrong ETag":  {"ETag", `"0123"`, false, "*", "0123"},
		"long ETag":   {"ETag", strings.Repeat("E", 10_000), true, "", ""},
		"ETag, blank": {"ETag", `"E E"`, true, "", ""},
	} {
		s := newState(t, osstest.Config{})
		s.server.AddRule(osstest.Rule{Op: osstest.UploadPart, Times: 1, Fault: osstest.OverrideHeader(tt.header, tt.value)})
		c := s.client(t, Config{})
		part, err := c.UploadPart(t.Context(), s.upload, 1, strings.NewReader("part 1"))
		if tt.fails {
			var refusal *resumable.ServiceError
			if err == nil || errors.As(err, &refusal) || !resumable.Transient(err) {
				t.Errorf("%s: %+v, %v", name, part, err)
			}
			continue
		}
		want := s.part
		if tt.crc != "*" {
			want.CRC64 = tt.crc
		}
		if tt.etag != "*" {
			want.ETag = tt.etag
		}
		if err != nil || part != want {
			t.Errorf("%s: %+v, %v, want %+v", name, part, err, want)
		}
	}
}

// If OSS answers every request with 503, the number of requests is limited, and the
// error contains the time to wait.
func TestThrottled(t *testing.T) {
	t.Log("FAULT F55: 503 on everything, without a wait, with Retry-After, with x-oss-qos-delay-time; each operation")
	for name, header := range map[string][2]string{
		"no wait":     {"X-None", ""},
		"Retry-After": {"Retry-After", "3"},
		"qos":         {"X-Oss-Qos-Delay-Time", "3000"},
	} {
		for _, op := range operations {
			requests := 0
			c := answering(t, func(_ *http.Request, h http.Header) (int, string) {
				requests++
				h.Set(header[0], header[1])
				return 503, errorXML("ServiceUnavailable", "x")
			})
			err := op.call(t.Context(), c)
			var refusal *resumable.ServiceError
			if !errors.As(err, &refusal) || !resumable.Transient(err) || (refusal.RetryAfter.Seconds() == 3) != (name != "no wait") {
				t.Errorf("%s, %s: %v", op.name, name, err)
			}
			want := 1
			if retriedByTransport[op.name] {
				want = maxTries
			}
			if requests != want {
				t.Errorf("%s, %s: %d requests, want %d", op.name, name, requests, want)
			}
		}
	}
}

// No error and no log line contains secrets, even if the server repeats the request.
// clientOf checks the log.
func TestSecrets(t *testing.T) {
	t.Log("FAULT F85: refusals, HTML and redirects that repeat access key, token, signature and URL, in several spellings; each operation")
	spellings := map[string]func(string) string{
		"as it is": func(s string) string { return s },
		"query":    url.QueryEscape,
		"path":     url.PathEscape,
	}
	for spelling, spell := range spellings {
		for _, secret := range []string{canaries.AccessKeyID, canaries.SecurityToken} {
			if spelling != "as it is" && spell(secret) == secret {
				continue
			}
			for kind, answer := range map[string]func(http.ResponseWriter, *http.Request){
				"message": func(w http.ResponseWriter, _ *http.Request) {
					w.WriteHeader(403)
					_, _ = io.WriteString(w, errorXML("AccessDenied", "who is "+spell(secret)+"?"))
				},
				"code": func(w http.ResponseWriter, _ *http.Request) {
					w.WriteHeader(403)
					_, _ = io.WriteString(w, errorXML("Bad"+spell(secret), "x"))
				},
				"request ID": func(w http.ResponseWriter, _ *http.Request) {
					w.Header().Set("X-Oss-Request-Id", spell(secret))
					w.Header().Set("X-Oss-Ec", spell(secret))
					w.WriteHeader(503)
				},
				"200": func(w http.ResponseWriter, _ *http.Request) {
					w.Header().Set("X-Oss-Request-Id", spell(secret))
					_, _ = io.WriteString(w, "<"+secret+">"+spell(secret))
				},
				"HTML": func(w http.ResponseWriter, _ *http.Request) {
					w.WriteHeader(502)
					_, _ = io.WriteString(w, "<html>"+spell(secret)+"</html>")
				},
				"redirect": func(w http.ResponseWriter, _ *http.Request) {
					w.Header().Set("Location", "https://elsewhere/?t="+spell(secret))
					w.WriteHeader(307)
				},
				"redirect to": func(w http.ResponseWriter, _ *http.Request) {
					w.Header().Set("Location", "https://"+canaries.AccessKeyID+"/")
					w.WriteHeader(307)
				},
				"date": func(w http.ResponseWriter, _ *http.Request) {
					w.Header().Set("Date", spell(secret))
					w.WriteHeader(403)
					_, _ = io.WriteString(w, errorXML(codeSkewed, "x"))
				},
				"bad header": func(w http.ResponseWriter, _ *http.Request) {
					conn, _, _ := http.NewResponseController(w).Hijack()
					_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\n"+spell(secret)+"\r\n\r\n")
					_ = conn.Close()
				},
				"no HTTP": func(w http.ResponseWriter, _ *http.Request) {
					conn, _, _ := http.NewResponseController(w).Hijack()
					_, _ = io.WriteString(conn, spell(secret)+"\r\n\r\n")
					_ = conn.Close()
				},
			} {
				c := fakeOSS(t, answer)
				for _, op := range operations {
					err := op.call(t.Context(), c)
					if err == nil {
						if kind != "200" {
							t.Errorf("%s: no error", op.name)
						}
						continue
					}
					text := fmt.Sprintf("%v %+v %#v", err, err, err)
					if strings.Contains(text, "canary") {
						t.Errorf("%s, %s, %s: %s", op.name, kind, spelling, text)
					}
				}
			}
		}
	}
}

// Keys are sent and returned unchanged, byte for byte.
func TestKeys_byteForByte(t *testing.T) {
	t.Log("FAULT F86: ../x, \\, %2e, +, space, control characters, emoji, NFC and NFD, 1,023 bytes")
	keys := append(slices.Clone(awkwardKeys),
		"../x", `a\b\..\c`, "%2e%2e/%00", "e\u0301", "\u00e9", "~.-_*'()!;:@&=$,/?#[]", "trailing ", "a\u00a0b\u200bc\u202ed", "x.html", "&amp;&#10;<![CDATA[",
	)
	s := newState(t, osstest.Config{})
	c := s.client(t, Config{})
	unreachable := clientFor(t, Config{Endpoint: "http://127.0.0.1:1", Log: slog.New(slog.DiscardHandler)}, patient)
	for _, key := range keys {
		dst := resumable.Destination{Object: resumable.Object{Bucket: bucketName, Key: key}}
		up, err := c.InitiateMultipartUpload(t.Context(), dst)
		if err != nil {
			t.Errorf("%q: %v", key, err)
			continue
		}
		part, err := c.UploadPart(t.Context(), up, 1, strings.NewReader(key))
		if err != nil {
			t.Errorf("%q: %v", key, err)
		}
		open, err := c.ListMultipartUploads(t.Context(), dst.Object)
		if err != nil || len(open) != 1 || open[0].UploadID != up.UploadID {
			t.Errorf("%q: %v, %v", key, open, err)
		}
		if parts, err := c.ListParts(t.Context(), up); err != nil || len(parts) != 1 {
			t.Errorf("%q: %v, %v", key, parts, err)
		}
		if _, err := c.CompleteMultipartUpload(t.Context(), up, []resumable.StoredPart{part}); err != nil {
			t.Errorf("%q: %v", key, err)
		}
		if object, ok := s.server.Object(bucketName, key); !ok || object.Key != key || object.Size != int64(len(key)) {
			t.Errorf("%q: stored as %+v", key, object)
		}
		// An error with the key is one line.
		_, err = unreachable.HeadObject(t.Context(), dst.Object)
		if err == nil || strings.ContainsFunc(err.Error(), unicode.IsControl) {
			t.Errorf("%q: %v", key, err)
		}
	}
}
