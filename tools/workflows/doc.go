// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

// Package workflows holds tests alone: they read .github, and fail if an edit
// drops a gate of a release, gives a job more rights than it needs, or lets the
// signing key be where other code runs.
package workflows
