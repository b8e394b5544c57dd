// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package credentials

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/aliyun/credentials-go/credentials/providers"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/ossclient"
)

// defaultExpiration is STS's own.
const defaultExpiration = time.Hour

// assumeRole is a role that base assumes.
type assumeRole struct {
	role   AssumeRole
	base   ossclient.CredentialsProvider
	sts    sts
	method string
}

func (s *assumeRole) fetch(ctx context.Context) (lease, error) {
	base, err := s.base.Credentials(ctx)
	if ctx.Err() != nil {
		return lease{}, &Error{s.method, "the credentials to assume it with did not come in time", true}
	}
	if err != nil {
		return lease{}, err
	}
	got, err := fetchFromSTS(s.method, s.role, []ossclient.Credentials{base}, func() (providers.CredentialsProvider, error) {
		return providers.NewRAMRoleARNCredentialsProviderBuilder().
			WithCredentialsProvider(fixed{base}).
			WithRoleArn(s.role.RoleARN).
			WithRoleSessionName(s.role.sessionName()).
			WithPolicy(s.role.Policy).
			WithExternalId(s.role.ExternalID).
			WithDurationSeconds(int(s.role.expiration().Seconds())).
			WithStsEndpoint(s.sts.host).
			WithHttpOptions(s.sts.options()).
			Build()
	})
	if err != nil {
		s.base.Discard(base)
	}
	return got, err
}

// oidcSource is a role that is assumed with a token.
type oidcSource struct {
	oidc OIDC
	sts  sts
}

func (s *oidcSource) fetch(context.Context) (lease, error) {
	method := "assume_role_with_oidc of " + s.oidc.RoleARN
	token := s.oidc.Token
	if token == "" {
		// Not by the library: it would let ALIBABA_CLOUD_OIDC_TOKEN win.
		file, err := readFile(s.oidc.TokenFile)
		if err != nil {
			return lease{}, missing(method, "oidc_token_file cannot be used: %v", err)
		}
		if token = strings.TrimSpace(string(file.text)); token == "" {
			return lease{}, missing(method, "oidc_token_file %s is empty", s.oidc.TokenFile)
		}
	}
	return fetchFromSTS(method, s.oidc.AssumeRole, []ossclient.Credentials{{SecurityToken: token}}, func() (providers.CredentialsProvider, error) {
		return providers.NewOIDCCredentialsProviderBuilder().
			WithOIDCProviderARN(s.oidc.ProviderARN).
			WithOIDCToken(token).
			WithRoleArn(s.oidc.RoleARN).
			WithRoleSessionName(s.oidc.sessionName()).
			WithPolicy(s.oidc.Policy).
			WithDurationSeconds(int(s.oidc.expiration().Seconds())).
			WithSTSEndpoint(s.sts.host).
			WithHttpOptions(s.sts.options()).
			Build()
	})
}

func (r AssumeRole) sessionName() string {
	if r.SessionName == "" {
		return "terraform"
	}
	return r.SessionName
}

func (r AssumeRole) expiration() time.Duration {
	if r.Expiration == 0 {
		return defaultExpiration
	}
	return r.Expiration
}

// options are the library's. Its times for connecting and answering are good:
// 5 and 10 seconds.
func (s sts) options() *providers.HttpOptions {
	if s.proxy == nil {
		return nil
	}
	return &providers.HttpOptions{Proxy: s.proxy.String()}
}

// fetchFromSTS asks for a session. It lasts as long as was asked for: STS
// refuses what it does not grant.
func fetchFromSTS(method string, role AssumeRole, secrets []ossclient.Credentials, build func() (providers.CredentialsProvider, error)) (lease, error) {
	asked := time.Now()
	got, err := once(build)
	if err != nil {
		return lease{}, libraryError(method, "STS", err, secrets...)
	}
	return lease{got, asked.Add(role.expiration())}, nil
}

// once builds a provider of the library and asks it a single time. Objects that
// nobody shares cannot race, and those that are new hold no old credentials.
func once(build func() (providers.CredentialsProvider, error)) (got ossclient.Credentials, err error) {
	defer func() {
		if recover() != nil { // answers without Expiration or Code; the value may hold anything
			err = errors.New("an answer that lacks a field")
		}
	}()
	provider, err := build()
	if err != nil {
		return ossclient.Credentials{}, err
	}
	answer, err := provider.GetCredentials()
	if err != nil {
		return ossclient.Credentials{}, err
	}
	return ossclient.Credentials{
		AccessKeyID:     answer.AccessKeyId,
		AccessKeySecret: answer.AccessKeySecret,
		SecurityToken:   answer.SecurityToken,
	}, nil
}

// fixed is credentials as the library wants to be given them.
type fixed struct{ credentials ossclient.Credentials }

func (f fixed) GetCredentials() (*providers.Credentials, error) {
	return &providers.Credentials{
		AccessKeyId:     f.credentials.AccessKeyID,
		AccessKeySecret: f.credentials.AccessKeySecret,
		SecurityToken:   f.credentials.SecurityToken,
		ProviderName:    f.GetProviderName(),
	}, nil
}

func (fixed) GetProviderName() string { return "ossresumable" }

// printsTokens reports whether the library would write the headers of its
// requests to the standard output, the access token among them
// (alibabacloud-go/debug reads DEBUG when the process starts).
func printsTokens() bool {
	return slices.Contains(strings.Split(os.Getenv("DEBUG"), ","), "credential")
}
