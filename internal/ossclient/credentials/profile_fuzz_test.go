// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package credentials

import (
	"errors"
	"strings"
	"testing"
)

// checkProfileText reads a file with any content, and the profile in it.
func checkProfileText(t *testing.T, text []byte) {
	t.Helper()
	p := Profile{"no/such/file", "default"}
	found, err := p.in(text)
	if err == nil {
		_, err = (&profileSource{profile: p}).of(found, nil)
	}
	if err == nil {
		return
	}
	if _, ok := errors.AsType[*Error](err); !ok {
		t.Errorf("unexpected type of error: %v", err)
	}
	if len(err.Error()) > 1000 {
		t.Errorf("an error of %d bytes: %.200v", len(err.Error()), err)
	}
	for _, secret := range []string{found.AccessKeySecret, found.SecurityToken, found.SSOAccessToken, found.OAuthAccess, found.OAuthRefresh} {
		if len(secret) > 20 && strings.Contains(err.Error(), secret) {
			t.Errorf("contains a secret: %v", err)
		}
	}
}

// FuzzProfile reads any text as the file of the CLI.
func FuzzProfile(f *testing.F) {
	for _, profile := range []string{
		`"mode":"AK","access_key_id":"a","access_key_secret":"b"`,
		`"mode":"StsToken","access_key_id":"a","access_key_secret":"b","sts_token":"c"`,
		`"mode":"ChainableRamRoleArn","ram_role_arn":"r","source_profile":"default"`,
		`"mode":"External","process_command":"'a b' \"c\""`,
		`"mode":"OAuth","oauth_site_type":"\u001b[2J","oauth_access_token":"x"`,
		`"mode":"CloudSSO","cloud_sso_access_token_expire":1e99`,
		`"mode":"` + strings.Repeat("x", 5000) + `"`,
		`"mode":"AK","expired_seconds":-1,"x":` + strings.Repeat("[", 500) + strings.Repeat("]", 500),
	} {
		f.Add([]byte(`{"profiles":[{"name":"default",` + profile + `}]}`))
	}
	f.Add([]byte("\ufeff{}"))
	f.Add([]byte(`{"profiles":[null,{}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		checkProfileText(t, append([]byte("{"), text...))
		checkProfileText(t, text)
	})
}

// FuzzINI reads any text as the file of the SDKs.
func FuzzINI(f *testing.F) {
	for _, lines := range []string{
		"type = access_key\naccess_key_id = a\naccess_key_secret = b",
		"type = ecs_ram_role\nrole_name = r",
		"type = ram_role_arn\nrole_arn = \"\"\"two\nlines\"\"\"",
		"type = %(type)s",
		"type = %(a)s\na = %(b)s%(b)s\nb = %(a)s%(a)s",
		"type = \x1b[2J" + strings.Repeat("x", 5000),
		"type = a \\\nb",
		"type",
	} {
		f.Add([]byte("[default]\n" + lines + "\n"))
	}
	f.Add([]byte("type = access_key\n[a.b.c.default]\n[default]\n[default]"))
	f.Add([]byte("[" + strings.Repeat(".", 500) + "]\n[default"))
	f.Fuzz(func(t *testing.T, text []byte) {
		checkProfileText(t, append([]byte("[default]\n"), text...))
		checkProfileText(t, text)
	})
}
