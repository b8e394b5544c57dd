// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

// Package workflows contains only tests. They read .github, and fail if a change removes a
// check before a release, gives a job more permissions than it needs, or exposes the
// signing key to other code.
package workflows
