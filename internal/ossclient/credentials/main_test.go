// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package credentials

import (
	"crypto/x509"
	"errors"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/ossclient"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/ststest"
)

// TestMain trusts the certificate that all servers of package httptest share, and
// takes away what net/http reads of the environment.
func TestMain(m *testing.M) {
	server := httptest.NewTLSServer(nil)
	roots = x509.NewCertPool()
	roots.AddCert(server.Certificate())
	server.Close()
	for _, variable := range os.Environ() {
		if name, _, _ := strings.Cut(variable, "="); strings.HasSuffix(strings.ToLower(name), "_proxy") {
			_ = os.Unsetenv(name)
		}
	}
	os.Exit(m.Run())
}

const role, otherRole = "acs:ram::1:role/uploader", "acs:ram::1:role/other"

var key = ossclient.Credentials{AccessKeyID: "LTAIcanary", AccessKeySecret: "canary-secret"}

// startSTS knows the key and the roles.
func startSTS(t *testing.T) *ststest.STS {
	sts := ststest.StartSTS(t)
	sts.Keys[key.AccessKeyID] = ststest.Key{ID: key.AccessKeyID, Secret: key.AccessKeySecret}
	sts.Roles[role], sts.Roles[otherRole] = true, true
	return sts
}

func credentialsOf(s ststest.Session) ossclient.Credentials {
	return ossclient.Credentials{AccessKeyID: s.ID, AccessKeySecret: s.Secret, SecurityToken: s.Token}
}

// mustBe asks, and wants these.
func mustBe(t *testing.T, p ossclient.CredentialsProvider, want ossclient.Credentials) {
	t.Helper()
	got, err := p.Credentials(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got != want {
		t.Fatalf("got the credentials of %s, want %s", got.AccessKeyID, want.AccessKeyID)
	}
}

// mustFail asks, and wants an error that begins with the method, says each of
// the texts, and no secret.
func mustFail(t *testing.T, p ossclient.CredentialsProvider, method string, says ...string) (transient bool) {
	t.Helper()
	_, err := p.Credentials(t.Context())
	failure, ok := errors.AsType[*Error](err)
	if !ok || !errors.Is(err, resumable.ErrNoCredentials) {
		t.Fatalf("error is %v", err)
	}
	if want := "credentials by " + method; !strings.HasPrefix(err.Error(), want) {
		t.Errorf("does not begin with %q: %v", want, err)
	}
	for _, text := range says {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("does not say %q: %v", text, err)
		}
	}
	if strings.Contains(err.Error(), "canary") {
		t.Errorf("tells a secret: %v", err)
	}
	return failure.Transient()
}

// newest makes what it returns forget what it has.
func newest(t *testing.T, p ossclient.CredentialsProvider) {
	t.Helper()
	got, err := p.Credentials(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	p.Discard(got)
}

// lifetime is how long a source says its credentials are good for.
func lifetime(t *testing.T, p ossclient.CredentialsProvider) time.Duration {
	t.Helper()
	if _, err := p.Credentials(t.Context()); err != nil {
		t.Fatal(err)
	}
	return time.Until(p.(*cache).current.expires).Round(time.Minute)
}
