// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package private

import (
	"fmt"
	"io/fs"
	"os"

	"golang.org/x/sys/windows"
)

// NoFollow is empty, because creating a symbolic link requires a privilege on Windows.
const NoFollow = 0

// openPath allows others to rename and remove a file that is open for reading, which
// os.OpenFile does not. Reading a journal must not prevent its holder from replacing
// it.
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

// checkPrivate relies on the access control list that the directory inherits from the
// user profile.
func checkPrivate(string, fs.FileInfo) error { return nil }

// shared relies on the access control list, too.
func shared(fs.FileInfo) bool { return false }

// CheckFile refuses anything but a regular file.
func CheckFile(path string, info fs.FileInfo) error {
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%w: %s is not a regular file", ErrDir, path)
	}
	return nil
}

// checkWritable always succeeds, because the mode bits of a directory on Windows do
// not show whether it is writable. The first write finds out.
func checkWritable(string) error { return nil }

// checkLinks always succeeds; see NoFollow.
func checkLinks(string) error { return nil }
