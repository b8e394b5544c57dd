// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package credentials

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/address"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/ossclient"
)

// ssoSource exchanges the access token of a CloudSSO login for credentials. Source:
// aliyun-cli, cloudsso/cloudsso.go.
type ssoSource struct{ entry }

func (s *ssoSource) fetch(ctx context.Context) (lease, error) {
	const method, service = "CloudSSO", "CloudSSO"
	if s.SSOTokenExpire <= time.Now().Unix() {
		return lease{}, permanentError(method, `the login has expired; log in again with "aliyun configure --mode CloudSSO"`)
	}
	signIn, err := parseSignInURL(s.SSOSignInURL)
	if err != nil {
		return lease{}, permanentError(method, "%v", err)
	}
	wanted, err := json.Marshal(map[string]string{"AccountId": s.SSOAccountID, "AccessConfigurationId": s.SSOAccessConfig})
	if err != nil {
		return lease{}, permanentError(method, "the account or the access configuration is invalid")
	}
	body, err := withToken(ctx, method, service, signIn, "/cloud-credentials", s.SSOAccessToken, wanted)
	if err != nil {
		return lease{}, err
	}
	var answer struct{ CloudCredential session }
	if json.Unmarshal(body, &answer) != nil {
		return lease{}, unexpectedAnswer(method, service, http.StatusOK)
	}
	return answer.CloudCredential.lease(method, "the answer from "+service)
}

// withToken sends a POST request with the access token of a login. It returns the body
// of a successful answer. Source: credentials-go, providers/cloud_sso.go and
// providers/oauth.go.
func withToken(ctx context.Context, method, service string, at *url.URL, path, token string, body []byte) ([]byte, error) {
	where := url.URL{Scheme: at.Scheme, Host: at.Host, Path: path}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, where.String(), bytes.NewReader(body))
	if err != nil {
		return nil, permanentError(method, "the URL of %s is invalid", service)
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+token)
	status, answer, err := request{req, method, service}.send(newClient(http.ProxyFromEnvironment))
	if err != nil {
		return nil, err
	}
	if status != http.StatusOK {
		return nil, refused(method, service, status, answer, ossclient.Credentials{SecurityToken: token})
	}
	return answer, nil
}

// parseSignInURL parses the URL of CloudSSO. It requires https, except on this machine.
func parseSignInURL(text string) (*url.URL, error) {
	signIn, err := address.ParseURL(text, address.IsLoopback)
	if err != nil {
		return nil, fmt.Errorf("cloud_sso_sign_in_url %w", err)
	}
	return signIn, nil
}
