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

// TestMain trusts the certificate of package httptest, and removes the proxy variables
// from the environment.
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

// startSTS starts an STS with the key and the roles.
func startSTS(t *testing.T) *ststest.STS {
	sts := ststest.StartSTS(t)
	sts.Keys[key.AccessKeyID] = ststest.Key{ID: key.AccessKeyID, Secret: key.AccessKeySecret}
	sts.Roles[role], sts.Roles[otherRole] = true, true
	return sts
}

func credentialsOf(s ststest.Session) ossclient.Credentials {
	return ossclient.Credentials{AccessKeyID: s.ID, AccessKeySecret: s.Secret, SecurityToken: s.Token}
}

// mustBe checks the credentials of a provider.
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

// mustFail checks that a provider returns an error that begins with the method, contains
// each of the texts, and contains no secret.
func mustFail(t *testing.T, p ossclient.CredentialsProvider, method string, says ...string) (transient bool) {
	t.Helper()
	_, err := p.Credentials(t.Context())
	failure, ok := errors.AsType[*Error](err)
	if !ok || !errors.Is(err, resumable.ErrNoCredentials) {
		t.Fatalf("error is %v", err)
	}
	if want := "credentials from " + method; !strings.HasPrefix(err.Error(), want) {
		t.Errorf("does not begin with %q: %v", want, err)
	}
	for _, text := range says {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("does not contain %q: %v", text, err)
		}
	}
	if strings.Contains(err.Error(), "canary") {
		t.Errorf("contains a secret: %v", err)
	}
	return failure.Transient()
}

// newest discards the stored credentials, so that the next call fetches new ones.
func newest(t *testing.T, p ossclient.CredentialsProvider) {
	t.Helper()
	got, err := p.Credentials(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	p.Discard(got)
}

// lifetime returns the lifetime of the credentials of a source.
func lifetime(t *testing.T, p ossclient.CredentialsProvider) time.Duration {
	t.Helper()
	if _, err := p.Credentials(t.Context()); err != nil {
		t.Fatal(err)
	}
	return time.Until(p.(*cache).current.expires).Round(time.Minute)
}
