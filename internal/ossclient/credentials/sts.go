// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package credentials

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1"
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

// sts is where STS is, and the way there.
type sts struct {
	host  string // "host", "host:port", or either after "https://"
	proxy *url.URL
}

func (cfg Config) sts() sts {
	host := cfg.STSEndpoint
	if host == "" {
		host = stsOf("sts", cfg.Region)
	}
	return sts{host, cfg.Proxy}
}

// stsOf names STS as a region has it. Source: STS's page of endpoints.
func stsOf(prefix, region string) string {
	if region == "" {
		return "sts.aliyuncs.com"
	}
	return prefix + "." + strings.TrimPrefix(region, "oss-") + ".aliyuncs.com"
}

// CheckSTSEndpoint tells whether STS can be asked at an address. It is asked
// over https only, because its answers hold secrets.
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

// session asks for a session. query is public but for a token and a signature;
// form is the body. secrets are what the request holds, which STS repeats in
// its refusals. Source: STS's API pages AssumeRole and AssumeRoleWithOIDC.
//
// The session counts as good for as long as was asked for, from when it was
// asked for: STS refuses what it does not grant, and its clock may not be ours.
func (s sts) session(ctx context.Context, method string, query, form url.Values, role AssumeRole, secrets ...ossclient.Credentials) (lease, error) {
	const service = "STS"
	where, err := address.ParseService(s.host, "https")
	if err != nil {
		return lease{}, missing(method, "the address of STS %v", err)
	}
	at := url.URL{Scheme: where.Scheme, Host: where.Host, Path: "/", RawQuery: query.Encode()}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, at.String(), strings.NewReader(form.Encode()))
	if err != nil {
		return lease{}, missing(method, "the address of STS is not valid")
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	asked := time.Now()
	status, body, err := request{req, method, service}.send(s.client())
	if err != nil {
		return lease{}, err
	}
	if status != http.StatusOK {
		return lease{}, refused(method, service, status, body, secrets...)
	}
	var answer struct{ Credentials session }
	_ = json.Unmarshal(body, &answer) // what is no JSON has no credentials
	if got := answer.Credentials; got.SecurityToken == "" || got.Expiration == "" {
		return lease{}, notAnAnswer(method, service, status)
	}
	got, err := answer.Credentials.lease(method, "the answer of "+service)
	if err != nil {
		return lease{}, notAnAnswer(method, service, status)
	}
	return lease{got.Credentials, asked.Add(role.expiration())}, nil
}

// common are the parameters of each request to STS.
func common(action string) url.Values {
	return url.Values{
		"Action": {action}, "Version": {"2015-04-01"}, "Format": {"JSON"},
		"Timestamp": {time.Now().UTC().Format("2006-01-02T15:04:05Z")},
	}
}

// form are the parameters of a role.
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

// sign adds who asks to the query of a POST, and the signature of query and
// form. Source: STS's page "Request syntax and signature method V2 (RPC)".
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
