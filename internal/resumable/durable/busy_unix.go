// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build !windows

package durable

// retryWhileBusy calls change once, because an open file does not prevent it.
func retryWhileBusy(change func() error) error { return change() }
