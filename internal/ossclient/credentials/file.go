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

// maxFileSize limits the size of a file, in bytes. A profile of the CLI has less than
// 2 KiB.
const maxFileSize = 1 << 20

// ownFile is a file that contains or names credentials.
type ownFile struct {
	text []byte
	// commands is the reason why commands in the file must not run, or nil.
	commands error
}

// readFile reads a file that contains or names credentials, with at most limit bytes. It
// refuses a file that another user can modify, because that user could choose the
// credentials. A file that is replaced meanwhile, as a token of Kubernetes is at each
// renewal, is read again.
func readFile(path string, limit int64) (file ownFile, err error) {
	for range maxReads {
		if file, err = readOnce(path, limit); !errors.Is(err, errReplaced) {
			break
		}
	}
	return file, err
}

const maxReads = 10

var errReplaced = errors.New("the file was replaced while it was opened")

func readOnce(path string, limit int64) (ownFile, error) {
	if info, err := os.Stat(path); err != nil {
		return ownFile{}, err
	} else if !info.Mode().IsRegular() { // opening a pipe would wait for a writer
		return ownFile{}, errors.New("not a regular file")
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

// checkWriters returns an error if another user can modify the file at path, which is
// open as f.
//
// The owner of the file, and of each symbolic link in its path, must be the user euid or
// root, and no other user may write to the file. Directories do not matter here: a user
// who can write to one can only replace the file by one of their own. As root, the file
// may also belong to another user, as with "sudo -E", unless any user could replace it.
//
// The result commands is stricter, because a command runs with the permissions of this
// process. Every directory and link in the path must belong to the user euid or root, and
// no other user may write to a directory, unless it is sticky, like /tmp.
//
// On Windows, where owners are unknown, all files pass.
func checkWriters(path string, f *os.File, euid int) (commands, err error) {
	opened, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if _, _, known := owner.Of(opened); !known {
		return nil, nil
	}
	var file, dir, exposed error // the first problem of each kind
	var last fs.FileInfo
	err = walk(path, func(at string, info fs.FileInfo) {
		uid, _, _ := owner.Of(info)
		mode := info.Mode()
		last = info
		if uid != 0 && uid != euid {
			foreign := fmt.Errorf("%s belongs to %s, but this process runs as %s", at, owner.Name(uid), owner.Name(euid))
			if mode.IsDir() {
				dir = cmp.Or(dir, foreign)
			} else {
				file = cmp.Or(file, foreign)
			}
		}
		if mode.IsDir() && mode.Perm()&0o022 != 0 && mode&fs.ModeSticky == 0 {
			exposed = cmp.Or(exposed, errOthersWrite(at, mode))
		}
	})
	switch {
	case err != nil:
		return nil, err
	case !os.SameFile(last, opened):
		return nil, errReplaced
	case opened.Mode().Perm()&0o022 != 0:
		return nil, errOthersWrite(path, opened.Mode())
	case file != nil && euid != 0:
		return nil, file
	case file != nil && exposed != nil:
		return nil, exposed
	}
	return cmp.Or(file, dir, exposed), nil
}

func errOthersWrite(path string, mode fs.FileMode) error {
	return fmt.Errorf("other users can write to %s (mode %04o); run chmod go-w on it", path, mode.Perm())
}

// maxLinks is more than any kernel follows in a path. Linux follows 40.
const maxLinks = 255

// walk resolves a path as the kernel does. It calls visit for each directory and
// symbolic link, and finally for the file.
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
