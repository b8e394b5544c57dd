// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package main

import (
	"context"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
)

// keepServing explains how to use the server from another terminal, and prints its
// requests until ctx is done.
func (d *demo) keepServing(ctx context.Context) {
	d.printf("\nThe server is still running. Paste this into another terminal, in an empty directory:\n\n")
	for _, variable := range d.first.Environ() {
		if strings.HasPrefix(variable, "TF_CLI_CONFIG_FILE=") {
			d.export(variable) // selects the provider that the demo has built
		}
	}
	for _, variable := range d.environment() {
		d.export(variable)
	}
	d.printf("cat > main.tf <<'EOF'\n%sEOF\n%s init\n\n", d.config(), d.command())
	d.printf("Then run %s apply there. Interrupt it with Ctrl-C or kill -9 during the upload,\n", d.command())
	d.printf("and apply again. You can change main.tf; the bucket is %q. This terminal shows\n", bucket)
	d.printf("the requests that the server receives. Press Ctrl-C here to stop the server.\n\n")
	d.requests.open()
	<-ctx.Done()
	d.printf("\n")
}

func (d *demo) export(variable string) {
	name, value, _ := strings.Cut(variable, "=")
	d.printf("export %s='%s'\n", name, strings.ReplaceAll(value, "'", `'\''`))
}

// command returns the command that runs the CLI of the demo.
func (d *demo) command() string {
	cli := d.installation.CLI()
	if found, err := exec.LookPath(filepath.Base(cli)); err == nil && found == cli {
		return filepath.Base(cli)
	}
	return cli
}

// gate discards data until it is opened.
type gate struct {
	to     io.Writer
	opened atomic.Bool
}

func (g *gate) open() { g.opened.Store(true) }

func (g *gate) Write(p []byte) (int, error) {
	if !g.opened.Load() {
		return len(p), nil
	}
	return g.to.Write(p)
}
