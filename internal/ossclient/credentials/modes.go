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

// maxChain is through how many profiles source_profile may lead. Each is a
// session of STS, and another reading of the file.
const maxChain = 16

// profileSource reads its file again for each fetch: whoever logs in again, or
// renews a token there, does it while an upload runs.
type profileSource struct {
	profile Profile
	cfg     Config // for what a mode needs besides
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

// of is the source that an entry describes. passed are the profiles that led
// to it, which it may not name again.
func (s *profileSource) of(e entry, passed []string) (source, error) {
	profile := Profile{s.profile.File, e.Name}
	lacks := func(fields ...string) error {
		for i := 0; i+1 < len(fields); i += 2 {
			if fields[i+1] == "" {
				return missing(profile.method(), "%s is not set, which mode %s needs", fields[i], e.Mode)
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
		return nil, missing(profile.method(), "sts_region is not the ID of a region, such as cn-hangzhou")
	}
	switch e.Mode {
	case "AK", "":
		return static, lacks(keys...)
	case "StsToken":
		static.credentials.SecurityToken = e.SecurityToken
		return endsSometime{static}, lacks(append(keys, "sts_token", e.SecurityToken)...)
	case "RamRoleArn":
		err := lacks(append(keys, "ram_role_arn", e.RoleARN)...)
		if s.cfg.AssumeRole != nil {
			return static, err // as in alicloud, assume_role takes the place of the profile's role
		}
		return s.assume(e, role, static), err
	case "EcsRamRole":
		return &metadataSource{e.ECSRoleName, s.cfg.metadata}, nil // the CLI takes the instance's role, too
	case "OIDC":
		oidc := OIDC{AssumeRole: role, ProviderARN: e.OIDCProviderARN, Token: e.OIDCToken, TokenFile: e.OIDCTokenFile}
		return &oidcSource{oidc, s.stsOf(e)}, lacks("ram_role_arn", e.RoleARN, "oidc_provider_arn", e.OIDCProviderARN, "oidc_token_file", e.OIDCToken+e.OIDCTokenFile)
	case "ChainableRamRoleArn":
		if err := lacks("ram_role_arn", e.RoleARN, "source_profile", e.SourceProfile); err != nil {
			return nil, err
		}
		switch passed = append(passed, e.Name); {
		case slices.Contains(passed, e.SourceProfile):
			return nil, missing(profile.method(), "source_profile leads in a circle: %s", ossclient.Excerpt(strings.Join(append(passed, e.SourceProfile), ", ")))
		case len(passed) > maxChain:
			return nil, missing(profile.method(), "source_profile leads through more than %d profiles", maxChain)
		}
		next, err := Profile{s.profile.File, e.SourceProfile}.load()
		if err != nil {
			return nil, err
		}
		base, err := (&profileSource{s.profile, s.withoutRole()}).of(next, passed)
		return s.assume(e, role, base), err
	case "External":
		if e.unsafe != nil {
			return nil, missing(profile.method(), "process_command is not run, because another user could have written it: %v", e.unsafe)
		}
		return &externalSource{e.ProcessCommand}, lacks("process_command", e.ProcessCommand)
	case "CloudSSO":
		err := lacks("cloud_sso_sign_in_url", e.SSOSignInURL, "cloud_sso_account_id", e.SSOAccountID,
			"cloud_sso_access_config", e.SSOAccessConfig, "access_token", e.SSOAccessToken)
		if err == nil {
			if _, wrong := parseSignInURL(e.SSOSignInURL); wrong != nil {
				err = missing(profile.method(), "%v", wrong)
			}
		}
		return &ssoSource{e}, err
	case "OAuth":
		return &oauthSource{e, profile, s.cfg.oauth}, lacks("oauth_access_token or oauth_refresh_token", e.OAuthAccess+e.OAuthRefresh)
	}
	return nil, missing(profile.method(), "mode %s is not known", ossclient.Excerpt(e.Mode))
}

func (s *profileSource) assume(e entry, role AssumeRole, base source) source {
	return &assumeRole{role: role, base: newCache(base), sts: s.stsOf(e), method: methodAssumeRole(role)}
}

// withoutRole is for the profiles below a chain, whose own roles count.
func (s *profileSource) withoutRole() Config {
	cfg := s.cfg
	cfg.AssumeRole = nil
	return cfg
}

// stsOf is where an entry wants STS to be asked, unless the provider's
// configuration says.
func (s *profileSource) stsOf(e entry) sts {
	where := s.cfg.sts()
	if s.cfg.STSEndpoint == "" && e.STSRegion != "" {
		prefix := "sts"
		if e.VPC {
			prefix = "sts-vpc"
		}
		where.host = stsOf(prefix, e.STSRegion)
	}
	return where
}

// endsSometime is for a security token in a file, which says nothing of its
// end, and is renewed there by somebody else.
type endsSometime struct{ source }

func (s endsSometime) fetch(ctx context.Context) (lease, error) {
	got, err := s.source.fetch(ctx)
	got.expires = time.Now().Add(unknownLifetime)
	return got, err
}
