// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

// Package credentials gets what requests to OSS are signed with, by every
// method of the alicloud provider. Where a configuration comes from, arguments
// or environment, is the caller's business; here it is plain values.
//
// A source fetches, and knows nothing of goroutines or of what came before it.
// A cache in front of it makes it an [ossclient.CredentialsProvider]: one
// fetch at a time whoever asks, ahead of expiry and beside the requests that
// go on with the old credentials, a waiting caller bound by its own context.
// A role that is assumed has such a cache below it for who assumes it, so
// chains need nothing of their own.
//
//	cache ─ fetches ─→ assumeRole ─ asks ─→ cache ─ fetches ─→ profile, metadata, uri, oidc …
//
// Every request goes through one client (client.go), which follows no redirect
// and reads no more than a limit. Every address is parsed by package address:
// secrets go over https, but to this machine and its neighbours on the link. No
// error shows an answer, or a URL, as it is (errors.go).
package credentials
