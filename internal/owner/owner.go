// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

// Package owner returns the owners of files. On Windows, owners are unknown.
package owner

import (
	"fmt"
	"os/user"
	"strconv"
)

// Name returns the name of a user for errors: "user alice (1000)", or "user 1000" if the
// system has no name for it.
func Name(uid int) string {
	id := strconv.Itoa(uid)
	if u, err := user.LookupId(id); err == nil {
		return fmt.Sprintf("user %s (%s)", u.Username, id)
	}
	return "user " + id
}
