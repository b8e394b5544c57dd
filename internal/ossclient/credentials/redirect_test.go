// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package credentials

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

// thief answers every request with credentials, in the format of every service, and
// stores the requests.
type thief struct {
	*httptest.Server

	mu  sync.Mutex
	got []string
}

func startThief(t *testing.T) *thief {
	t.Helper()
	stolen := &thief{}
	stolen.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		stolen.mu.Lock()
		defer stolen.mu.Unlock()
		stolen.got = append(stolen.got, fmt.Sprintf("%s %s, Referer %q, Authorization %q, body %q", r.Method, r.URL, r.Referer(), r.Header.Get("Authorization"), body))
		expires := time.Now().Add(time.Hour).UTC().Format(time.RFC3339)
		set := fmt.Sprintf(`"AccessKeyId":"stolen","AccessKeySecret":"s","SecurityToken":"t","Expiration":%q`, expires)
		_, _ = fmt.Fprintf(w, `{"Code":"Success",%s,"Credentials":{%s},"CloudCredential":{%s},"access_token":"a","refresh_token":"r","expires_in":3600}`, set, set, set)
	}))
	t.Cleanup(stolen.Close)
	return stolen
}

func (s *thief) requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.got
}

// serving is a server whose answers to paths that begin with from come from a handler. It
// answers other requests like the metadata service.
func serving(t *testing.T, overTLS bool, from string, answer func(http.ResponseWriter)) (address string) {
	t.Helper()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, from) {
			_, _ = io.WriteString(w, "ecs-role")
			return
		}
		answer(w)
	}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	if overTLS {
		server.StartTLS()
	} else {
		server.Start()
	}
	t.Cleanup(server.Close)
	return server.URL
}

// redirectModes are all methods that send requests, each with the request that is
// answered with a redirect.
var redirectModes = []struct {
	name    string
	overTLS bool
	from    string
	config  func(t *testing.T, server string) Config
}{
	{"assume_role", true, "/", func(_ *testing.T, server string) Config {
		return Config{Static: key, STSEndpoint: server, AssumeRole: &AssumeRole{RoleARN: role}}
	}},
	{"assume_role_with_oidc", true, "/", func(_ *testing.T, server string) Config {
		return Config{OIDC: &OIDC{AssumeRole: AssumeRole{RoleARN: role}, ProviderARN: "arn", Token: "canary-jwt"}, STSEndpoint: server}
	}},
	{"credentials_uri", false, "/", func(_ *testing.T, server string) Config {
		return Config{URI: server + "/path?token=canary"}
	}},
	{"ecs_role_name, token", false, "/latest/api", func(_ *testing.T, server string) Config {
		return Config{ECSRoleName: "ecs-role", metadata: server}
	}},
	{"ecs_role_name, credentials", false, "/latest/meta-data/ram/security-credentials/ecs-role", func(_ *testing.T, server string) Config {
		return Config{ECSRoleName: "ecs-role", metadata: server}
	}},
	{"profile of mode EcsRamRole, name", false, "/latest/meta-data", func(t *testing.T, server string) Config {
		return Config{Profile: &Profile{profileFile(t, fields{"name": "p", "mode": "EcsRamRole"}), "p"}, metadata: server}
	}},
	{"profile of mode RamRoleArn", true, "/", func(t *testing.T, server string) Config {
		return Config{Profile: &Profile{profileFile(t, with(fields{"name": "p", "mode": "RamRoleArn", "ram_role_arn": role}, nil)), "p"}, STSEndpoint: server}
	}},
	{"profile of mode OIDC", true, "/", func(t *testing.T, server string) Config {
		return Config{Profile: &Profile{profileFile(t, fields{
			"name": "p", "mode": "OIDC", "ram_role_arn": role, "oidc_provider_arn": "arn", "oidc_token": "canary-jwt",
		}), "p"}, STSEndpoint: server}
	}},
	{"profile of mode ChainableRamRoleArn", true, "/", func(t *testing.T, server string) Config {
		return Config{Profile: &Profile{profileFile(t, with(fields{"name": "base", "mode": "AK"}, nil),
			fields{"name": "p", "mode": "ChainableRamRoleArn", "source_profile": "base", "ram_role_arn": role}), "p"}, STSEndpoint: server}
	}},
	{"profile of mode CloudSSO", false, "/cloud-credentials", func(t *testing.T, server string) Config {
		return Config{Profile: &Profile{profileFile(t, fields{
			"name": "p", "mode": "CloudSSO", "cloud_sso_sign_in_url": server, "cloud_sso_account_id": "1", "cloud_sso_access_config": "ac-1",
			"access_token": "canary-login", "cloud_sso_access_token_expire": time.Now().Add(time.Hour).Unix(),
		}), "p"}}
	}},
	{"profile of mode OAuth, exchange", false, "/v1/exchange", func(t *testing.T, server string) Config {
		return Config{Profile: &Profile{profileFile(t, oauthFields(time.Now().Add(time.Hour))), "p"}, oauth: server}
	}},
	{"profile of mode OAuth, renewal", false, "/v1/token", func(t *testing.T, server string) Config {
		return Config{Profile: &Profile{profileFile(t, oauthFields(time.Now().Add(-time.Hour))), "p"}, oauth: server}
	}},
}

func oauthFields(expires time.Time) fields {
	return fields{
		"name": "p", "mode": "OAuth", "oauth_site_type": "CN", "oauth_access_token": "canary-access", "oauth_refresh_token": "canary-refresh",
		"oauth_access_token_expire": expires.Unix(),
	}
}

// Redirects are not followed. The other host receives nothing, and the error contains
// only the two hosts.
func TestRedirect_ofCredentials(t *testing.T) {
	for _, mode := range redirectModes {
		for _, status := range []int{300, 301, 302, 303, 305, 307, 308} {
			t.Run(fmt.Sprintf("%s/%d", mode.name, status), func(t *testing.T) {
				t.Parallel()
				stolen := startThief(t)
				server := serving(t, mode.overTLS, mode.from, func(w http.ResponseWriter) {
					w.Header().Set("Location", stolen.URL+"/stolen?token=canary")
					w.WriteHeader(status)
				})
				p := New(mode.config(t, server))
				got, err := p.Credentials(t.Context())
				if requests := stolen.requests(); len(requests) > 0 {
					t.Errorf("the other host got %q", requests)
				}
				if err == nil {
					t.Fatalf("accepted the credentials of %s", got.AccessKeyID)
				}
				says := fmt.Sprintf("%s answered with a redirect (%d) to %s, which the provider does not follow", hostOf(t, server), status, hostOf(t, stolen.URL))
				if again := mustFail(t, p, "", says); again {
					t.Error("the error is transient")
				}
			})
		}
	}
}

// The error contains only the host of a Location, escaped for a terminal.
func TestRedirect_hostileLocation(t *testing.T) {
	for to, says := range map[string]string{
		"":                          "(302), which the provider does not follow",
		"%zz":                       "(302), which the provider does not follow",
		"//\u009b2J.example/canary": "which the provider does not follow",
		"/elsewhere?canary":         "which the provider does not follow",
		"https://user:canary@host.example/canary?canary#canary": "(302) to host.example, which the provider does not follow",
		"//\x1b[2Jcanary/": "no answer from the service: the answer is not HTTP",
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["Location"] = []string{to}
			w.WriteHeader(http.StatusFound)
		}))
		p := New(Config{URI: server.URL})
		mustFail(t, p, "credentials_uri "+server.URL+":", says)
		_, err := p.Credentials(t.Context())
		if strings.ContainsFunc(err.Error(), func(r rune) bool { return r < ' ' || r >= 0x7f && r < 0xa0 }) {
			t.Errorf("%q", err)
		}
		server.Close()
	}
}

func hostOf(t *testing.T, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u.Host
}
