// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package ossclient

import (
	"net/http"
	"strings"
	"testing"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
)

// Every request has the header x-oss-request-payer if it is configured.
func TestRequestPayer(t *testing.T) {
	for _, version := range []string{"v4", "v1"} {
		for _, payer := range []string{"requester", ""} {
			for _, op := range operations {
				if version == "v1" && strings.Contains(op.name, "Retention") {
					continue // not sent under V1
				}
				requests := 0
				c := over(clientFor(t, Config{RequestPayer: payer, SignVersion: version}, patient), roundTripFunc(func(r *http.Request) (*http.Response, error) {
					requests++
					if got := r.Header.Get("X-Oss-Request-Payer"); got != payer {
						t.Errorf("%s, %s: %q, want %q", op.name, version, got, payer)
					}
					return &http.Response{StatusCode: 403, Header: http.Header{}, Body: http.NoBody, Request: r}, nil
				}), patient)
				if err := op.call(t.Context(), c); err == nil || requests == 0 {
					t.Errorf("%s: %d requests, %v", op.name, requests, err)
				}
			}
		}
	}
}

func TestRequestPayer_signed(t *testing.T) {
	for _, version := range []string{"v4", "v1"} {
		server := startServer(t)
		server.RequesterPays(bucketName)
		server.AddCredential(osstest.Credential{AccessKeyID: "guest", AccessKeySecret: "secret", Guest: true})
		for payer, passes := range map[string]bool{"requester": true, "": false} {
			c := clientFor(t, Config{
				Endpoint: server.URL(), SignVersion: version, RequestPayer: payer,
				Credentials: Static(Credentials{AccessKeyID: "guest", AccessKeySecret: "secret"}),
			}, patient)
			dst := destination
			dst.Bucket = bucketName
			up, err := c.InitiateMultipartUpload(t.Context(), dst)
			if (err == nil) != passes {
				t.Fatalf("%s, %q: %v", version, payer, err)
			}
			if passes {
				if _, err := c.UploadPart(t.Context(), up, 1, strings.NewReader("part")); err != nil {
					t.Errorf("%s: %v", version, err)
				}
			} else if !strings.Contains(err.Error(), "EC 0003-00000703") {
				t.Errorf("%s: %v", version, err)
			}
		}
	}
}

func TestNew_requestPayer(t *testing.T) {
	_, err := New(Config{Region: "cn-hangzhou", Credentials: Static(Credentials{}), RequestPayer: "Requester"})
	if err == nil || !strings.HasPrefix(err.Error(), "request_payer: ") {
		t.Error(err)
	}
}
