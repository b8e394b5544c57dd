// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package credentials

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/address"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/bounded"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/ossclient"
)

// oauthSites are the login services of the CLI, and its client IDs. Source:
// credentials-go, providers/cli_profile.go.
var oauthSites = map[string]struct{ url, client string }{
	"CN":   {"https://oauth.aliyun.com", "4038181954557748008"},
	"INTL": {"https://oauth.alibabacloud.com", "4103531455503354461"},
}

const methodOAuth, loginService = "OAuth", "the login service"

// renewLogin is how long before its expiration a login is renewed, as in the CLI.
const renewLogin = 20 * time.Minute

// oauthSource exchanges the access token of a login for credentials. It renews a login
// that is about to expire with its refresh token.
type oauthSource struct {
	entry
	profile Profile
	base    string // base URL; "" for that of the site
}

func (s *oauthSource) fetch(ctx context.Context) (lease, error) {
	site, known := oauthSites[strings.ToUpper(s.OAuthSite)]
	if !known {
		return lease{}, permanentError(methodOAuth, `oauth_site_type "%s" is neither CN nor INTL`, ossclient.Excerpt(s.OAuthSite))
	}
	if s.base != "" {
		site.url = s.base
	}
	at, err := address.ParseURL(site.url, address.IsLoopback)
	if err != nil {
		return lease{}, permanentError(methodOAuth, "the URL of %s %v", loginService, err)
	}
	access := s.OAuthAccess
	if ends := time.Unix(s.OAuthTokenExpire, 0); s.OAuthRefresh != "" && (access == "" || time.Until(ends) <= renewLogin) {
		if err := checkReplaceable(s.profile.File); err != nil {
			return lease{}, permanentError(methodOAuth, "the login expires soon, but was not renewed, because the provider cannot write to %s: %v", s.profile.File, err)
		}
		renewed, err := s.renew(ctx, at, site.client)
		if err != nil {
			return lease{}, err
		}
		access = renewed.Access
		if err := s.profile.saveLogin(renewed.Refresh, access, time.Now().Unix()+renewed.ExpiresIn); err != nil {
			return lease{}, permanentError(methodOAuth, "the login was renewed, but could not be saved to %s: %v; log in again", s.profile.File, err)
		}
	}
	body, err := withToken(ctx, methodOAuth, loginService, at, "/v1/exchange", access, nil)
	if err != nil {
		return lease{}, err
	}
	var answer session
	if json.Unmarshal(body, &answer) != nil {
		return lease{}, unexpectedAnswer(methodOAuth, loginService, http.StatusOK)
	}
	return answer.lease(methodOAuth, "the answer from "+loginService)
}

// renewedLogin is the answer to a refresh token. Each refresh token can be used once.
type renewedLogin struct {
	Access    string `json:"access_token"`
	Refresh   string `json:"refresh_token"`
	ExpiresIn int64  `json:"expires_in"` // seconds
}

// renew exchanges the refresh token for a new login.
func (s *oauthSource) renew(ctx context.Context, at *url.URL, client string) (renewedLogin, error) {
	where := url.URL{Scheme: at.Scheme, Host: at.Host, Path: "/v1/token"}
	form := url.Values{
		"grant_type": {"refresh_token"}, "refresh_token": {s.OAuthRefresh}, "client_id": {client},
		"Timestamp": {time.Now().UTC().Format("2006-01-02T15:04:05Z")},
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, where.String(), strings.NewReader(form.Encode()))
	if err != nil {
		return renewedLogin{}, permanentError(methodOAuth, "the URL of %s is invalid", loginService)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	status, body, err := request{req, methodOAuth, loginService}.send(newClient(http.ProxyFromEnvironment))
	if err != nil {
		return renewedLogin{}, err
	}
	if status != http.StatusOK {
		return renewedLogin{}, refused(methodOAuth, loginService, status, body, ossclient.Credentials{AccessKeySecret: s.OAuthRefresh, SecurityToken: s.OAuthAccess})
	}
	var renewed renewedLogin
	if json.Unmarshal(body, &renewed) != nil || renewed.Access == "" || renewed.Refresh == "" {
		return renewedLogin{}, unexpectedAnswer(methodOAuth, loginService, status)
	}
	return renewed, nil
}

// saveLogin saves the tokens of a renewed login. A refresh token can be used once, and
// the CLI needs the new one, too. Everything else in the file stays unchanged, including
// unknown fields.
func (p Profile) saveLogin(refresh, access string, accessExpires int64) error {
	text, err := bounded.ReadFile(p.File, maxFileSize)
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
