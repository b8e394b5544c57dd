// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package credentials

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/ossclient"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/ststest"
)

// Requests to the metadata service have a token, which the server checks, and do not use
// a proxy.
func TestECSRole(t *testing.T) {
	for _, role := range []string{"ecs-role", ""} {
		m := ststest.StartMetadata(t, "ecs-role")
		p := New(Config{ECSRoleName: role, metadata: m.URL})
		if role == "" { // a profile of mode EcsRamRole
			p = newCache(&metadataSource{base: m.URL})
		}
		mustBe(t, p, ossclient.Credentials{AccessKeyID: "STS.canary-ecs-1", AccessKeySecret: "canary-ecs-secret", SecurityToken: "canary-ecs-token"})
		if got := lifetime(t, p); got != 6*time.Hour {
			t.Errorf("valid for %v", got)
		}
		newest(t, p)
		newest(t, p)
		if m.Asked() != 2 {
			t.Errorf("%d requests", m.Asked())
		}
	}
}

func TestECSRole_fails(t *testing.T) {
	m := ststest.StartMetadata(t, "ecs-role")
	mustFail(t, New(Config{ECSRoleName: "other", metadata: m.URL}), `ecs_role_name "other":`, "the instance does not have this role")
	mustFail(t, New(Config{ECSRoleName: "ecs-role", metadata: "http://127.0.0.1:1"}), `ecs_role_name "ecs-role":`,
		"no answer from the instance metadata service", "exists on ECS instances only")

	old := httptest.NewServer(http.NotFoundHandler())
	defer old.Close()
	mustFail(t, New(Config{ECSRoleName: "ecs-role", metadata: old.URL}), `ecs_role_name "ecs-role":`, "answered 404", "IMDSv2")
}

func TestCredentialsURI(t *testing.T) {
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		if r.Method != http.MethodGet || r.URL.String() != "/path?token=canary" {
			t.Errorf("asked %s %s", r.Method, r.URL)
		}
		_, _ = fmt.Fprintf(w, `{"Code":"Success","AccessKeyId":"id%d","AccessKeySecret":"s","SecurityToken":"t","Expiration":%q}`,
			asked, time.Now().Add(time.Hour).UTC().Format(time.RFC3339))
	}))
	defer server.Close()
	p := New(Config{URI: server.URL + "/path?token=canary"})
	mustBe(t, p, numbered(1))
	if got := lifetime(t, p); got != time.Hour {
		t.Errorf("valid for %v", got)
	}
	newest(t, p)
	mustBe(t, p, numbered(2))
}

func TestCredentialsURI_answers(t *testing.T) {
	for name, tt := range map[string]struct {
		status int
		answer string
		says   string // part of the error; "" for success
		asked  int
	}{
		"no code":     {200, `{"AccessKeyId":"id1","AccessKeySecret":"s","SecurityToken":"t"}`, "", 1},
		"other code":  {200, `{"Code":"Failed","AccessKeySecret":"canary"}`, "answered with the code Failed", 1},
		"no id":       {200, `{"Code":"Success","AccessKeySecret":"canary"}`, "has no AccessKeyId", 1},
		"no secret":   {200, `{"Code":"Success","AccessKeyId":"canary"}`, "has no AccessKeySecret", 1},
		"neither":     {200, `{"SecurityToken":"canary"}`, "has no AccessKeyId and no AccessKeySecret", 1},
		"not JSON":    {200, `AccessKeyId=canary`, "is not JSON", 1},
		"refused":     {403, `canary`, "answered 403", 1},
		"unavailable": {503, `canary`, "answered 503", tries},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			asked := 0
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				asked++
				w.WriteHeader(tt.status)
				_, _ = io.WriteString(w, tt.answer)
			}))
			defer server.Close()
			p := New(Config{URI: server.URL + "/?token=canary"})
			if tt.says == "" {
				mustBe(t, p, numbered(1))
				if got := lifetime(t, p); got != unknownLifetime {
					t.Errorf("valid for %v", got)
				}
			} else {
				mustFail(t, p, "credentials_uri "+server.URL+":", tt.says)
			}
			if asked != tt.asked {
				t.Errorf("%d requests", asked)
			}
		})
	}
	for uri, says := range map[string]string{
		"http://127.0.0.1:1/canary": "no answer from the service",
		"canary":                    "its value must be a URL",
		"http://%zz/canary":         "its value must be a URL",
	} {
		again := mustFail(t, New(Config{URI: uri}), "credentials_uri", says)
		if want := strings.HasPrefix(uri, "http://127"); again != want {
			t.Errorf("%s: transient is %t", uri, !want)
		}
	}
}
