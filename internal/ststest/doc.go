// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

// Package ststest is where credentials come from in tests: Alibaba Cloud's
// Security Token Service, the metadata service of an ECS instance, and a
// service for credentials_uri, each an HTTP server on loopback. Like osstest, it
// imports the standard library only, and refuses what the service would refuse.
//
// Sources: STS's API pages AssumeRole, AssumeRoleWithOIDC and "Request syntax and
// signature method V2 (RPC)"; ECS's page "Instance metadata". Texts of errors are assumed, codes
// are theirs.
package ststest
