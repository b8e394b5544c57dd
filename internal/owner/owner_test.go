// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package owner

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func TestOf(t *testing.T) {
	name := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(name, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(name)
	if err != nil {
		t.Fatal(err)
	}
	uid, gid, ok := Of(info)
	if ok != (runtime.GOOS != "windows") || ok && uid != os.Geteuid() {
		t.Errorf("got %d, %d, %t", uid, gid, ok)
	}
}

func TestName(t *testing.T) {
	const unnamed = 1<<31 - 2
	if got := Name(unnamed); got != "user 2147483646" {
		t.Errorf("got %q", got)
	}
	if runtime.GOOS == "windows" {
		return
	}
	if got := Name(0); !strings.HasPrefix(got, "user ") || !strings.HasSuffix(got, " (0)") {
		t.Errorf("got %q", got)
	}
}
