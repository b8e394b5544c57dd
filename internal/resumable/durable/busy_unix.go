// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build !windows

package durable

// whenFree makes a change: an open file is no obstacle.
func whenFree(change func() error) error { return change() }
