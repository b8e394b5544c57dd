// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

// Package ststest provides the services that return credentials, for tests: the Security
// Token Service and the metadata service of an ECS instance. Each is an HTTP server on
// loopback. Like osstest, it imports only the standard library, and refuses requests that
// the real service would refuse.
//
// Sources: STS API pages AssumeRole, AssumeRoleWithOIDC and "Request syntax and signature
// method V2 (RPC)"; ECS page "Instance metadata". Error codes are documented; error
// messages are assumed.
package ststest
