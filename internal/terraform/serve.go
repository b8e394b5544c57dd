// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package terraform

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
)

// Serve starts the provider as under a debugger. Until stop, it serves the commands of w. A
// command starts it three or four times otherwise, which takes longer than all else that the
// command does. The provider has the directory and the environment that w has now.
func (w *Workspace) Serve() (stop func(), err error) {
	cmd := exec.Command(w.Provider(), "-debug")
	cmd.Dir = w.Dir
	cmd.Env = append(w.Environ(), "PLUGIN_UNIX_SOCKET_DIR="+os.TempDir()) // the path of a socket must be short
	output, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	end := func() { _ = cmd.Process.Signal(os.Interrupt); _ = cmd.Wait() }
	reattach, err := reattachment(output)
	if err != nil {
		end()
		return nil, fmt.Errorf("provider -debug: %w", err)
	}
	env := w.Env
	w.Env = append(slices.Clip(env), reattach)
	return func() { w.Env = env; end() }, nil
}

// reattachment reads the variable TF_REATTACH_PROVIDERS that a provider prints. OpenTofu looks
// for the provider of its own registry.
func reattachment(output io.Reader) (variable string, err error) {
	const name = "TF_REATTACH_PROVIDERS="
	for lines := bufio.NewScanner(output); lines.Scan(); {
		_, text, found := strings.Cut(lines.Text(), name)
		if !found {
			continue
		}
		providers := map[string]json.RawMessage{}
		if err := json.Unmarshal([]byte(strings.Trim(text, "'")), &providers); err != nil {
			return "", err
		}
		providers["registry.opentofu.org/ossresumable/ossresumable"] = providers["registry.terraform.io/ossresumable/ossresumable"]
		both, err := json.Marshal(providers)
		return name + string(both), err
	}
	return "", errors.New("it does not print " + name)
}
