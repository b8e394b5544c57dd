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

// replaceFile gives an existing file another text. Who reads it at any moment
// gets the old text or the new one. Owner, group and mode stay, also when root
// writes the file of another user; where they cannot stay, nothing is written.
func replaceFile(name string, text []byte) error {
	temp, target, err := beside(name)
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

// checkReplaceable tells whether replaceFile can write the file now.
func checkReplaceable(name string) error {
	temp, _, err := beside(name)
	if err != nil {
		return err
	}
	return errors.Join(temp.Close(), os.Remove(temp.Name()))
}

// beside makes an empty file beside target, which is the file itself and not a
// symbolic link to it. It has the owner, the group and the mode of target.
func beside(name string) (temp *os.File, target string, err error) {
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
	if err := becomeLike(temp, info); err != nil {
		_ = temp.Close()
		_ = os.Remove(temp.Name())
		return nil, "", err
	}
	return temp, target, nil
}

// becomeLike gives an open file the owner, the group and the mode of another.
func becomeLike(f *os.File, info fs.FileInfo) error {
	now, err := f.Stat()
	if err != nil {
		return err
	}
	uid, gid, known := owner.Of(info)
	nowUID, nowGID, _ := owner.Of(now)
	if known && (uid != nowUID || gid != nowGID) {
		if err := f.Chown(uid, gid); err != nil {
			return fmt.Errorf("it belongs to %s and group %d, which this process cannot keep: %w", owner.Name(uid), gid, err)
		}
	}
	return f.Chmod(info.Mode().Perm()) // after Chown, which may take bits away
}
