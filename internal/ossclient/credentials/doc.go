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
// Alibaba Cloud's library, credentials-go, speaks to STS, CloudSSO and OAuth.
// It does not tell when credentials expire, locks nothing, takes no context,
// panics on answers that lack a field, and repeats answers in its errors. So
// each of its objects is built for one fetch and thrown away (library.go), and
// none of its errors is shown as it is (errors.go). What it cannot be made to do
// right is done here: design/credentials.md says what, and why.
package credentials
