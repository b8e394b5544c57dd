// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package credentials

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/owner"
)

// replaceFile atomically replaces the text of an existing file. It preserves the owner,
// the group and the mode, even if root writes to the file of another user. If it cannot
// preserve them, it returns an error and writes nothing.
func replaceFile(name string, text []byte) error {
	temp, target, err := createBeside(name)
	if err != nil {
		return err
	}
	_, err = temp.Write(text)
	if err == nil {
		err = temp.Sync()
	}
	if err = errors.Join(err, temp.Close()); err == nil {
		err = os.Rename(temp.Name(), target)
	}
	if err != nil {
		_ = os.Remove(temp.Name())
	}
	return err
}

// checkReplaceable returns an error if replaceFile cannot write to the file.
func checkReplaceable(name string) error {
	temp, _, err := createBeside(name)
	if err != nil {
		return err
	}
	return errors.Join(temp.Close(), os.Remove(temp.Name()))
}

// createBeside creates an empty file in the directory of target, which is the file after
// resolving symbolic links. It has the owner, the group and the mode of target.
func createBeside(name string) (temp *os.File, target string, err error) {
	target, err = filepath.EvalSymlinks(name)
	if err != nil {
		return nil, "", err
	}
	info, err := os.Stat(target)
	if err != nil {
		return nil, "", err
	}
	temp, err = os.CreateTemp(filepath.Dir(target), "config-*.json") // 0600
	if err != nil {
		return nil, "", err
	}
	if err := copyAttributes(temp, info); err != nil {
		_ = temp.Close()
		_ = os.Remove(temp.Name())
		return nil, "", err
	}
	return temp, target, nil
}

// copyAttributes sets the owner, the group and the mode of an open file.
func copyAttributes(f *os.File, info fs.FileInfo) error {
	current, err := f.Stat()
	if err != nil {
		return err
	}
	uid, gid, known := owner.Of(info)
	currentUID, currentGID, _ := owner.Of(current)
	if known && (uid != currentUID || gid != currentGID) {
		if err := f.Chown(uid, gid); err != nil {
			return fmt.Errorf("cannot preserve its owner, %s, and group %d: %w", owner.Name(uid), gid, err)
		}
	}
	return f.Chmod(info.Mode().Perm()) // after Chown, which may clear mode bits
}
