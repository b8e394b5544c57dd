// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package credentials

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"
)

// Credentials and tokens are sent over http only to this machine and to link-local
// addresses.
func TestClearText_refused(t *testing.T) {
	far := []string{"sso.example.com", "10.0.0.1", "192.168.1.1", "8.8.8.8", "[2001:db8::1]:80", "localhost.example.com", "sso.localhost", "127.0.0.1.example.com", "100.128.0.1"}
	for _, host := range append(far, "169.254.1.1", "100.100.100.200") {
		p := Profile{profileFile(t, fields{
			"name": "p", "mode": "CloudSSO", "cloud_sso_sign_in_url": "http://" + host + "/canary", "cloud_sso_account_id": "1",
			"cloud_sso_access_config": "ac-1", "access_token": "canary-login", "cloud_sso_access_token_expire": time.Now().Add(time.Hour).Unix(),
		}), "p"}
		const says = "cloud_sso_sign_in_url must begin with https://, because http would send credentials unencrypted"
		mustFail(t, New(Config{Profile: &p}), `profile "p" of `, says)
		if _, err := p.Region(); err == nil {
			t.Errorf("%s: no error from Region", host)
		}
	}
	for _, host := range far {
		mustFail(t, New(Config{URI: "http://user:canary@" + host + "/canary"}), "credentials_uri", "its value must begin with https://")
	}
}

func TestClearText_near(t *testing.T) {
	for _, host := range []string{"localhost", "LOCALHOST:80", "127.0.0.1", "127.1.2.3:9", "[::1]:8080", "169.254.1.1", "100.100.100.200", "[fe80::1]"} {
		if _, err := ParseURI("http://" + host + "/path?token=x"); err != nil {
			t.Errorf("%s: %v", host, err)
		}
	}
}

// A name may stand for any address, so the address that is dialed counts.
func TestClearText_dialsNearAddressesOnly(t *testing.T) {
	for addr, near := range map[string]bool{
		"127.0.0.1:80": true, "[::1]:80": true, "169.254.1.1:80": true, "[fe80::1%eth0]:80": true, "100.100.100.200:80": true,
		"10.0.0.1:80": false, "192.0.2.2:80": false, "[2001:db8::1]:80": false, "[::ffff:192.0.2.2]:80": false, "100.128.0.1:80": false,
	} {
		if err := refuseDistant("tcp", addr, nil); (err == nil) != near {
			t.Errorf("%s: %v", addr, err)
		}
	}
}

// A proxy is another machine.
func TestClearText_withoutProxy(t *testing.T) {
	proxy := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("the proxy got %s %s", r.Method, r.URL)
	}))
	defer proxy.Close()
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "near") }))
	defer service.Close()
	through, err := url.Parse(proxy.URL)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, service.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	status, body, err := request{req, "credentials_uri", "the service"}.send(newClient(http.ProxyURL(through)))
	if err != nil || status != http.StatusOK || string(body) != "near" {
		t.Errorf("got %d %q %v", status, body, err)
	}
}

// sts_region becomes part of a host name, so it must be a valid region.
func TestProfile_stsRegion(t *testing.T) {
	for _, region := range []string{"canary.example/", "canary@example", "cn-hangzhou.canary", "cn hangzhou", "CN-HANGZHOU", "cn", "canary#-", "cn-hangzhou/canary?"} {
		for _, mode := range []fields{{"mode": "RamRoleArn"}, {"mode": "OIDC", "oidc_provider_arn": "arn", "oidc_token": "canary"}} {
			file := profileFile(t, with(mode, fields{"name": "p", "ram_role_arn": role, "sts_region": region}))
			mustFail(t, New(Config{Profile: &Profile{file, "p"}}), fmt.Sprintf("profile %q of %s", "p", file), "sts_region must be the ID of a region")
		}
	}
}
