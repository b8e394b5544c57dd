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
	"syscall"
)

// maxLinks is more than any kernel follows in one path (Linux: 40).
const maxLinks = 255

// checkLinks goes the way of a path as the kernel does, through the links in it
// and in their targets, and refuses one of another user. Who owns the folder
// that a link lies in does not matter: in a sticky one such as /tmp, only the
// owner of a link can exchange it.
//
// It ends without an error at what cannot be looked at. That is absent, or the
// first use of the path says why not.
func checkLinks(dir string) error {
	rest, err := filepath.Abs(dir)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrDir, err)
	}
	at := "/" // has no links
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
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok || stat.Uid == 0 || int(stat.Uid) == os.Geteuid() {
		return nil
	}
	return fmt.Errorf("%w: %s is a symbolic link owned by %s, who can redirect it, but this process runs as %s; use a path without the link",
		ErrDir, path, userName(int(stat.Uid)), userName(os.Geteuid()))
}
