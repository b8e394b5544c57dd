// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package credentials

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/ossclient"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/ststest"
)

// fields is a profile in the format of the CLI.
type fields map[string]any

// profileFile writes a configuration file of the CLI.
func profileFile(t *testing.T, profiles ...fields) string {
	t.Helper()
	text, err := json.Marshal(map[string]any{"current": "default", "profiles": profiles, "meta_path": "kept"})
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "config.json")
	writeFile(t, name, string(text))
	return name
}

func with(f fields, more fields) fields {
	all := fields{}
	for _, m := range []fields{{"access_key_id": key.AccessKeyID, "access_key_secret": key.AccessKeySecret}, f, more} {
		maps.Copy(all, m)
	}
	return all
}

func TestProfile_keys(t *testing.T) {
	file := profileFile(t,
		with(fields{"name": "ak", "mode": "AK", "region_id": "cn-beijing"}, nil),
		with(fields{"name": "old", "sts_token": "left over"}, nil), // early versions of the CLI wrote no mode
		with(fields{"name": "sts", "mode": "StsToken", "sts_token": "canary-token"}, nil),
	)
	mustBe(t, New(Config{Profile: &Profile{file, "ak"}}), key)
	mustBe(t, New(Config{Profile: &Profile{file, "old"}}), key)
	temporary := key
	temporary.SecurityToken = "canary-token"
	p := New(Config{Profile: &Profile{file, "sts"}})
	mustBe(t, p, temporary)
	if got := lifetime(t, p); got != unknownLifetime {
		t.Errorf("a token in a file is valid for %v", got)
	}
	if region, err := (Profile{file, "ak"}).Region(); region != "cn-beijing" || err != nil {
		t.Errorf("region %q, %v", region, err)
	}
}

// The token in the file may be renewed during an upload.
func TestProfile_isReadAgain(t *testing.T) {
	file := profileFile(t, with(fields{"name": "sts", "mode": "StsToken", "sts_token": "old"}, nil))
	p := New(Config{Profile: &Profile{file, "sts"}})
	newest(t, p)
	text, _ := os.ReadFile(file)
	writeFile(t, file, strings.Replace(string(text), "old", "new", 1))
	renewed := key
	renewed.SecurityToken = "new"
	mustBe(t, p, renewed)
}

func TestProfile_roles(t *testing.T) {
	sts := startSTS(t)
	m := ststest.StartMetadata(t, "ecs-role")
	for n := range 9 {
		id := fmt.Sprintf("STS.canary-ecs-%d", n)
		sts.Keys[id] = ststest.Key{ID: id, Secret: "canary-ecs-secret", Token: "canary-ecs-token"}
	}
	token := filepath.Join(t.TempDir(), "token")
	writeFile(t, token, "jwt")
	sts.OIDCTokens["jwt"] = true
	file := profileFile(t,
		with(fields{"name": "role", "mode": "RamRoleArn", "ram_role_arn": role, "ram_session_name": "cli", "expired_seconds": 900, "policy": "{}", "external_id": "x"}, nil),
		fields{"name": "ecs", "mode": "EcsRamRole", "ram_role_name": "ecs-role"},
		fields{"name": "oidc", "mode": "OIDC", "ram_role_arn": role, "oidc_provider_arn": "arn", "oidc_token_file": token},
		fields{"name": "chain", "mode": "ChainableRamRoleArn", "source_profile": "role", "ram_role_arn": otherRole},
		fields{"name": "longer", "mode": "ChainableRamRoleArn", "source_profile": "chain", "ram_role_arn": role},
	)
	cfg := Config{STSEndpoint: sts.Host, metadata: m.URL}
	ask := func(name string, assumeRole *AssumeRole) []ststest.Request {
		t.Helper()
		before := len(sts.Issued())
		cfg := cfg
		cfg.Profile, cfg.AssumeRole = &Profile{file, name}, assumeRole
		newest(t, New(cfg))
		var requests []ststest.Request
		for _, issued := range sts.Issued()[before:] {
			requests = append(requests, issued.Request)
		}
		return requests
	}
	roles := func(requests []ststest.Request) (arns []string) {
		for _, r := range requests {
			arns = append(arns, r.RoleARN)
		}
		return arns
	}

	want := ststest.Request{
		Action: "AssumeRole", RoleARN: role, SessionName: "cli", Policy: "{}", ExternalID: "x",
		Duration: 15 * time.Minute, AccessKeyID: key.AccessKeyID,
	}
	if got := ask("role", nil); len(got) != 1 || got[0] != want {
		t.Errorf("RamRoleArn asked %+v", got)
	}
	if got := ask("ecs", nil); len(got) != 0 || m.Asked() != 1 {
		t.Errorf("EcsRamRole asked %+v", got)
	}
	if got := ask("oidc", nil); len(got) != 1 || got[0].OIDCToken != "jwt" {
		t.Errorf("OIDC asked %+v", got)
	}
	for _, tt := range []struct {
		profile string
		above   string
		want    []string
	}{
		{"chain", "", []string{role, otherRole}},
		{"longer", "", []string{role, otherRole, role}},
		{"ecs", role, []string{role}},
		{"chain", role, []string{role, otherRole, role}},
		{"role", otherRole, []string{otherRole}}, // as in alicloud
	} {
		var above *AssumeRole
		if tt.above != "" {
			above = &AssumeRole{RoleARN: tt.above}
		}
		if got := roles(ask(tt.profile, above)); !slices.Equal(got, tt.want) {
			t.Errorf("%s with assume_role %q: assumed %v, want %v", tt.profile, tt.above, got, tt.want)
		}
	}
}

func TestProfile_stsOfItsRegion(t *testing.T) {
	s := &profileSource{cfg: Config{Region: "cn-hangzhou"}}
	for want, e := range map[string]entry{
		"sts.cn-hangzhou.aliyuncs.com":    {},
		"sts.cn-beijing.aliyuncs.com":     {STSRegion: "cn-beijing"},
		"sts-vpc.cn-beijing.aliyuncs.com": {STSRegion: "cn-beijing", VPC: true},
	} {
		if got := s.stsHost(e).host; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	s.cfg.STSEndpoint = "sts.example.com"
	if got := s.stsHost(entry{STSRegion: "cn-beijing"}).host; got != "sts.example.com" {
		t.Errorf("got %s, want sts_endpoint of the provider", got)
	}
}

func TestProfile_cloudSSO(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var asked struct {
			Account string `json:"AccountId"`
			Access  string `json:"AccessConfigurationId"`
		}
		if err := json.NewDecoder(r.Body).Decode(&asked); err != nil || r.URL.Path != "/cloud-credentials" || asked.Account != "1" || asked.Access != "ac-1" {
			t.Errorf("asked %s %+v %v", r.URL, asked, err)
		}
		if r.Header.Get("Authorization") != "Bearer canary-login" {
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = fmt.Fprint(w, `{"ErrorCode":"InvalidAccessToken","RequestId":"R","Token":"canary"}`)
			return
		}
		_, _ = fmt.Fprintf(w, `{"CloudCredential":{"AccessKeyId":"id1","AccessKeySecret":"s","SecurityToken":"t","Expiration":%q}}`, time.Now().Add(time.Hour).UTC().Format(time.RFC3339))
	}))
	defer server.Close()
	sso := func(token string, expires time.Time) Config {
		return Config{Profile: &Profile{profileFile(t, fields{
			"name": "sso", "mode": "CloudSSO", "cloud_sso_sign_in_url": server.URL + "/start/login", "cloud_sso_account_id": "1",
			"cloud_sso_access_config": "ac-1", "access_token": token, "cloud_sso_access_token_expire": expires.Unix(),
		}), "sso"}}
	}
	later := time.Now().Add(time.Hour)
	p := New(sso("canary-login", later))
	mustBe(t, p, numbered(1))
	if got := lifetime(t, p); got != time.Hour {
		t.Errorf("valid for %v", got)
	}
	mustFail(t, New(sso("canary-login", time.Now().Add(-time.Hour))), `profile "sso" of `, "CloudSSO: the login has expired; log in again")
	mustFail(t, New(sso("canary-other", later)), `profile "sso" of `, "CloudSSO answered InvalidAccessToken (request ID R)")
}

// A login is renewed when its token expires. The new tokens are saved, and the rest of the
// file stays unchanged.
func TestProfile_oauth(t *testing.T) {
	access, refresh, renewals := "canary-access", "canary-refresh", 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/v1/exchange":
			if r.Header.Get("Authorization") != "Bearer "+access {
				w.WriteHeader(http.StatusUnauthorized)
				_, _ = fmt.Fprint(w, `{"error":"invalid_token"}`)
				return
			}
			_, _ = fmt.Fprintf(w, `{"accessKeyId":"id1","accessKeySecret":"s","securityToken":"t","expiration":%q}`, time.Now().Add(time.Hour).UTC().Format(time.RFC3339))
		case "/v1/token":
			if r.FormValue("refresh_token") != refresh || r.FormValue("client_id") != oauthSites["INTL"].client {
				w.WriteHeader(http.StatusBadRequest)
				return
			}
			renewals++
			access, refresh = fmt.Sprintf("canary-access-%d", renewals), fmt.Sprintf("canary-refresh-%d", renewals)
			_, _ = fmt.Fprintf(w, `{"access_token":%q,"refresh_token":%q,"expires_in":3600,"token_type":"Bearer"}`, access, refresh)
		}
	}))
	defer server.Close()
	oauth := func(name string, expires time.Time) fields {
		return fields{
			"name": name, "mode": "OAuth", "oauth_site_type": "INTL", "oauth_access_token": "canary-access", "oauth_refresh_token": "canary-refresh",
			"oauth_access_token_expire": expires.Unix(), "future_field": 12345678901234567,
		}
	}
	file := profileFile(t, oauth("good", time.Now().Add(time.Hour)), oauth("ended", time.Now().Add(-time.Hour)))
	ask := func(name string) ossclient.CredentialsProvider {
		return New(Config{Profile: &Profile{file, name}, oauth: server.URL})
	}
	before, _ := os.ReadFile(file)
	mustBe(t, ask("good"), numbered(1))
	if after, _ := os.ReadFile(file); string(after) != string(before) {
		t.Error("the file was written although nothing was renewed")
	}
	p := ask("ended")
	newest(t, p)
	newest(t, p)
	after, _ := os.ReadFile(file)
	for _, want := range []string{`"canary-refresh-1"`, `"canary-access-1"`, `"canary-refresh"`, `"future_field": 12345678901234567`, `"meta_path": "kept"`} {
		if !strings.Contains(string(after), want) {
			t.Errorf("the file has no %s", want)
		}
	}
	if info, _ := os.Stat(file); renewals != 1 || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("%d renewals; the file is %v", renewals, info.Mode())
	}
	mustFail(t, ask("good"), `profile "good" of `, "the login service answered invalid_token")
}

func TestProfile_external(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the test needs a Unix shell")
	}
	program := func(script string) Config {
		name := filepath.Join(t.TempDir(), "a program")
		if err := os.WriteFile(name, []byte("#!/bin/sh\n"+script), 0o700); err != nil {
			t.Fatal(err)
		}
		return Config{Profile: &Profile{profileFile(t, fields{"name": "ext", "mode": "External", "process_command": "'" + name + `' "an argument" t\wo`}), "ext"}}
	}
	p := New(program(`test "$1" = "an argument" && test "$2" = two && echo '{"mode":"StsToken","access_key_id":"id1","access_key_secret":"s","sts_token":"t","expiration":"2999-01-01T00:00:00Z"}'`))
	mustBe(t, p, numbered(1))
	for script, says := range map[string]string{
		"echo canary >&2; exit 3":           "failed (exit status 3); run it in a terminal",
		"echo canary":                       "is not JSON",
		`echo '{"access_key_id":"canary"}'`: "has no AccessKeySecret",
		`echo '{"mode":"StsToken","access_key_id":"canary","access_key_secret":"canary"}'`: "has no sts_token",
	} {
		mustFail(t, New(program(script)), `profile "ext" of `, "process_command: ", says)
	}
	none := Config{Profile: &Profile{profileFile(t, fields{"name": "ext", "mode": "External", "process_command": "/no/such/program"}), "ext"}}
	mustFail(t, New(none), `profile "ext" of `, "could not be started")
}

func TestSplitCommand(t *testing.T) {
	for _, tt := range []struct {
		command string
		windows bool
		want    []string // nil for an error
	}{
		{"tool", false, []string{"tool"}},
		{"  tool  a\tb ", false, []string{"tool", "a", "b"}},
		{`tool "a b" 'c "d'`, false, []string{"tool", "a b", `c "d`}},
		{`tool "" x`, false, []string{"tool", "", "x"}},
		{`a\ b "c\"d" 'e\f'`, false, []string{"a b", `c"d`, `e\f`}},
		{`"C:\Program Files\tool.exe" C:\x`, true, []string{`C:\Program Files\tool.exe`, `C:\x`}},
		{"", false, nil},
		{`""`, false, nil},
		{`tool "a`, false, nil},
		{`tool a\`, false, nil},
	} {
		got, err := splitCommand(tt.command, tt.windows)
		if !slices.Equal(got, tt.want) || (err == nil) != (tt.want != nil) {
			t.Errorf("%s: got %q, %v", tt.command, got, err)
		}
	}
}

func TestProfile_ini(t *testing.T) {
	sts := startSTS(t)
	m := ststest.StartMetadata(t, "ecs-role")
	file := filepath.Join(t.TempDir(), "credentials")
	writeFile(t, file, `# a comment
[default]
type = access_key                  # Authentication method is access_key
access_key_id = LTAIcanary
access_key_secret = canary-secret
[ecs]
type = ecs_ram_role
role_name = ecs-role
[role]
type = ram_role_arn
access_key_id = LTAIcanary
access_key_secret = canary-secret
role_arn = acs:ram::1:role/uploader
role_session_name = ini
policy = {}
[other]
type = bearer
[bare]
access_key_id = LTAIcanary
`)
	ask := func(name string) Config {
		return Config{Profile: &Profile{file, name}, STSEndpoint: sts.Host, metadata: m.URL}
	}
	mustBe(t, New(ask("default")), key)
	newest(t, New(ask("ecs")))
	newest(t, New(ask("role")))
	if r := sts.Issued()[0].Request; m.Asked() != 1 || r.SessionName != "ini" || r.Policy != "{}" || r.RoleARN != role {
		t.Errorf("asked %+v", r)
	}
	mustFail(t, New(ask("none")), `profile "none" of `+file+":", "does not contain this section")
	mustFail(t, New(ask("other")), `profile "other" of `+file+":", `type "bearer"`)
	mustFail(t, New(ask("bare")), `profile "bare" of `+file+":", `type ""`)
	writeFile(t, file, "canary-secret\n")
	mustFail(t, New(ask("default")), `profile "default" of `+file+":", "neither JSON nor INI")
}

// The errors name the missing field of each mode. Region returns them, too, and no
// request is sent.
func TestProfile_incomplete(t *testing.T) {
	ak := fields{"access_key_id": "canary", "access_key_secret": "canary"}
	for _, tt := range []struct {
		profile fields
		says    string
	}{
		{fields{"mode": "AK"}, "access_key_id is not set, but mode AK requires it"},
		{fields{"mode": "AK", "access_key_id": "canary"}, "access_key_secret is not set"},
		{fields{"mode": "StsToken", "access_key_id": "canary", "access_key_secret": "canary"}, "sts_token is not set"},
		{fields{"mode": "RamRoleArn", "access_key_id": "canary", "access_key_secret": "canary"}, "ram_role_arn is not set"},
		{fields{"mode": "OIDC", "ram_role_arn": role, "oidc_provider_arn": "x"}, "oidc_token_file is not set"},
		{fields{"mode": "ChainableRamRoleArn", "ram_role_arn": role}, "source_profile is not set"},
		{fields{"mode": "ChainableRamRoleArn", "ram_role_arn": role, "source_profile": "p"}, "contains a cycle: p, p"},
		{fields{"mode": "ChainableRamRoleArn", "ram_role_arn": role, "source_profile": "gone"}, "does not contain this profile"},
		{fields{"mode": "External"}, "process_command is not set"},
		{fields{"mode": "CloudSSO", "cloud_sso_sign_in_url": "x"}, "cloud_sso_account_id is not set"},
		{fields{"mode": "OAuth", "oauth_site_type": "CN"}, "oauth_access_token or oauth_refresh_token is not set"},
		{fields{"mode": "Other"}, "mode Other is not supported"},
	} {
		tt.profile["name"] = "p"
		p := Profile{profileFile(t, tt.profile, with(ak, fields{"name": "other"})), "p"}
		mustFail(t, New(Config{Profile: &p}), "profile ", tt.says)
		if _, err := p.Region(); err == nil || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("Region: %v", err)
		}
	}
}

func TestProfile_fileIsWrong(t *testing.T) {
	file := profileFile(t, with(fields{"name": "ak", "mode": "AK"}, nil))
	mustFail(t, New(Config{Profile: &Profile{file, "other"}}), `profile "other" of `+file+":", "does not contain this profile")
	mustFail(t, New(Config{Profile: &Profile{file + "x", "ak"}}), `profile "ak" of `+file+"x:", "does not exist", "aliyun configure")
	mustFail(t, New(Config{Profile: &Profile{filepath.Dir(file), "ak"}}), "profile ", "cannot use the file")
	writeFile(t, file, `{"profiles":[{"name":"ak","access_key_secret":"canary",`)
	mustFail(t, New(Config{Profile: &Profile{file, "ak"}}), "profile ", "not a configuration file of the Alibaba Cloud CLI")
	writeFile(t, file, "\ufeff"+`{"profiles":[{"name":"ak","access_key_id":"id1","access_key_secret":"s","mode":"StsToken","sts_token":"t"}]}`)
	mustBe(t, New(Config{Profile: &Profile{file, "ak"}}), numbered(1))
}

func TestDefaultFile(t *testing.T) {
	home := t.TempDir()
	cli, sdk := filepath.Join(home, ".aliyun", "config.json"), filepath.Join(home, ".alibabacloud", "credentials")
	expect := func(want string) {
		t.Helper()
		if got := DefaultFile(home); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	expect(cli)
	for _, file := range []string{sdk, cli} {
		if err := os.Mkdir(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		writeFile(t, file, "")
		expect(file)
	}
}
