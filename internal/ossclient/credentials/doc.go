// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

// Package credentials gets the credentials that sign requests to OSS. It supports all
// methods of the alicloud provider. The caller reads the configuration from arguments
// and environment variables.
//
// A source fetches credentials, and has no state. A cache makes a source an
// [ossclient.CredentialsProvider]. It runs one fetch at a time and renews credentials
// before they expire, while requests still use the old ones. Each caller waits with its
// own context. The credentials that assume a role have a cache, too, so roles can be
// chained.
//
//	cache ─ fetch ─→ assumeRole ─ Credentials ─→ cache ─ fetch ─→ profile, metadata, uri, oidc …
//
// All requests use one kind of HTTP client (client.go). It does not follow redirects and
// limits the size of answers. Package address parses all URLs: secrets are sent over
// https, except to this machine and to link-local addresses. Errors contain no complete
// answers or URLs (errors.go).
package credentials
