// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

// Package address reads the addresses that a configuration names: in arguments,
// in environment variables and in profiles. There are three kinds of them: a
// service that is a host, a service that is a URL, and a proxy.
//
// An address may hold a password or a token. No error of this package repeats
// any of it. Each error is the second half of a sentence, "must be …", that
// the caller begins with the name of the argument, variable or field.
package address
