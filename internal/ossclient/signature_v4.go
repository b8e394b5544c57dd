// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package ossclient

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// signerV4 signs the headers of requests, but not their bodies. It is safe for
// concurrent use. Sources: API page "Include a V4 signature in the Authorization
// header"; the SDK, for the header Date instead of x-oss-date.
type signerV4 struct {
	region string
	latest atomic.Pointer[signingKey]
}

// signingKey is the key for all requests of one day with one secret.
type signingKey struct {
	secret, day string
	key         []byte
}

const (
	algorithmV4     = "OSS4-HMAC-SHA256"
	unsignedPayload = "UNSIGNED-PAYLOAD"
)

// sign adds the headers that authenticate req, a request about obj.
func (s *signerV4) sign(req *http.Request, obj resumable.Object, with signingContext) {
	now := time.Now().Add(with.clockOffset).UTC()
	date, day := now.Format(http.TimeFormat), now.Format("20060102")
	req.Header.Set("Date", date)
	req.Header.Set("X-Oss-Content-Sha256", unsignedPayload)
	if with.credentials.SecurityToken != "" {
		req.Header.Set("X-Oss-Security-Token", with.credentials.SecurityToken)
	}

	resource := "/" + obj.Bucket + "/" + strings.ReplaceAll(percent(obj.Key), "%2F", "/")
	canonical := sha256.Sum256([]byte(strings.Join([]string{
		req.Method, resource, req.URL.RawQuery, canonicalHeaders(req.Header), "", unsignedPayload,
	}, "\n")))
	scope := day + "/" + s.region + "/oss/aliyun_v4_request"
	text := strings.Join([]string{algorithmV4, date, scope, hex.EncodeToString(canonical[:])}, "\n")
	signature := mac(s.key(with.credentials.AccessKeySecret, day), text)
	req.Header.Set("Authorization",
		algorithmV4+" Credential="+with.credentials.AccessKeyID+"/"+scope+",Signature="+hex.EncodeToString(signature))
}

// canonicalHeaders returns the headers that a signature must cover, one per line.
func canonicalHeaders(header http.Header) string {
	var text strings.Builder
	for _, name := range slices.Sorted(maps.Keys(header)) {
		if strings.HasPrefix(name, "X-Oss-") || name == "Content-Type" || name == "Content-Md5" {
			text.WriteString(strings.ToLower(name) + ":" + strings.Trim(header.Get(name), " ") + "\n")
		}
	}
	return text.String()
}

func (s *signerV4) key(secret, day string) []byte {
	if latest := s.latest.Load(); latest != nil && latest.secret == secret && latest.day == day {
		return latest.key
	}
	key := []byte("aliyun_v4" + secret)
	for _, step := range []string{day, s.region, "oss", "aliyun_v4_request"} {
		key = mac(key, step)
	}
	s.latest.Store(&signingKey{secret, day, key})
	return key
}

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	_, _ = io.WriteString(h, text)
	return h.Sum(nil)
}
