// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package credentials

import (
	"fmt"
	"io"
	"net/url"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/ossclient"
)

// Config says who asks. One of the first five is set.
type Config struct {
	Static      ossclient.Credentials
	Profile     *Profile
	URI         string // of a service that hands out credentials
	ECSRoleName string // of the instance this runs on
	OIDC        *OIDC

	// AssumeRole is assumed by whoever the fields above say. nil: none.
	AssumeRole *AssumeRole

	// STS is asked here, over TLS: "host", "host:port", or either after "https://".
	// "": of Region.
	STSEndpoint string
	Region      string

	// Proxy is the way to STS. nil: what the environment says. Other services
	// are near, and get the environment's (credentials_uri) or none (ECS).
	Proxy *url.URL

	metadata string // base URL; "": the one of ECS
	oauth    string // base URL; "": of the site
}

// AssumeRole is a role, and the session it is assumed for.
type AssumeRole struct {
	RoleARN     string
	SessionName string        // "": "terraform"
	Policy      string        // narrows what the role may do
	ExternalID  string        // guards a role that others may assume
	Expiration  time.Duration // 0: an hour
}

// OIDC is a role that is assumed with the token of an identity provider.
type OIDC struct {
	AssumeRole // without ExternalID

	ProviderARN string
	Token       string // before TokenFile
	TokenFile   string // read again for each session: its writer renews it
}

func (Config) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, "(credentials)") }
func (OIDC) Format(s fmt.State, _ rune)   { _, _ = io.WriteString(s, "(credentials)") }
func (*cache) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, "(credentials)") }

// New returns the way to the credentials that cfg describes. It asks nobody.
// Its errors, and those of what it returns, begin with the name of the method.
func New(cfg Config) ossclient.CredentialsProvider {
	if cfg.AssumeRole == nil {
		return newCache(cfg.base())
	}
	role := *cfg.AssumeRole
	return newCache(&assumeRole{role: role, base: newCache(cfg.base()), sts: cfg.sts(), method: methodAssumeRole(role)})
}

func (cfg Config) base() source {
	switch {
	case cfg.Profile != nil:
		return &profileSource{*cfg.Profile, cfg}
	case cfg.URI != "":
		return &uriSource{cfg.URI}
	case cfg.ECSRoleName != "":
		return &metadataSource{cfg.ECSRoleName, cfg.metadata}
	case cfg.OIDC != nil:
		return &oidcSource{*cfg.OIDC, cfg.sts()}
	}
	return staticSource{cfg.Static}
}

func methodAssumeRole(role AssumeRole) string { return "assume_role of " + role.RoleARN }
