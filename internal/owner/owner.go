// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

// Package owner tells to whom files belong, on systems where a file has one
// user as its owner. On Windows it knows of none.
package owner

import (
	"fmt"
	"os/user"
	"strconv"
)

// Name is how an error names a user: "user alice (1000)", or "user 1000" when
// the system has no name for it.
func Name(uid int) string {
	id := strconv.Itoa(uid)
	if u, err := user.LookupId(id); err == nil {
		return fmt.Sprintf("user %s (%s)", u.Username, id)
	}
	return "user " + id
}
