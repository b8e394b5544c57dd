// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package credentials

import (
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/ossclient"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/ststest"
)

func TestAssumeRole(t *testing.T) {
	sts := startSTS(t)
	p := New(Config{
		Static: key, STSEndpoint: "https://" + sts.Host,
		AssumeRole: &AssumeRole{role, "session", `{"Version":"1"}`, "external", 2 * time.Hour},
	})
	got := lifetime(t, p)
	issued := sts.Issued()
	want := ststest.Request{
		Action: "AssumeRole", RoleARN: role, SessionName: "session", Policy: `{"Version":"1"}`, ExternalID: "external",
		Duration: 2 * time.Hour, AccessKeyID: key.AccessKeyID,
	}
	if len(issued) != 1 || issued[0].Request != want || got != 2*time.Hour {
		t.Fatalf("valid for %v; issued %+v", got, issued)
	}
	mustBe(t, p, credentialsOf(issued[0]))
	if sts.Asked() != 1 {
		t.Errorf("STS received %d requests", sts.Asked())
	}
}

func TestAssumeRole_defaults(t *testing.T) {
	sts := startSTS(t)
	newest(t, New(Config{Static: key, STSEndpoint: sts.Host, AssumeRole: &AssumeRole{RoleARN: role}}))
	if r := sts.Issued()[0].Request; r.SessionName != "terraform" || r.Duration != time.Hour {
		t.Errorf("session %q for %v", r.SessionName, r.Duration)
	}
}

// A temporary key can assume a role, and a role another role.
func TestAssumeRole_chain(t *testing.T) {
	sts := startSTS(t)
	temporary := ossclient.Credentials{AccessKeyID: "STS.mine", AccessKeySecret: "canary", SecurityToken: "canary-token"}
	sts.Keys["STS.mine"] = ststest.Key{ID: "STS.mine", Secret: "canary", Token: "canary-token"}
	newest(t, New(Config{Static: temporary, STSEndpoint: sts.Host, AssumeRole: &AssumeRole{RoleARN: role}}))

	token := filepath.Join(t.TempDir(), "token")
	writeFile(t, token, "jwt-1")
	sts.OIDCTokens["jwt-1"] = true
	newest(t, New(Config{
		OIDC:        &OIDC{AssumeRole: AssumeRole{RoleARN: role}, ProviderARN: "arn", TokenFile: token},
		STSEndpoint: sts.Host, AssumeRole: &AssumeRole{RoleARN: otherRole},
	}))
	issued := sts.Issued()
	if len(issued) != 3 || issued[2].Request.AccessKeyID != issued[1].ID || issued[2].Request.RoleARN != otherRole {
		t.Errorf("issued %+v", issued)
	}
}

// If STS refuses the credentials that assume a role, they are renewed.
func TestAssumeRole_baseExpired(t *testing.T) {
	sts := startSTS(t)
	m := ststest.StartMetadata(t, "ecs-role")
	knownToSTS := 2
	sts.Refuse = func(int) *ststest.Refusal {
		sts.Keys[fmt.Sprintf("STS.canary-ecs-%d", knownToSTS)] = ststest.Key{
			ID: fmt.Sprintf("STS.canary-ecs-%d", knownToSTS), Secret: "canary-ecs-secret", Token: "canary-ecs-token",
		}
		if m.Asked() < knownToSTS {
			return &ststest.Refusal{Status: 400, Code: "InvalidSecurityToken.Expired", Message: "expired"}
		}
		return nil
	}
	newest(t, New(Config{ECSRoleName: "ecs-role", metadata: m.URL, STSEndpoint: sts.Host, AssumeRole: &AssumeRole{RoleARN: role}}))
	if m.Asked() != 2 {
		t.Errorf("the metadata service received %d requests", m.Asked())
	}
}

// 64 concurrent callers cause one request.
func TestAssumeRole_concurrent(t *testing.T) {
	sts := startSTS(t)
	p := New(Config{Static: key, STSEndpoint: sts.Host, AssumeRole: &AssumeRole{RoleARN: role}})
	for round := 1; round <= 3; round++ {
		var wait sync.WaitGroup
		for range 64 {
			wait.Go(func() {
				if _, err := p.Credentials(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		if sts.Asked() != round {
			t.Fatalf("STS received %d requests in round %d", sts.Asked(), round)
		}
		newest(t, p)
	}
}

func TestOIDC_tokenFileIsReadAgain(t *testing.T) {
	// The SDK would use these instead.
	t.Setenv("ALIBABA_CLOUD_OIDC_TOKEN", "other")
	t.Setenv("ALIBABA_CLOUD_OIDC_TOKEN_FILE", "other")
	t.Setenv("ALIBABA_CLOUD_ROLE_ARN", otherRole)
	sts := startSTS(t)
	token := filepath.Join(t.TempDir(), "token")
	p := New(Config{
		OIDC:        &OIDC{AssumeRole{RoleARN: role, SessionName: "ci", Policy: "{}", Expiration: 15 * time.Minute}, "acs:ram::1:oidc-provider/ci", "", token},
		STSEndpoint: sts.Host,
	})
	for n := range 3 {
		sts.OIDCTokens = map[string]bool{fmt.Sprintf("jwt-%d", n): true}
		writeFile(t, token, fmt.Sprintf("jwt-%d\n", n))
		newest(t, p)
	}
	want := ststest.Request{
		Action: "AssumeRoleWithOIDC", RoleARN: role, SessionName: "ci", Policy: "{}", Duration: 15 * time.Minute,
		ProviderARN: "acs:ram::1:oidc-provider/ci", OIDCToken: "jwt-2",
	}
	if issued := sts.Issued(); len(issued) != 3 || issued[2].Request != want {
		t.Errorf("issued %+v", issued)
	}
	sts.OIDCTokens["literal"] = true
	newest(t, New(Config{OIDC: &OIDC{AssumeRole{RoleARN: role}, "arn", "literal", "/does/not/exist"}, STSEndpoint: sts.Host}))
}

func TestOIDC_fails(t *testing.T) {
	sts := startSTS(t)
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "empty"), "\n")
	writeFile(t, filepath.Join(dir, "old"), "canary.jwt.old")
	for file, says := range map[string]string{
		"none":  "cannot use oidc_token_file",
		"empty": "is empty",
		"old":   "AuthenticationFail.OIDCToken.Expired: This JSON Web Token has expired",
	} {
		p := New(Config{OIDC: &OIDC{AssumeRole{RoleARN: role}, "arn", "", filepath.Join(dir, file)}, STSEndpoint: sts.Host})
		mustFail(t, p, "assume_role_with_oidc of "+role+":", says)
	}
}

func TestAssumeRole_refused(t *testing.T) {
	refuse := func(status int, code, message string) func(*ststest.STS) {
		return func(s *ststest.STS) {
			s.Refuse = func(int) *ststest.Refusal { return &ststest.Refusal{Status: status, Code: code, Message: message} }
		}
	}
	answer := func(document string) func(*ststest.STS) {
		return func(s *ststest.STS) {
			s.Answer = func(any) any { return rawJSON(document) }
		}
	}
	for name, tt := range map[string]struct {
		change func(*ststest.STS)
		says   string
		asked  int
	}{
		"not allowed":     {refuse(403, "NoPermission", "You are not authorized."), "STS answered NoPermission: You are not authorized. (request ID STS-REQUEST)", 1},
		"no such role":    {func(s *ststest.STS) { delete(s.Roles, role) }, "EntityNotExist.Role", 1},
		"no such key":     {func(s *ststest.STS) { delete(s.Keys, key.AccessKeyID) }, "InvalidAccessKeyId.NotFound", 1},
		"wrong secret":    {func(s *ststest.STS) { s.Keys[key.AccessKeyID] = ststest.Key{ID: key.AccessKeyID, Secret: "other"} }, "SignatureDoesNotMatch: the AccessKey secret does not belong to the AccessKey ID", 1},
		"throttled":       {refuse(429, "Throttling.User", "slow"), "Throttling.User", tries},
		"repeats the key": {refuse(400, "X", "for "+key.AccessKeyID+" and "+key.AccessKeySecret), "X: for (credentials) and (credentials)", 1},
		"no credentials":  {answer(`{"RequestId":"1"}`), "not an answer from STS", tries},
		"no expiration":   {answer(`{"Credentials":{"AccessKeyId":"canary","AccessKeySecret":"canary","SecurityToken":"canary"}}`), "not an answer from STS", tries},
		"half a set":      {answer(`{"Credentials":{"AccessKeyId":"canary","AccessKeySecret":"canary"}}`), "not an answer from STS", tries},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sts := startSTS(t)
			tt.change(sts)
			mustFail(t, New(Config{Static: key, STSEndpoint: sts.Host, AssumeRole: &AssumeRole{RoleARN: role}}), "assume_role of "+role+":", tt.says)
			if sts.Asked() != tt.asked {
				t.Errorf("%d requests, want %d", sts.Asked(), tt.asked)
			}
		})
	}
}

type rawJSON string

func (r rawJSON) MarshalJSON() ([]byte, error) { return []byte(r), nil }

// If another server answers, or none, the error says so. It does not contain the URL,
// which may contain a token.
func TestAssumeRole_elsewhere(t *testing.T) {
	page := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusBadGateway)
		_, _ = io.WriteString(w, "<html>"+r.URL.String()+"canary</html>")
	}))
	page.Config.ErrorLog = log.New(io.Discard, "", 0)
	page.StartTLS()
	t.Cleanup(page.Close)
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	untrusted := "example.org" + page.URL[strings.LastIndexByte(page.URL, ':'):]
	proxy := forward(t, strings.TrimPrefix(page.URL, "https://"))
	temporary := ossclient.Credentials{AccessKeyID: "canary", AccessKeySecret: "canary", SecurityToken: "canary-token"}
	for name, tt := range map[string]struct {
		cfg  Config
		says string
	}{
		"a page":    {Config{STSEndpoint: page.URL}, "not an answer from STS"},
		"no server": {Config{STSEndpoint: closed.Addr().String()}, "no answer from STS: dial tcp"},
		"untrusted": {Config{STSEndpoint: untrusted, Proxy: proxy.url}, "no answer from STS: tls: failed to verify certificate"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tt.cfg.Static, tt.cfg.AssumeRole = temporary, &AssumeRole{RoleARN: role}
			again := mustFail(t, New(tt.cfg), "assume_role of "+role+":", tt.says)
			if !again {
				t.Error("the error is transient")
			}
		})
	}
}

func TestAssumeRole_throughAProxy(t *testing.T) {
	sts := startSTS(t)
	proxy := forward(t, sts.Host)
	newest(t, New(Config{Static: key, STSEndpoint: "sts.example.com", Proxy: proxy.url, AssumeRole: &AssumeRole{RoleARN: role}}))
	if proxy.connects.Load() != 1 {
		t.Errorf("%d connections through the proxy", proxy.connects.Load())
	}
}

// proxy is a proxy that connects every request to the same address.
type proxy struct {
	url      *url.URL
	connects atomic.Int32
}

func forward(t *testing.T, address string) *proxy {
	t.Helper()
	p := &proxy{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodConnect {
			t.Errorf("%s %s through the proxy", r.Method, r.URL)
			return
		}
		p.connects.Add(1)
		to, err := net.Dial("tcp", address)
		if err != nil {
			t.Error(err)
			return
		}
		from, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = io.WriteString(from, "HTTP/1.1 200 OK\r\n\r\n")
		go func() { _, _ = io.Copy(to, from); _ = to.Close() }()
		_, _ = io.Copy(from, to)
		_ = from.Close()
	}))
	t.Cleanup(server.Close)
	p.url, _ = url.Parse(server.URL)
	return p
}

func TestSTSEndpoint(t *testing.T) {
	for _, tt := range []struct {
		cfg  Config
		want string
	}{
		{Config{}, "sts.aliyuncs.com"},
		{Config{Region: "cn-hangzhou"}, "sts.cn-hangzhou.aliyuncs.com"},
		{Config{Region: "oss-eu-central-1"}, "sts.eu-central-1.aliyuncs.com"},
		{Config{Region: "cn-hangzhou", STSEndpoint: "sts-vpc.cn-beijing.aliyuncs.com"}, "sts-vpc.cn-beijing.aliyuncs.com"},
		{Config{STSEndpoint: "https://sts.aliyuncs.com/"}, "https://sts.aliyuncs.com/"},
	} {
		if got := tt.cfg.sts().host; got != tt.want {
			t.Errorf("%q and %q: got %s, want %s", tt.cfg.STSEndpoint, tt.cfg.Region, got, tt.want)
		}
	}
}

// The endpoint of STS must be a host with https. Nothing is sent to an invalid one, and
// errors do not contain it.
func TestSTSEndpoint_refused(t *testing.T) {
	sts := startSTS(t)
	for endpoint, says := range map[string]string{
		"http://" + sts.Host:                  "must have the scheme https",
		"ftp://" + sts.Host:                   "must have the scheme https",
		"user:canary@" + sts.Host:             "must not contain a user name or password",
		"https://user:canary@" + sts.Host:     "must not contain a user name or password",
		sts.Host + "/canary":                  "must not contain a path",
		sts.Host + "?canary":                  "must not contain a query or fragment",
		"https://" + sts.Host + "/?canary":    "must not contain a query or fragment",
		sts.Host + "#canary":                  "must not contain a query or fragment",
		"sts.example.com:canary":              "must be a host",
		"sts.example.com:99999":               "port must be a number from 1 to 65535",
		"sts example":                         "must be a host",
		"sts_canary.example.com":              "host must be a DNS name",
		"https://":                            "host must be a DNS name",
		sts.Host + "\r\nHost: canary.example": "must be a host",
	} {
		if err := CheckSTSEndpoint(endpoint); err == nil || !strings.HasPrefix(err.Error(), says) {
			t.Errorf("%q: %v", endpoint, err)
		}
		for _, cfg := range []Config{
			{Static: key, AssumeRole: &AssumeRole{RoleARN: role}},
			{OIDC: &OIDC{AssumeRole: AssumeRole{RoleARN: role}, ProviderARN: "arn", Token: "canary"}},
		} {
			cfg.STSEndpoint = endpoint
			mustFail(t, New(cfg), "", "the endpoint of STS "+says)
		}
	}
	if sts.Asked() > 0 {
		t.Errorf("STS received %d requests", sts.Asked())
	}
}

// Printing a struct with secrets does not show them.
func TestConfig_neverShown(t *testing.T) {
	cfg := Config{Static: key, OIDC: &OIDC{Token: "canary"}, URI: "http://canary"}
	p := New(Config{Static: key})
	mustBe(t, p, key)
	text := fmt.Sprintf("%v %+v %#v %v %+v %#v %v %+v", cfg, cfg, &cfg, p, p, p, struct{ P any }{p}, *cfg.OIDC)
	if strings.Contains(text, "canary") {
		t.Errorf("contains a secret: %s", text)
	}
}

func writeFile(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
