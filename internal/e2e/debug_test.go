// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package e2e

import (
	"bufio"
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// With -debug, the provider has the credentials of the environment and does not use TLS. So
// no other user may connect to its socket, whatever the umask.
func TestDebug_socketIsPrivate(t *testing.T) {
	w := newWorld(t)
	temp, err := os.MkdirTemp("", "debug-") //nolint:usetesting // the path of a socket must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(temp) })
	cmd := exec.Command("/bin/sh", "-c", `umask 000; exec "$0" -debug`, w.Provider())
	cmd.Env = append(w.Environ(), "TMPDIR="+temp)
	output, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	stop := func() { _ = cmd.Process.Signal(os.Interrupt); _ = cmd.Wait() }
	defer stop()

	reattach := ""
	for lines := bufio.NewScanner(output); reattach == "" && lines.Scan(); {
		_, reattach, _ = strings.Cut(lines.Text(), "TF_REATTACH_PROVIDERS='")
	}
	reattach = strings.TrimSuffix(reattach, "'")
	var providers map[string]struct{ Addr struct{ String string } }
	if err := json.Unmarshal([]byte(reattach), &providers); err != nil {
		t.Fatalf("%q: %v", reattach, err)
	}
	for _, provider := range providers {
		socket := provider.Addr.String
		var modes []fs.FileMode
		private := false
		for path := socket; path != temp; path = filepath.Dir(path) {
			info, err := os.Lstat(path)
			if err != nil {
				t.Fatal(err)
			}
			modes = append(modes, info.Mode())
			private = private || info.Mode()&0o077 == 0
		}
		if !private {
			t.Errorf("others reach the socket %s: %v", socket, modes)
		}
	}

	w.Env = append(w.Env, "TF_REATTACH_PROVIDERS="+reattach)
	w.plan() // a Terraform of this user reaches it
	stop()
	if left, err := os.ReadDir(temp); err != nil || len(left) > 0 {
		t.Errorf("left behind %v, %v", left, err)
	}
}
