// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package private

import (
	"fmt"
	"io/fs"
	"os"

	"golang.org/x/sys/windows"
)

// NoFollow is no flag: making a symbolic link takes a privilege on Windows.
const NoFollow = 0

// openPath lets others rename and remove a file that is only being read, which
// os.OpenFile does not: a look at a journal must not keep its holder from
// replacing it.
func openPath(path string, flag int) (*os.File, error) {
	if flag != os.O_RDONLY {
		return os.OpenFile(path, flag, 0)
	}
	name, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: path, Err: err}
	}
	handle, err := windows.CreateFile(name, windows.GENERIC_READ,
		windows.FILE_SHARE_READ|windows.FILE_SHARE_WRITE|windows.FILE_SHARE_DELETE,
		nil, windows.OPEN_EXISTING, windows.FILE_ATTRIBUTE_NORMAL, 0)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: path, Err: err}
	}
	return os.NewFile(uintptr(handle), path), nil
}

// checkPrivate trusts the access control list that the directory inherits
// from the user's profile.
func checkPrivate(string, fs.FileInfo) error { return nil }

// CheckFile refuses what is not a file.
func CheckFile(path string, info fs.FileInfo) error {
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%w: %s is not a regular file", ErrDir, path)
	}
	return nil
}

// checkWritable leaves the answer to the first write: the mode bits that
// Windows reports for a directory do not tell.
func checkWritable(string) error { return nil }

// checkLinks does not look: see NoFollow.
func checkLinks(string) error { return nil }
