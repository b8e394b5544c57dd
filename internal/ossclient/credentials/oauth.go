// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package credentials

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"strings"
	"time"

	"github.com/aliyun/credentials-go/credentials/providers"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/ossclient"
)

// oauthSites are where the CLI logs in, and what it calls itself there. Source:
// credentials-go, providers/cli_profile.go.
var oauthSites = map[string]struct{ url, client string }{
	"CN":   {"https://oauth.aliyun.com", "4038181954557748008"},
	"INTL": {"https://oauth.alibabacloud.com", "4103531455503354461"},
}

// oauthSource exchanges the access token of a login, which it renews by the
// refresh token when it is about to end.
type oauthSource struct {
	entry
	profile Profile
	base    string // "": the site's
}

func (s *oauthSource) fetch(context.Context) (lease, error) {
	const method = "OAuth"
	site, known := oauthSites[strings.ToUpper(s.OAuthSite)]
	if !known {
		return lease{}, missing(method, `oauth_site_type is "%s", not CN or INTL`, ossclient.Excerpt(s.OAuthSite))
	}
	if s.base != "" {
		site.url = s.base
	}
	if printsTokens() {
		return lease{}, missing(method, "DEBUG=credential would print the access token; unset it")
	}
	if s.endsSoon() {
		if err := checkReplaceable(s.profile.File); err != nil {
			return lease{}, missing(method, "the login is about to end, but is not renewed, because %s cannot be written: %v", s.profile.File, err)
		}
	}
	var unsaved error
	got, err := fetchUnknown(method, "the login service", ossclient.Credentials{AccessKeySecret: s.OAuthRefresh, SecurityToken: s.OAuthAccess}, func() (providers.CredentialsProvider, error) {
		return providers.NewOAuthCredentialsProviderBuilder().
			WithSignInUrl(site.url).
			WithClientId(site.client).
			WithAccessToken(s.OAuthAccess).
			WithAccessTokenExpire(s.OAuthTokenExpire).
			WithRefreshToken(s.OAuthRefresh).
			WithTokenUpdateCallback(func(refresh, access, _, _, _ string, accessExpires, _ int64) error {
				if refresh != s.OAuthRefresh {
					unsaved = s.profile.saveLogin(refresh, access, accessExpires)
				}
				return nil // an error would be printed
			}).
			Build()
	})
	if err == nil && unsaved != nil {
		err = missing(method, "the login was renewed, but %s cannot be written, so it is lost: %v; log in again", s.profile.File, unsaved)
	}
	return got, err
}

// endsSoon reports whether the library may renew the login. It does so 20 minutes
// before the end (credentials-go, providers/oauth.go); the rest is for the time
// until it looks.
func (s *oauthSource) endsSoon() bool {
	return s.OAuthRefresh != "" && time.Until(time.Unix(s.OAuthTokenExpire, 0)) <= 22*time.Minute
}

// saveLogin keeps the tokens of a renewed login: a refresh token is good for
// one use, and the CLI needs the new one too. Everything else in the file stays
// as it is, what we do not know included, which the library would drop.
func (p Profile) saveLogin(refresh, access string, accessExpires int64) error {
	text, err := os.ReadFile(p.File)
	if err != nil {
		return err
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var file map[string]any
	if err := decoder.Decode(&file); err != nil {
		return err
	}
	profiles, _ := file["profiles"].([]any)
	for _, each := range profiles {
		if profile, ok := each.(map[string]any); ok && profile["name"] == p.Name {
			profile["oauth_refresh_token"], profile["oauth_access_token"], profile["oauth_access_token_expire"] = refresh, access, accessExpires
		}
	}
	if text, err = json.MarshalIndent(file, "", "\t"); err != nil {
		return err
	}
	return replaceFile(p.File, text)
}
