// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable

import (
	"path/filepath"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/checkpoint"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/source"
)

// CheckpointDirVariable names the environment variable that replaces the
// argument checkpoint_dir.
const CheckpointDirVariable = "OSSRESUMABLE_CHECKPOINT_DIR"

// DefaultCheckpointDir returns the directory for journals if the configuration
// has none: the value of CheckpointDirVariable, or else a folder in the user's
// cache directory.
func DefaultCheckpointDir(getenv func(string) string, userCacheDir func() (string, error)) (string, error) {
	if dir := getenv(CheckpointDirVariable); dir != "" {
		return source.Resolve(dir)
	}
	cache, err := userCacheDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(cache, "terraform-provider-ossresumable"), nil
}

// CheckCheckpointDir checks that dir can hold journals, or can be created. It
// creates and writes nothing.
func CheckCheckpointDir(dir string) error { return checkpoint.CheckDir(dir) }
