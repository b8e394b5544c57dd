// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

// Package status is what a person sees of uploads that are unfinished, outside
// of Terraform: the commands status and abort of the provider's binary.
//
// Everything comes from the journals of one checkpoint directory, which are
// looked at while other processes write them, and from the locks, which tell
// who works on what. Looking changes nothing. What is printed has passed
// package escape: object keys and file names may hold anything.
package status
