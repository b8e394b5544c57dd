// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package credentials

import (
	"context"
	"strings"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/ossclient"
)

// defaultExpiration is the default of STS.
const defaultExpiration = time.Hour

// maxToken limits the size of a token file. The limit of STS for the token of an
// identity provider is 20,000 bytes.
const maxToken = 64 << 10

// assumeRole assumes a role with the credentials of base.
type assumeRole struct {
	role   AssumeRole
	base   ossclient.CredentialsProvider
	sts    sts
	method string
}

func (s *assumeRole) fetch(ctx context.Context) (lease, error) {
	base, err := s.base.Credentials(ctx)
	if ctx.Err() != nil {
		return lease{}, &Error{s.method, "timed out while getting the credentials that assume the role", true}
	}
	if err != nil {
		return lease{}, err
	}
	query, form := common("AssumeRole"), s.role.form()
	sign(query, form, base)
	got, err := s.sts.session(ctx, s.method, query, form, s.role, base)
	if err != nil {
		s.base.Discard(base)
	}
	return got, err
}

// oidcSource assumes a role with a token of an identity provider.
type oidcSource struct {
	oidc OIDC
	sts  sts
}

func (s *oidcSource) fetch(ctx context.Context) (lease, error) {
	method := "assume_role_with_oidc of " + s.oidc.RoleARN
	token := s.oidc.Token
	if token == "" {
		file, err := readFile(s.oidc.TokenFile, maxToken)
		if err != nil {
			return lease{}, permanentError(method, "cannot use oidc_token_file: %v", err)
		}
		if token = strings.TrimSpace(string(file.text)); token == "" {
			return lease{}, permanentError(method, "oidc_token_file %s is empty", s.oidc.TokenFile)
		}
	}
	form := s.oidc.form()
	form.Set("OIDCProviderArn", s.oidc.ProviderARN)
	form.Set("OIDCToken", token)
	return s.sts.session(ctx, method, common("AssumeRoleWithOIDC"), form, s.oidc.AssumeRole, ossclient.Credentials{SecurityToken: token})
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
