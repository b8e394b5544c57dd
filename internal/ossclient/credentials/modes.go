// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package credentials

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/ossclient"
)

// maxChain limits how many profiles source_profile may chain. Each needs a session of
// STS, and reads the file.
const maxChain = 16

// profileSource reads its file for each fetch, because the user may log in again or
// renew a token during an upload.
type profileSource struct {
	profile Profile
	cfg     Config // for the modes that need other settings
}

func (s *profileSource) fetch(ctx context.Context) (lease, error) {
	found, err := s.profile.load()
	if err != nil {
		return lease{}, err
	}
	inner, err := s.of(found, nil)
	if err != nil {
		return lease{}, err
	}
	got, err := inner.fetch(ctx)
	if failure, ok := errors.AsType[*Error](err); ok && !strings.HasPrefix(failure.method, "profile") {
		err = &Error{s.profile.method() + ", " + failure.method, failure.text, failure.transient}
	}
	return got, err
}

// of returns the source for an entry. passed are the profiles whose source_profile led
// to it. The entry must not name them again.
func (s *profileSource) of(e entry, passed []string) (source, error) {
	profile := Profile{s.profile.File, e.Name}
	required := func(fields ...string) error {
		for i := 0; i+1 < len(fields); i += 2 {
			if fields[i+1] == "" {
				return permanentError(profile.method(), "%s is not set, but mode %s requires it", fields[i], e.Mode)
			}
		}
		return nil
	}
	role := AssumeRole{
		RoleARN: e.RoleARN, SessionName: e.SessionName, Policy: e.Policy, ExternalID: e.ExternalID,
		Expiration: time.Duration(e.ExpiredSeconds) * time.Second,
	}
	keys := []string{"access_key_id", e.AccessKeyID, "access_key_secret", e.AccessKeySecret}
	static := staticSource{ossclient.Credentials{AccessKeyID: e.AccessKeyID, AccessKeySecret: e.AccessKeySecret}}

	if e.STSRegion != "" && !ossclient.IsRegion(e.STSRegion) {
		return nil, permanentError(profile.method(), "sts_region must be the ID of a region, such as cn-hangzhou")
	}
	switch e.Mode {
	case "AK", "":
		return static, required(keys...)
	case "StsToken":
		static.credentials.SecurityToken = e.SecurityToken
		return unknownExpiry{static}, required(append(keys, "sts_token", e.SecurityToken)...)
	case "RamRoleArn":
		err := required(append(keys, "ram_role_arn", e.RoleARN)...)
		if s.cfg.AssumeRole != nil {
			return static, err // as in alicloud, assume_role replaces the role of the profile
		}
		return s.assume(e, role, static), err
	case "EcsRamRole":
		return &metadataSource{e.ECSRoleName, s.cfg.metadata}, nil // without a role name, the CLI uses the role of the instance, too
	case "OIDC":
		oidc := OIDC{AssumeRole: role, ProviderARN: e.OIDCProviderARN, Token: e.OIDCToken, TokenFile: e.OIDCTokenFile}
		return &oidcSource{oidc, s.stsHost(e)}, required("ram_role_arn", e.RoleARN, "oidc_provider_arn", e.OIDCProviderARN, "oidc_token_file", e.OIDCToken+e.OIDCTokenFile)
	case "ChainableRamRoleArn":
		if err := required("ram_role_arn", e.RoleARN, "source_profile", e.SourceProfile); err != nil {
			return nil, err
		}
		switch passed = append(passed, e.Name); {
		case slices.Contains(passed, e.SourceProfile):
			return nil, permanentError(profile.method(), "source_profile contains a cycle: %s", ossclient.Excerpt(strings.Join(append(passed, e.SourceProfile), ", ")))
		case len(passed) > maxChain:
			return nil, permanentError(profile.method(), "source_profile chains more than %d profiles", maxChain)
		}
		next, err := Profile{s.profile.File, e.SourceProfile}.load()
		if err != nil {
			return nil, err
		}
		base, err := (&profileSource{s.profile, s.withoutRole()}).of(next, passed)
		return s.assume(e, role, base), err
	case "External":
		if e.unsafe != nil {
			return nil, permanentError(profile.method(), "process_command was not run, because another user can modify the file: %v", e.unsafe)
		}
		return &externalSource{e.ProcessCommand}, required("process_command", e.ProcessCommand)
	case "CloudSSO":
		err := required("cloud_sso_sign_in_url", e.SSOSignInURL, "cloud_sso_account_id", e.SSOAccountID,
			"cloud_sso_access_config", e.SSOAccessConfig, "access_token", e.SSOAccessToken)
		if err == nil {
			if _, wrong := parseSignInURL(e.SSOSignInURL); wrong != nil {
				err = permanentError(profile.method(), "%v", wrong)
			}
		}
		return &ssoSource{e}, err
	case "OAuth":
		return &oauthSource{e, profile, s.cfg.oauth}, required("oauth_access_token or oauth_refresh_token", e.OAuthAccess+e.OAuthRefresh)
	}
	return nil, permanentError(profile.method(), "mode %s is not supported", ossclient.Excerpt(e.Mode))
}

func (s *profileSource) assume(e entry, role AssumeRole, base source) source {
	return &assumeRole{role: role, base: newCache(base), sts: s.stsHost(e), method: methodAssumeRole(role)}
}

// withoutRole returns the configuration for a chained profile, which uses its own role.
func (s *profileSource) withoutRole() Config {
	cfg := s.cfg
	cfg.AssumeRole = nil
	return cfg
}

// stsHost returns the STS of an entry. sts_endpoint of the provider takes precedence.
func (s *profileSource) stsHost(e entry) sts {
	where := s.cfg.sts()
	if s.cfg.STSEndpoint == "" && e.STSRegion != "" {
		prefix := "sts"
		if e.VPC {
			prefix = "sts-vpc"
		}
		where.host = stsHost(prefix, e.STSRegion)
	}
	return where
}

// unknownExpiry is for a security token in a file. Its expiration is unknown, and
// another program renews it.
type unknownExpiry struct{ source }

func (s unknownExpiry) fetch(ctx context.Context) (lease, error) {
	got, err := s.source.fetch(ctx)
	got.expires = time.Now().Add(unknownLifetime)
	return got, err
}
