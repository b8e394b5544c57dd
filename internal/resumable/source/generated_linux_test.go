// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package source

import (
	"errors"
	"os"
	"strings"
	"testing"
)

// The size of a file in /proc and /sys is not the number of its bytes. Such a file
// would be published empty, or seem to change without end.
func TestFingerprint_generatedFiles(t *testing.T) {
	for _, path := range []string{
		"/proc/version", "/proc/self/status", "/proc/self/environ", // their size is 0
		"/sys/kernel/mm/transparent_hugepage/enabled", "/sys/class/net/lo/address", // and here more than the bytes
	} {
		f, err := Open(path)
		if errors.Is(err, os.ErrNotExist) || errors.Is(err, os.ErrPermission) {
			t.Logf("skipped: %v", err)
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		fp, err := f.Fingerprint(t.Context(), "")
		if !errors.Is(err, ErrNotRegular) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %d bytes, %v", path, fp.Size, err)
		}
		_ = f.Close()
	}
}
