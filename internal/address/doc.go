// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

// Package address parses the addresses in arguments, environment variables and
// profiles: hosts of services, URLs of services, and proxies.
//
// An address may contain a password or a token, so errors contain nothing of it. Each
// error continues a sentence, such as "must be …", that begins with the name of the
// argument, variable or field.
package address
