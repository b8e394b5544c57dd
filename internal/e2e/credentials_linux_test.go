// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package e2e

import (
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/ststest"
)

// These tests are for Linux: Go reads SSL_CERT_FILE there, but not on macOS.

const uploader = "acs:ram::1:role/uploader"

// providerBlock replaces the empty provider block of the configuration.
func (w *world) providerBlock(arguments string) {
	w.t.Helper()
	config := strings.Replace(w.config(""), `provider "ossresumable" {}`, "provider \"ossresumable\" {\n"+arguments+"\n}", 1)
	if err := w.Configure(config); err != nil {
		w.t.Fatal(err)
	}
}

// trust makes Terraform and its providers trust a certificate.
func (w *world) trust(certificate []byte) {
	w.t.Helper()
	file := filepath.Join(w.t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, certificate, 0o600); err != nil {
		w.t.Fatal(err)
	}
	w.Env = append(w.Env, "SSL_CERT_FILE="+file)
}

// startSTS starts an STS with the role, and with a key that OSS does not accept. Each
// session is valid for this number of parts.
func (w *world) startSTS(parts int) *ststest.STS {
	sts := ststest.StartSTS(w.t)
	sts.Roles[uploader] = true
	sts.Keys["canary-key-id"] = ststest.Key{ID: "canary-key-id", Secret: "canary-key-secret"}
	sts.OnIssue = func(_ int, s ststest.Session) {
		w.server.AddCredential(osstest.Credential{AccessKeyID: s.ID, AccessKeySecret: s.Secret, SecurityToken: s.Token, Expires: s.Expires, Parts: parts})
	}
	w.server.RemoveCredential(osstest.AccessKeyID)
	w.Env = append(w.Env, "ALIBABA_CLOUD_ACCESS_KEY_ID=canary-key-id", "ALIBABA_CLOUD_ACCESS_KEY_SECRET=canary-key-secret")
	w.trust(sts.CertificatePEM)
	return sts
}

func assumeUploader(sts *ststest.STS) string {
	return fmt.Sprintf("  endpoints {\n    sts = %q\n  }\n  assume_role {\n    role_arn = %q\n  }", sts.Host, uploader)
}

// The token of a role expires after every five parts. One apply sends all 60 parts, each
// signed with a valid token, and requests no more tokens than necessary. The secrets appear
// nowhere.
func TestCredentials_expireEveryFiveParts(t *testing.T) {
	w := newWorld(t)
	t.Log("FAULT F74: security token that expires after every five of sixty parts")
	const count, each = 60, 5
	w.content = w.content[:count*partSize-333]
	if err := os.WriteFile(w.source, w.content, 0o600); err != nil {
		t.Fatal(err)
	}
	sts := w.startSTS(each)
	w.providerBlock(assumeUploader(sts))
	logs := filepath.Join(w.Dir, "trace.log")
	w.Env = append(w.Env, "TF_LOG=TRACE", "TF_LOG_PATH="+logs)

	printed := w.mustApply()
	sessions := sts.Issued()
	signed, refused := map[string]int{}, 0
	for _, r := range w.server.Requests() {
		switch {
		case r.Op == osstest.UploadPart && r.Status == 200:
			signed[r.AccessKeyID]++
		case r.Op == osstest.UploadPart:
			refused++
		}
	}
	parts, sending := 0, 0
	for _, s := range sessions {
		if signed[s.ID] > each {
			t.Errorf("%d parts were taken with %s", signed[s.ID], s.ID)
		}
		if parts += signed[s.ID]; signed[s.ID] > 0 {
			sending++
		}
	}
	// In addition to those of the parts: one for the requests after the last part, and one
	// for each process that only plans or refreshes.
	if parts != count || sending != count/each || len(sessions) > sending+4 {
		t.Errorf("%d parts with %d of %d sessions, want %d with %d", parts, sending, len(sessions), count, count/each)
	}
	t.Logf("%d parts, %d sessions, %d parts refused for an expired token and signed again", parts, len(sessions), refused)

	canaries := map[string]string{"id": "canary-key-id", "secret": "canary-key-secret"}
	for n, s := range sessions {
		canaries[fmt.Sprintf("secret %d", n)], canaries[fmt.Sprintf("token %d", n)] = s.Secret, s.Token
	}
	w.checkNowhere(canaries, []byte(printed.Text))
	w.checkDone()
}

// An upload is stopped, and resumed with other credentials, because the token file of a CI
// job was replaced.
func TestCredentials_oidcAfterAKill(t *testing.T) {
	w := newWorld(t)
	sts := w.startSTS(0)
	token := filepath.Join(t.TempDir(), "token")
	write := func(text string) {
		sts.OIDCTokens = map[string]bool{text: true}
		if err := os.WriteFile(token, []byte(text+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET"} {
		w.Env = append(w.Env, name+"=")
	}
	w.Env = append(w.Env, "ALIBABA_CLOUD_ROLE_ARN="+uploader, "ALIBABA_CLOUD_OIDC_PROVIDER_ARN=acs:ram::1:oidc-provider/ci",
		"ALIBABA_CLOUD_OIDC_TOKEN_FILE="+token)
	w.providerBlock(fmt.Sprintf("  endpoints {\n    sts = %q\n  }\n  assume_role_with_oidc {}", sts.Host))
	write("canary.jwt.one")
	w.killAfter(10)
	write("canary.jwt.two")
	out := w.mustApply()
	w.checkDone()
	w.checkNowhere(map[string]string{"one": "canary.jwt.one", "two": "canary.jwt.two"}, []byte(out.Text))
}

// An error about credentials names the method, what is missing, and what is safe.
func TestCredentials_roleThatIsNotThere(t *testing.T) {
	w := newWorld(t)
	sts := w.startSTS(0)
	delete(sts.Roles, uploader)
	w.providerBlock(assumeUploader(sts))
	out := w.apply()
	if out.ExitCode == 0 {
		t.Error("the apply succeeded")
	}
	text := strings.Join(strings.Fields(strings.ReplaceAll(out.Text, "│", "")), " ")
	for _, want := range []string{
		"No credentials available", "credentials from assume_role of " + uploader + ": STS answered EntityNotExist.Role: The role does not exist.",
		"oss://" + bucket + "/" + key, "Correct the cause above",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("does not say %q:\n%s", want, out.Text)
		}
	}
	w.checkNowhere(map[string]string{"secret": "canary-key-secret"}, []byte(out.Text))
}

// serveTLS serves OSS over TLS with a self-signed certificate.
func (w *world) serveTLS() (host string, certificate []byte) {
	server := httptest.NewUnstartedServer(w.server)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	w.t.Cleanup(server.Close)
	return strings.TrimPrefix(server.URL, "https://"), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
}

// A certificate of a private authority is refused, unless the authority is trusted or
// verification is off.
func TestTLS_ownAuthority(t *testing.T) {
	for name, tt := range map[string]struct {
		trusted   bool
		arguments string
		works     bool
	}{
		"unknown":     {},
		"trusted":     {trusted: true, works: true},
		"insecure":    {arguments: "  insecure = true", works: true},
		"said secure": {arguments: "  insecure = false"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			host, certificate := w.serveTLS()
			w.Env = append(w.Env, "OSS_ENDPOINT="+host)
			if tt.trusted {
				w.trust(certificate)
			}
			w.providerBlock(tt.arguments)
			if tt.works {
				w.mustApply()
				w.checkDone()
				return
			}
			out := w.apply()
			if out.ExitCode == 0 || len(w.server.Requests()) > 0 || !strings.Contains(out.Text, "failed to verify certificate") {
				t.Errorf("exit status %d, %d requests\n%s", out.ExitCode, len(w.server.Requests()), out.Text)
			}
		})
	}
}

// The proxy of the provider block, with a password, receives all requests to OSS through
// CONNECT. The proxy of the environment is ignored, and the name of the host is not
// resolved.
func TestProxy_argument(t *testing.T) {
	w := newWorld(t)
	host, _ := w.serveTLS()
	var connects, strangers atomic.Int32
	proxy := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodConnect || r.Host != bucket+".oss-cn-hangzhou-internal.aliyuncs.com:443" ||
			r.Header.Get("Proxy-Authorization") != "Basic dXNlcjpjYW5hcnktcHJveHk=" { // user:canary-proxy
			strangers.Add(1)
			rw.WriteHeader(http.StatusProxyAuthRequired)
			return
		}
		connects.Add(1)
		tunnel(t, rw, host)
	}))
	t.Cleanup(proxy.Close)
	w.Env = append(w.Env, "OSS_ENDPOINT=", "HTTPS_PROXY=http://127.0.0.1:1", "https_proxy=http://127.0.0.1:1")
	w.providerBlock(fmt.Sprintf("  use_internal_endpoint = true\n  insecure = true\n  proxy_url = %q",
		strings.Replace(proxy.URL, "http://", "http://user:canary-proxy@", 1)))
	out := w.mustApply()
	w.checkDone()
	if connects.Load() == 0 || strangers.Load() > 0 {
		t.Errorf("%d connections through the proxy, %d others", connects.Load(), strangers.Load())
	}
	if strings.Contains(out.Text, "canary-proxy") {
		t.Error("the proxy's password is printed")
	}
}

func tunnel(t *testing.T, rw http.ResponseWriter, host string) {
	to, err := net.Dial("tcp", host)
	if err != nil {
		t.Error(err)
		return
	}
	from, _, err := http.NewResponseController(rw).Hijack()
	if err != nil {
		t.Error(err)
		return
	}
	_, _ = io.WriteString(from, "HTTP/1.1 200 OK\r\n\r\n")
	go func() { _, _ = io.Copy(to, from); _ = to.Close() }()
	_, _ = io.Copy(from, to)
	_ = from.Close()
}
