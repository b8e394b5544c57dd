// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package ossclient

import (
	"context"
	"fmt"
	"log/slog"
	"strings"

	"github.com/aliyun/aliyun-oss-go-sdk/oss"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// Credentials sign requests. They do not show themselves in any output.
type Credentials struct {
	AccessKeyID     string
	AccessKeySecret string
	SecurityToken   string // "" for a long-lived access key
}

const redacted = "(credentials)"

func (Credentials) String() string               { return redacted }
func (Credentials) GoString() string             { return redacted }
func (Credentials) Format(s fmt.State, _ rune)   { _, _ = s.Write([]byte(redacted)) }
func (Credentials) MarshalText() ([]byte, error) { return []byte(redacted), nil }
func (Credentials) LogValue() slog.Value         { return slog.StringValue(redacted) }

// CredentialsProvider hands out the credentials of one request. It is asked
// anew for each, since a long upload outlives a security token. It is called
// from many goroutines, and must return soon after ctx is done.
type CredentialsProvider interface {
	Credentials(ctx context.Context) (Credentials, error)

	// Discard takes back credentials that OSS has refused. The next ones should
	// be others, if there are others to be had.
	Discard(refused Credentials)
}

// Static always hands out the same credentials.
func Static(credentials Credentials) CredentialsProvider {
	// A function, because package fmt prints unexported fields without asking
	// their methods, and a provider may end up in a printed struct.
	return providerFunc(func(context.Context) (Credentials, error) { return credentials, nil })
}

type providerFunc func(context.Context) (Credentials, error)

func (f providerFunc) Credentials(ctx context.Context) (Credentials, error) { return f(ctx) }
func (providerFunc) Discard(Credentials)                                    {}

// check finds what would otherwise end as SignatureDoesNotMatch or as a header
// that cannot be sent: mostly the line break at the end of a secret that came
// from a file.
func (c Credentials) check() error {
	if c.AccessKeyID == "" || c.AccessKeySecret == "" {
		return fmt.Errorf("%w: access key ID or secret is empty", resumable.ErrCredentials)
	}
	for name, value := range map[string]string{
		"access key ID":     c.AccessKeyID,
		"access key secret": c.AccessKeySecret,
		"security token":    c.SecurityToken,
	} {
		if strings.ContainsFunc(value, func(r rune) bool { return r <= ' ' || r > '~' }) {
			return fmt.Errorf("%w: %s contains a space, a line break or a character that no key has", resumable.ErrCredentials, name)
		}
	}
	return nil
}

// snapshot is what the SDK signs one request with. The SDK calls the three
// getters one after the other, so they must not change in between.
type snapshot struct{ credentials Credentials }

func (s snapshot) GetAccessKeyID() string          { return s.credentials.AccessKeyID }
func (s snapshot) GetAccessKeySecret() string      { return s.credentials.AccessKeySecret }
func (s snapshot) GetSecurityToken() string        { return s.credentials.SecurityToken }
func (s snapshot) GetCredentials() oss.Credentials { return s }
