// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package credentials

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/bounded"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/owner"
)

// maxFileSize bounds what is read of a file, in bytes. The CLI writes less than
// 2 KiB a profile.
const maxFileSize = 1 << 20

// ownFile is a file that names credentials.
type ownFile struct {
	text []byte
	// commands is why no command that the file names may run. nil: it may.
	commands error
}

// readFile reads a file that names credentials: at most limit bytes. It
// refuses one that another user can change, because that user would choose who
// signs.
func readFile(path string, limit int64) (ownFile, error) {
	if info, err := os.Stat(path); err != nil {
		return ownFile{}, err
	} else if !info.Mode().IsRegular() { // opening a pipe would wait for its other end
		return ownFile{}, errors.New("it is not a regular file")
	}
	f, err := os.Open(path)
	if err != nil {
		return ownFile{}, err
	}
	defer func() { _ = f.Close() }()
	commands, err := checkWriters(path, f, os.Geteuid())
	if err != nil {
		return ownFile{}, err
	}
	text, err := bounded.ReadAll(f, limit)
	return ownFile{text, commands}, err
}

// checkWriters looks at who can change the file at path, which is open as f.
//
// The owner of the file and of each symbolic link that leads to it must be the
// user euid or root, and no other user may write to the file. A directory on
// the way does not matter then: who can write there can put only a file of their
// own there. root also takes the file of another user, as in "sudo -E", unless
// any user could exchange it.
//
// commands is stricter, because a command runs with the rights of this process:
// everything on the way belongs to the user euid or root, and no other user may
// write to a directory, unless it is sticky, as /tmp is.
//
// Where owners are not known, on Windows, all files are taken.
func checkWriters(path string, f *os.File, euid int) (commands, err error) {
	opened, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if _, _, known := owner.Of(opened); !known {
		return nil, nil
	}
	var file, dir, exposed error // the first of each that was found
	var last fs.FileInfo
	err = walk(path, func(at string, info fs.FileInfo) {
		uid, _, _ := owner.Of(info)
		mode := info.Mode()
		last = info
		if uid != 0 && uid != euid {
			theirs := fmt.Errorf("%s belongs to %s, and this process runs as %s", at, owner.Name(uid), owner.Name(euid))
			if mode.IsDir() {
				dir = cmp.Or(dir, theirs)
			} else {
				file = cmp.Or(file, theirs)
			}
		}
		if mode.IsDir() && mode.Perm()&0o022 != 0 && mode&fs.ModeSticky == 0 {
			exposed = cmp.Or(exposed, othersWrite(at, mode))
		}
	})
	switch {
	case err != nil:
		return nil, err
	case !os.SameFile(last, opened):
		return nil, errors.New("it was replaced while it was opened")
	case opened.Mode().Perm()&0o022 != 0:
		return nil, othersWrite(path, opened.Mode())
	case file != nil && euid != 0:
		return nil, file
	case file != nil && exposed != nil:
		return nil, exposed
	}
	return cmp.Or(file, dir, exposed), nil
}

func othersWrite(path string, mode fs.FileMode) error {
	return fmt.Errorf("other users may write to %s (mode %04o); use chmod go-w on it", path, mode.Perm())
}

// maxLinks is more than any kernel follows in one path (Linux: 40).
const maxLinks = 255

// walk goes the way of a path as the kernel does, and calls visit for each
// directory, symbolic link and file on it. The file comes last.
func walk(path string, visit func(path string, info fs.FileInfo)) error {
	rest := path
	if !filepath.IsAbs(path) {
		dir, err := os.Getwd()
		if err != nil {
			return err
		}
		rest = dir + string(filepath.Separator) + path // not cleaned: ".." after a link is the parent of its target
	}
	at := string(filepath.Separator)
	for links := 0; rest != "" && links < maxLinks; {
		var name string
		name, rest, _ = strings.Cut(rest, string(filepath.Separator))
		next := filepath.Join(at, name) // also for ".", ".." and ""
		info, err := os.Lstat(next)
		if err != nil {
			return err
		}
		visit(next, info)
		if info.Mode()&fs.ModeSymlink == 0 {
			at = next
			continue
		}
		target, err := os.Readlink(next)
		if err != nil {
			return err
		}
		if filepath.IsAbs(target) {
			at = string(filepath.Separator)
		}
		rest = target + string(filepath.Separator) + rest
		links++
	}
	return nil
}
