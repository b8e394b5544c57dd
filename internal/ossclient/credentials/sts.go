// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package credentials

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // the signature of STS is an HMAC with SHA-1
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/address"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/ossclient"
)

// sts is the endpoint of STS and the proxy for it.
type sts struct {
	host  string   // "host", "host:port" or "https://host[:port]"
	proxy *url.URL // nil for that of the environment
}

func (cfg Config) sts() sts {
	host := cfg.STSEndpoint
	if host == "" {
		host = stsHost("sts", cfg.Region)
	}
	return sts{host, cfg.Proxy}
}

// stsHost returns the host of STS in a region. Source: STS page "Endpoints".
func stsHost(prefix, region string) string {
	if region == "" {
		return "sts.aliyuncs.com"
	}
	return prefix + "." + strings.TrimPrefix(region, "oss-") + ".aliyuncs.com"
}

// CheckSTSEndpoint returns an error if text is not a valid endpoint of STS. It requires
// https, because the answers contain secrets.
func CheckSTSEndpoint(text string) error {
	_, err := address.ParseService(text, "https")
	return err
}

func (s sts) client() *http.Client {
	if s.proxy != nil {
		return newClient(http.ProxyURL(s.proxy))
	}
	return newClient(http.ProxyFromEnvironment)
}

// session requests a session. query and form are the parameters in the URL and in the
// body. secrets are the secrets of the request, which STS may repeat in its errors.
// Source: STS API pages AssumeRole and AssumeRoleWithOIDC.
//
// The expiration is the start of the request plus the requested duration. It does not
// depend on the clock of STS, and STS returns an error instead of a shorter session.
func (s sts) session(ctx context.Context, method string, query, form url.Values, role AssumeRole, secrets ...ossclient.Credentials) (lease, error) {
	const service = "STS"
	where, err := address.ParseService(s.host, "https")
	if err != nil {
		return lease{}, permanentError(method, "the endpoint of STS %v", err)
	}
	at := url.URL{Scheme: where.Scheme, Host: where.Host, Path: "/", RawQuery: query.Encode()}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, at.String(), strings.NewReader(form.Encode()))
	if err != nil {
		return lease{}, permanentError(method, "the endpoint of STS is invalid")
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	started := time.Now()
	status, body, err := request{req, method, service}.send(s.client())
	if err != nil {
		return lease{}, err
	}
	if status != http.StatusOK {
		return lease{}, refused(method, service, status, body, secrets...)
	}
	var answer struct{ Credentials session }
	_ = json.Unmarshal(body, &answer) // without valid JSON, there are no credentials
	if got := answer.Credentials; got.SecurityToken == "" || got.Expiration == "" {
		return lease{}, unexpectedAnswer(method, service, status)
	}
	got, err := answer.Credentials.lease(method, "the answer from "+service)
	if err != nil {
		return lease{}, unexpectedAnswer(method, service, status)
	}
	return lease{got.Credentials, started.Add(role.expiration())}, nil
}

// common returns the parameters of every request to STS.
func common(action string) url.Values {
	return url.Values{
		"Action": {action}, "Version": {"2015-04-01"}, "Format": {"JSON"},
		"Timestamp": {time.Now().UTC().Format("2006-01-02T15:04:05Z")},
	}
}

// form returns the parameters of a role.
func (r AssumeRole) form() url.Values {
	form := url.Values{
		"RoleArn": {r.RoleARN}, "RoleSessionName": {r.sessionName()},
		"DurationSeconds": {strconv.Itoa(int(r.expiration().Seconds()))},
	}
	for name, value := range map[string]string{"Policy": r.Policy, "ExternalId": r.ExternalID} {
		if value != "" {
			form.Set(name, value)
		}
	}
	return form
}

// sign adds the AccessKey ID and the signature of query and form to the query of a POST.
// Source: STS page "Request syntax and signature method V2 (RPC)".
func sign(query, form url.Values, by ossclient.Credentials) {
	query.Set("AccessKeyId", by.AccessKeyID)
	if by.SecurityToken != "" {
		query.Set("SecurityToken", by.SecurityToken)
	}
	query.Set("SignatureMethod", "HMAC-SHA1")
	query.Set("SignatureVersion", "1.0")
	query.Set("SignatureNonce", rand.Text())

	all := url.Values{}
	for _, values := range []url.Values{query, form} {
		for name := range values {
			all.Set(name, values.Get(name))
		}
	}
	canonical := strings.ReplaceAll(all.Encode(), "+", "%20") // Encode has sorted them
	mac := hmac.New(sha1.New, []byte(by.AccessKeySecret+"&"))
	_, _ = mac.Write([]byte(http.MethodPost + "&%2F&" + url.QueryEscape(canonical)))
	query.Set("Signature", base64.StdEncoding.EncodeToString(mac.Sum(nil)))
}
