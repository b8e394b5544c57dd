// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package osstest

import (
	"errors"
	"net/http"
	"testing"
)

// TestSignatures compares computed signatures with signatures from other
// sources.
func TestSignatures(t *testing.T) {
	// From the SDK v1 tests, TestAuthV4Header*.
	const (
		v4Target = "http://bucket.oss-cn-hangzhou.aliyuncs.com/1234%2B-/123/1.txt?%2Bparam1=value3&%2Bparam2&param1=value1&param2&%7Cparam1=value4&%7Cparam2"
		v4Scheme = "OSS4-HMAC-SHA256 Credential=ak/"
	)
	v4Header := func(date, more string, values ...string) http.Header {
		h := http.Header{
			"X-Oss-Head1": {"value"}, "Abc": {"value"}, "Zabc": {"value"}, "Xyz": {"value"}, "Content-Type": {"text/plain"},
			"X-Oss-Content-Sha256": {"UNSIGNED-PAYLOAD"}, "X-Oss-Date": {date},
			"Authorization": {v4Scheme + date[:8] + "/cn-hangzhou/oss/aliyun_v4_request" + more},
		}
		for i := 0; i < len(values); i += 2 {
			h.Set(values[i], values[i+1])
		}
		return h
	}
	for _, test := range []struct {
		name, method, target, secret string
		header                       http.Header
	}{
		{
			name: "V4 header", method: "PUT", target: v4Target, secret: "sk",
			header: v4Header("20231216T162057Z", ",Signature=e21d18daa82167720f9b1047ae7e7f1ce7cb77a31e8203a7d5f4624fa0284afe"),
		},
		{
			name: "V4 header with a token", method: "PUT", target: v4Target, secret: "sk",
			header: v4Header("20231217T034736Z", ",Signature=b94a3f999cf85bcdc00d332fbd3734ba03e48382c36fa4d5af5df817395bd9ea",
				"x-oss-security-token", "token"),
		},
		{
			name: "V4 header with additional headers", method: "PUT", target: v4Target, secret: "sk",
			header: v4Header("20231216T172512Z", ",AdditionalHeaders=abc;zabc,Signature=4a4183c187c07c8947db7620deb0a6b38d9fbdd34187b6dbaccb316fa251212f"),
		},
		{
			// From the SDK v1 tests, TestAuthV1Query.
			name: "V1 URL", method: "GET", secret: "sk",
			target: "http://bucket.oss-cn-hangzhou.aliyuncs.com/key?Expires=1699807420&OSSAccessKeyId=ak&Signature=dcLTea%2BYh9ApirQ8o8dOPqtvJXQ%3D&versionId=versionId",
		},
		{
			name: "V1 URL with a token", method: "GET", secret: "sk",
			target: "http://bucket.oss-cn-hangzhou.aliyuncs.com/key%2B123?Expires=1699808204&OSSAccessKeyId=ak&Signature=jzKYRrM5y6Br0dRFPaTGOsbrDhY%3D&security-token=token&versionId=versionId",
		},
		{
			// The example of the API page "Include signatures in the Authorization header".
			name: "V1 header", method: "PUT", secret: "OtxrzxIsfpFjA7SwPzILwy8Bw21TLhquhboDYROV",
			target: "http://oss-example.oss-cn-hangzhou.aliyuncs.com/nelson",
			header: http.Header{
				"Content-Md5": {"ODBGOERFMDMzQTczRUY3NUE3NzA5QzdFNUYzMDQxNEM="}, "Content-Type": {"text/html"},
				"Date": {"Thu, 17 Nov 2005 18:49:58 GMT"}, "X-Oss-Magic": {"abracadabra"}, "X-Oss-Meta-Author": {"foo@bar.com"},
				"Authorization": {"OSS 44CF9590006BF252F707:26NBxoKdsyly4EDv6inkoDft/yA="},
			},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, err := New(Config{Dir: t.TempDir()})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = s.Close() }()
			request, err := http.NewRequest(test.method, test.target, nil)
			if err != nil {
				t.Fatal(err)
			}
			if test.header != nil {
				request.Header = test.header
			}
			c, _ := s.newCall(request) // the error is about the parameters, which are not OSS's
			claimed, err := c.claim()
			if err != nil {
				t.Fatal(err)
			}
			if computed, text := claimed.sign(test.secret); computed != claimed.signature {
				t.Errorf("computed %s, want %s, over\n%s", computed, claimed.signature, text)
			}
		})
	}
}

// TestSignatures_additionalHeader tests that a missing additional header is not
// reported as a wrong signature. Source: SDK v2 tests.
func TestSignatures_additionalHeader(t *testing.T) {
	s, err := New(Config{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	for header, missing := range map[string]bool{"Abc": false, "Zabc": true} {
		request, err := http.NewRequest("PUT", "http://bucket.oss-cn-hangzhou.aliyuncs.com/key", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set(header, "value")
		request.Header.Set("x-oss-date", "20231216T172512Z")
		request.Header.Set("x-oss-content-sha256", "UNSIGNED-PAYLOAD")
		request.Header.Set("Authorization", "OSS4-HMAC-SHA256 Credential=ak/20231216/cn-hangzhou/oss/aliyun_v4_request,AdditionalHeaders=abc;host,Signature=0")
		c, err := s.newCall(request)
		if err == nil {
			_, err = c.claim()
		}
		var refused *ossError
		if errors.As(err, &refused) != missing || missing && refused.status != 400 {
			t.Errorf("with %s: %v", header, err)
		}
	}
}
