// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package credentials

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

const secretOfFuzz = "canary0123456789secret"

// answers are the answers of services and programs that seed the fuzz tests.
var answers = []string{
	`{"Code":"Success","AccessKeyId":"id1","AccessKeySecret":"` + secretOfFuzz + `","SecurityToken":"t","Expiration":"2999-01-01T00:00:00Z"}`,
	`{"Credentials":{"AccessKeyId":"id1","AccessKeySecret":"s","SecurityToken":"t","Expiration":"2999-01-01T00:00:00Z"}}`,
	`{"mode":"StsToken","access_key_id":"id1","access_key_secret":"` + secretOfFuzz + `","sts_token":"t","expiration":"2999-01-01T00:00:00Z"}`,
	`{"mode":"StsToken","access_key_id":"id1","access_key_secret":"` + secretOfFuzz + `"}`,
	`{"Code":"NoPermission","Message":"for ` + secretOfFuzz + `","RequestId":"R"}`,
	`{"Code":"` + secretOfFuzz + `"}`, `{"error":"invalid_grant"}`, `{"ErrorCode":"X","RequestId":"\u001b[2J"}`,
	`{"AccessKeyId":"","AccessKeySecret":"` + secretOfFuzz + `"}`, `{"AccessKeyId":["` + secretOfFuzz + `"]}`, `{"Credentials":null}`, `{"Credentials":[]}`,
	"", "null", "[]", `"` + secretOfFuzz + `"`, secretOfFuzz, "\xff", "{", `{"a":` + strings.Repeat("[", 99),
}

// mustBeLease checks a lease or an error, which must not contain a secret.
func mustBeLease(t *testing.T, got lease, err error, mayNotSay string) {
	t.Helper()
	if err == nil {
		if got.AccessKeyID == "" || got.AccessKeySecret == "" || got.expires.IsZero() {
			t.Errorf("incomplete credentials, valid until %v", got.expires)
		}
		return
	}
	if _, ok := errors.AsType[*Error](err); !ok || !errors.Is(err, resumable.ErrNoCredentials) {
		t.Fatalf("error is %v", err)
	}
	text := err.Error()
	if strings.Contains(text, mayNotSay) || len(text) > 2000 || strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r >= 0x7f && r < 0xa0 }) {
		t.Errorf("error is %q", text)
	}
}

func FuzzSession(f *testing.F) {
	for _, answer := range answers {
		f.Add(answer)
	}
	f.Fuzz(func(t *testing.T, answer string) {
		got, err := parseSession("m", "the service", []byte(answer))
		if !strings.Contains(answer, `"Code"`) && !strings.Contains(strings.ToLower(answer), "code") {
			mustBeLease(t, got, err, secretOfFuzz)
		}
		mustBeLease(t, got, err, "\x00")
	})
}

func FuzzProcessCommandOutput(f *testing.F) {
	for _, answer := range answers {
		f.Add(answer)
	}
	f.Fuzz(func(t *testing.T, output string) {
		got, err := parsePrinted("process_command", "the output of the program", []byte(output))
		mustBeLease(t, got, err, secretOfFuzz)
	})
}

// FuzzSTS checks answers of STS with any status and body.
func FuzzSTS(f *testing.F) {
	for i, answer := range answers {
		f.Add([]int{200, 400, 403, 503, 302}[i%5], answer)
		f.Add(200, answer)
	}
	var status int
	var answer string
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, answer)
	}))
	f.Cleanup(server.Close)
	key := key
	key.AccessKeySecret = secretOfFuzz
	f.Fuzz(func(t *testing.T, s int, text string) {
		if s < 200 || s > 999 || s == 204 || s == 304 {
			return
		}
		status, answer = s, text
		query, form := common("AssumeRole"), url.Values{}
		sign(query, form, key)
		got, err := sts{host: server.URL}.session(t.Context(), "m", query, form, AssumeRole{}, key)
		mustBeLease(t, got, err, secretOfFuzz)
		if err == nil && (s != 200 || !json.Valid([]byte(text))) {
			t.Errorf("status %d, %q gave credentials", s, text)
		}
	})
}

func FuzzSplitCommand(f *testing.F) {
	for _, command := range []string{`a b`, `'a b' "c d"`, `a\ b`, `"`, `\`, `''`, "\t\n", `C:\Program\x.exe y`} {
		f.Add(command, true)
		f.Add(command, false)
	}
	f.Fuzz(func(t *testing.T, command string, windows bool) {
		words, err := splitCommand(command, windows)
		if err == nil && (len(words) == 0 || words[0] == "") || err != nil && words != nil {
			t.Errorf("%q: %q, %v", command, words, err)
		}
	})
}
