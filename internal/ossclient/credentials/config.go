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

// Config selects a method of getting credentials. One of the first five fields is set.
type Config struct {
	Static      ossclient.Credentials
	Profile     *Profile
	URI         string // of a service that returns credentials
	ECSRoleName string // role of the ECS instance
	OIDC        *OIDC

	// AssumeRole is the role to assume with the credentials of the fields above. It may
	// be nil.
	AssumeRole *AssumeRole

	// STSEndpoint is "host", "host:port" or "https://host[:port]". If it is empty, an
	// endpoint of Region is used.
	STSEndpoint string
	Region      string

	// Proxy is the proxy for STS, or nil to use that of the environment. credentials_uri
	// always uses that of the environment, and the ECS metadata service none.
	Proxy *url.URL

	metadata string // base URL of the metadata service; "" for that of ECS
	oauth    string // base URL of the login service; "" for that of the site
}

// AssumeRole is a role to assume.
type AssumeRole struct {
	RoleARN     string
	SessionName string        // defaults to "terraform"
	Policy      string        // restricts the permissions of the session
	ExternalID  string        // as required by the trust policy of the role
	Expiration  time.Duration // defaults to an hour
}

// OIDC is a role to assume with the token of an identity provider.
type OIDC struct {
	AssumeRole // without ExternalID

	ProviderARN string
	Token       string // takes precedence over TokenFile
	TokenFile   string // is read for each session, because another program renews it
}

func (Config) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, "(credentials)") }
func (OIDC) Format(s fmt.State, _ rune)   { _, _ = io.WriteString(s, "(credentials)") }
func (*cache) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, "(credentials)") }

// New returns a provider of the credentials that cfg describes. It sends no requests.
// The errors of the provider are of type [*Error] and contain the method.
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
