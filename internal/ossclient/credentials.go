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

// Credentials sign requests. Printing or logging them shows no secrets.
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

// CredentialsProvider provides the credentials of requests. It is called for each
// request, because a security token may expire during an upload. It must be safe
// for concurrent use, and must return soon after ctx is done.
type CredentialsProvider interface {
	Credentials(ctx context.Context) (Credentials, error)

	// Discard reports that OSS has refused credentials. Credentials should then
	// return other ones if possible.
	Discard(refused Credentials)
}

// Static returns a provider that always returns the same credentials.
func Static(credentials Credentials) CredentialsProvider {
	// A function, because package fmt prints unexported fields without calling their
	// methods, and a printed struct may contain a provider.
	return providerFunc(func(context.Context) (Credentials, error) { return credentials, nil })
}

type providerFunc func(context.Context) (Credentials, error)

func (f providerFunc) Credentials(ctx context.Context) (Credentials, error) { return f(ctx) }
func (providerFunc) Discard(Credentials)                                    {}

// check finds mistakes that would otherwise result in SignatureDoesNotMatch or in a
// header that cannot be sent, such as the line break at the end of a file.
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
			return fmt.Errorf("%w: %s contains a space, a line break or another invalid character", resumable.ErrCredentials, name)
		}
	}
	return nil
}

// snapshot provides the SDK with the credentials of one request. The SDK calls the
// three getters one after the other, so their results must belong together.
type snapshot struct{ credentials Credentials }

func (s snapshot) GetAccessKeyID() string          { return s.credentials.AccessKeyID }
func (s snapshot) GetAccessKeySecret() string      { return s.credentials.AccessKeySecret }
func (s snapshot) GetSecurityToken() string        { return s.credentials.SecurityToken }
func (s snapshot) GetCredentials() oss.Credentials { return s }
