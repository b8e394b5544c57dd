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

// loginServer is a login service that renews every login.
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

// expiredLogin writes a profile file with an expired login, in a directory of its own.
func expiredLogin(t *testing.T) (file string) {
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

// Renewing a login preserves the owner, the group and the mode of the file, even as root,
// and a symbolic link to it.
func TestOAuth_keepsOwnerAndMode(t *testing.T) {
	for _, mode := range []fs.FileMode{0o600, 0o640, 0o644} {
		url, renewals := loginServer(t)
		file := expiredLogin(t)
		give(t, filepath.Dir(file))
		give(t, file)
		if os.Geteuid() != 0 { // another group of this user
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
			t.Error("the login was not saved")
		}
		checkAlone(t, file)
	}
}

// checkAlone checks that a directory contains no other file.
func checkAlone(t *testing.T, file string) {
	t.Helper()
	if names, err := os.ReadDir(filepath.Dir(file)); err != nil || len(names) != 1 {
		t.Errorf("%v beside %s, %v", names, file, err)
	}
}

// A login is not renewed if the file is not writable or its owner cannot be preserved,
// because a refresh token can be used only once.
func TestOAuth_notRenewedIfNotWritable(t *testing.T) {
	t.Setenv("GOTMPDIR", "") // t.TempDir is in it, and only its owner may have access to it
	for name, test := range map[string]struct {
		prepare func(t *testing.T, file string)
		says    string
	}{
		"a file of root": {func(t *testing.T, file string) {
			if os.Geteuid() != 0 {
				t.Skip("only root can create a file of root")
			}
			if err := os.Chown(filepath.Dir(file), otherUser, otherUser); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(file, 0o644); err != nil {
				t.Fatal(err)
			}
		}, "cannot preserve its owner"},
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
			file := expiredLogin(t)
			if err := os.Chmod(filepath.Dir(filepath.Dir(file)), 0o755); err != nil { // so that otherUser can open the directory
				t.Fatal(err)
			}
			test.prepare(t, file)
			before, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			asOtherUser(t, func() {
				p := Profile{file, "oauth"}
				found, err := p.in(before)
				if err == nil {
					_, err = (&oauthSource{found, p, url}).fetch(t.Context())
				}
				if err == nil || !strings.Contains(err.Error(), "was not renewed, because the provider cannot write to "+file) || !strings.Contains(err.Error(), test.says) {
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

func TestCopyAttributes_ofRoot(t *testing.T) {
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
	asOtherUser(t, func() {
		if err := copyAttributes(temp, root); err == nil || !strings.Contains(err.Error(), "cannot preserve its owner, user root (0), and group 0") {
			t.Errorf("got %v", err)
		}
	})
}

// The owner and the group are preserved also if only one of them differs.
func TestReplaceFile_ownerOrGroup(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give a file to another user")
	}
	for _, ids := range [][2]int{{otherUser, 0}, {0, otherUser}, {otherUser, otherUser}, {0, 0}} {
		file := filepath.Join(t.TempDir(), "config.json")
		writeFile(t, file, "old")
		if err := os.Chown(file, ids[0], ids[1]); err != nil {
			t.Fatal(err)
		}
		if err := replaceFile(file, []byte("new")); err != nil {
			t.Error(err)
		}
		if uid, gid, _ := stat(t, file); uid != ids[0] || gid != ids[1] {
			t.Errorf("owner %d and group %d, want %v", uid, gid, ids)
		}
		checkAlone(t, file)
	}
}

// A failure leaves no temporary file behind.
func TestReplaceFile_fails(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a directory")
	if err := os.MkdirAll(filepath.Join(dir, "inside"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := replaceFile(dir, []byte("new")); err == nil {
		t.Error("no error")
	}
	checkAlone(t, dir)
}
