// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

// Package status implements the commands status and abort of the provider's binary,
// which show and abort unfinished uploads outside of Terraform.
//
// All data comes from the journals of one checkpoint directory, which are read while
// other processes write them, and from the locks, which show which process works on
// an upload. Reading changes nothing. All output passes through package escape,
// because object keys and file names may contain any characters.
package status
