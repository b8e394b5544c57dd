// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package credentials

import (
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/owner"
)

// loginServer renews each login that it is asked to.
func loginServer(t *testing.T) (url string, renewals *int) {
	t.Helper()
	renewals = new(int)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := `{"accessKeyId":"id1","accessKeySecret":"s","securityToken":"t","expiration":"2999-01-01T00:00:00Z"}`
		if r.URL.Path == "/v1/token" {
			*renewals++
			answer = `{"access_token":"canary-new-access","refresh_token":"canary-new-refresh","expires_in":3600,"token_type":"Bearer"}`
		}
		_, _ = w.Write([]byte(answer))
	}))
	t.Cleanup(server.Close)
	return server.URL, renewals
}

// endedLogin is a profile file in a folder of its own, whose login has ended.
func endedLogin(t *testing.T) (file string) {
	t.Helper()
	return profileFile(t, fields{
		"name": "oauth", "mode": "OAuth", "oauth_site_type": "CN", "oauth_access_token": "canary-access", "oauth_refresh_token": "canary-refresh",
		"oauth_access_token_expire": time.Now().Add(-time.Hour).Unix(),
	})
}

func stat(t *testing.T, name string) (uid, gid int, mode fs.FileMode) {
	t.Helper()
	info, err := os.Lstat(name)
	if err != nil {
		t.Fatal(err)
	}
	uid, gid, _ = owner.Of(info)
	return uid, gid, info.Mode()
}

// A login that is renewed leaves the file as it was but for the tokens: its
// owner and group, also where root renews, its mode, and the link to it.
func TestOAuth_keepsOwnerAndMode(t *testing.T) {
	for _, mode := range []fs.FileMode{0o600, 0o640, 0o644} {
		url, renewals := loginServer(t)
		file := endedLogin(t)
		give(t, filepath.Dir(file))
		give(t, file)
		if os.Geteuid() != 0 { // a group of this user that is not the usual one
			groups, _ := os.Getgroups()
			for _, gid := range groups {
				_ = os.Chown(file, -1, gid)
			}
		}
		link := filepath.Join(tree(t), "config.json")
		if err := os.Symlink(file, link); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(file, mode); err != nil {
			t.Fatal(err)
		}
		uid, gid, _ := stat(t, file)
		mustBe(t, New(Config{Profile: &Profile{link, "oauth"}, oauth: url}), numbered(1))
		nowUID, nowGID, nowMode := stat(t, file)
		if *renewals != 1 || nowUID != uid || nowGID != gid || nowMode != mode {
			t.Errorf("%d renewals; was %d:%d %v, is %d:%d %v", *renewals, uid, gid, mode, nowUID, nowGID, nowMode)
		}
		if _, _, mode := stat(t, link); mode&fs.ModeSymlink == 0 {
			t.Error("the link was replaced")
		}
		if text, _ := os.ReadFile(file); !strings.Contains(string(text), "canary-new-refresh") {
			t.Error("the login was not kept")
		}
		checkAlone(t, file)
	}
}

// checkAlone wants no other file beside one.
func checkAlone(t *testing.T, file string) {
	t.Helper()
	if names, err := os.ReadDir(filepath.Dir(file)); err != nil || len(names) != 1 {
		t.Errorf("%v beside %s, %v", names, file, err)
	}
}

// A file of which the owner cannot stay, or that cannot be written at all, is
// not written, and the login is not used up: it can be renewed elsewhere.
func TestOAuth_notRenewedWhereItCannotBeKept(t *testing.T) {
	for name, test := range map[string]struct {
		prepare func(t *testing.T, file string)
		says    string
	}{
		"a file of root": {func(t *testing.T, file string) {
			if os.Geteuid() != 0 {
				t.Skip("only root can make a file of root")
			}
			if err := os.Chown(filepath.Dir(file), nobody, nobody); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(file, 0o644); err != nil {
				t.Fatal(err)
			}
		}, "which this process cannot keep"},
		"a directory that is not writable": {func(t *testing.T, file string) {
			give(t, file)
			if err := os.Chmod(filepath.Dir(file), 0o555); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = os.Chmod(filepath.Dir(file), 0o755) })
		}, "permission denied"},
	} {
		t.Run(name, func(t *testing.T) {
			url, renewals := loginServer(t)
			file := endedLogin(t)
			if err := os.Chmod(filepath.Dir(filepath.Dir(file)), 0o755); err != nil { // for nobody to get there
				t.Fatal(err)
			}
			test.prepare(t, file)
			before, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			asNobody(t, func() {
				p := Profile{file, "oauth"}
				found, err := p.in(before)
				if err == nil {
					_, err = (&oauthSource{found, p, url}).fetch(t.Context())
				}
				if err == nil || !strings.Contains(err.Error(), "is not renewed, because "+file+" cannot be written") || !strings.Contains(err.Error(), test.says) {
					t.Errorf("got %v", err)
				}
			})
			if after, _ := os.ReadFile(file); string(after) != string(before) || *renewals != 0 {
				t.Errorf("%d renewals; changed: %t", *renewals, string(after) != string(before))
			}
			checkAlone(t, file)
		})
	}
}

func TestBecomeLike_ofRoot(t *testing.T) {
	root, err := os.Stat("/")
	if err != nil {
		t.Fatal(err)
	}
	temp, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = temp.Close() }()
	give(t, temp.Name())
	asNobody(t, func() {
		if err := becomeLike(temp, root); err == nil || !strings.Contains(err.Error(), "it belongs to user root (0) and group 0, which this process cannot keep") {
			t.Errorf("got %v", err)
		}
	})
}
