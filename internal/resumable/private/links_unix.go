// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build !windows

package private

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/owner"
)

// maxLinks is greater than the number of links that any kernel follows (Linux: 40).
const maxLinks = 255

// checkLinks follows a path as the kernel does, through its links and their targets,
// and refuses a link of another user. The owner of the folder that contains a link
// does not matter: in a sticky folder such as /tmp, only the owner of a link can
// replace it.
//
// It returns nil at the first element that it cannot read: either it is absent, or
// the first use of the path reports the error.
func checkLinks(dir string) error {
	rest, err := filepath.Abs(dir)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrDir, err)
	}
	at := "/" // without links so far
	for links := 0; rest != "" && links < maxLinks; {
		var name string
		name, rest, _ = strings.Cut(rest, "/")
		next := filepath.Join(at, name) // also for ".", ".." and ""
		info, err := os.Lstat(next)
		if err != nil {
			return nil //nolint:nilerr // see above
		}
		if info.Mode()&fs.ModeSymlink == 0 {
			at = next
			continue
		}
		if err := checkLink(next, info); err != nil {
			return err
		}
		target, err := os.Readlink(next)
		if err != nil {
			return nil //nolint:nilerr // see above
		}
		if filepath.IsAbs(target) {
			at = "/"
		}
		rest = target + "/" + rest
		links++
	}
	return nil
}

func checkLink(path string, info fs.FileInfo) error {
	uid, _, known := owner.Of(info)
	if !known || uid == 0 || uid == os.Geteuid() {
		return nil
	}
	return fmt.Errorf("%w: %s is a symbolic link owned by %s, who can redirect it, but this process runs as %s; use a path without the link",
		ErrDir, path, owner.Name(uid), owner.Name(os.Geteuid()))
}
