// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package private

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/owner"
)

// Within returns the directory to use if the user has chosen dir. That is dir, or a
// folder in it if dir is a directory that this user and others may write to, such as
// a volume of a container. [Check] refuses the folder if another user made it.
func Within(dir string) string {
	info, err := os.Stat(dir)
	if err != nil || !info.IsDir() || !shared(info) || checkWritable(dir) != nil {
		return dir
	}
	return filepath.Join(dir, folder())
}

// Temporary returns a directory below the temporary directory of the system. Another
// user can guess its name and create it first, and then [Check] refuses it.
func Temporary() string { return filepath.Join(os.TempDir(), folder()) }

// folder is named by the user, so that users who share a directory do not block each
// other.
func folder() string {
	const name = "terraform-provider-ossresumable"
	if uid := os.Geteuid(); uid >= 0 { // not on Windows
		return fmt.Sprintf("%s-%d", name, uid)
	}
	return name
}

// CheckHome returns an error if root would create dir in a directory of another user,
// as with "sudo -E" or a home directory that is mounted into a container. That user
// could neither use nor remove the files of root. euid is the user of this process. If
// dir already exists, it contains the checkpoints of earlier runs and is accepted.
func CheckHome(dir string, euid int) error {
	if euid != 0 {
		return nil
	}
	for at := dir; ; at = filepath.Dir(at) {
		info, err := os.Stat(at)
		if err != nil {
			if at == filepath.Dir(at) {
				return nil
			}
			continue
		}
		if uid, _, known := owner.Of(info); at != dir && known && uid != 0 {
			return fmt.Errorf("%s belongs to %s and this process runs as root; with sudo, use \"sudo -H\" for the home directory of root",
				at, owner.Name(uid))
		}
		return nil
	}
}
