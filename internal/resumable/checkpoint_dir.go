// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable

import (
	"os"
	"path/filepath"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/checkpoint"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/private"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/source"
)

// CheckpointDirVariable names the environment variable that replaces the
// argument checkpoint_dir.
const CheckpointDirVariable = "OSSRESUMABLE_CHECKPOINT_DIR"

// CheckpointDir returns the directory for journals if the user has chosen dir. A
// leading "~" is the home directory. If other users may write to dir, as to many
// volumes of containers, it is a folder of this user in dir.
func CheckpointDir(dir string) (string, error) {
	dir, err := source.Resolve(dir)
	if err != nil {
		return "", err
	}
	return private.Within(dir), nil
}

// DefaultCheckpointDir returns the directory for journals if the configuration
// has none: the value of CheckpointDirVariable, or else a folder in the user's
// cache directory. If that folder cannot be used, unusable is the reason, and dir
// is in the temporary directory of the system.
func DefaultCheckpointDir(getenv func(string) string, userCacheDir func() (string, error)) (dir string, unusable, err error) {
	if dir := getenv(CheckpointDirVariable); dir != "" {
		dir, err = CheckpointDir(dir)
		return dir, nil, err
	}
	cache, unusable := userCacheDir()
	if unusable == nil {
		dir = filepath.Join(cache, "terraform-provider-ossresumable")
		unusable = private.CheckHome(dir, os.Geteuid())
	}
	if unusable == nil {
		unusable = CheckCheckpointDir(dir)
	}
	if unusable != nil {
		dir = private.Temporary()
	}
	return dir, unusable, nil
}

// CheckCheckpointDir checks that dir can hold journals, or can be created. It
// creates and writes nothing.
func CheckCheckpointDir(dir string) error { return checkpoint.CheckDir(dir) }
