// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable

import (
	"path/filepath"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/checkpoint"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/source"
)

// CheckpointDirVariable names the environment variable that stands in for the
// argument checkpoint_dir.
const CheckpointDirVariable = "OSSRESUMABLE_CHECKPOINT_DIR"

// DefaultCheckpointDir is where journals are when no configuration says it:
// where CheckpointDirVariable points, else a folder of ours in the user's
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

// CheckCheckpointDir tells whether dir can hold journals, or could be made,
// without making or writing anything.
func CheckCheckpointDir(dir string) error { return checkpoint.CheckDir(dir) }
