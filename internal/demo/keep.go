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

// keepServing tells how to use the server from another terminal, and shows
// what arrives there until ctx ends.
func (d *demo) keepServing(ctx context.Context) {
	d.printf("\nThe server is still there. Paste this into another terminal, in an empty folder:\n\n")
	for _, variable := range d.first.Environ() {
		if strings.HasPrefix(variable, "TF_CLI_CONFIG_FILE=") {
			d.export(variable) // says where this provider is, and no other one
		}
	}
	for _, variable := range d.environment() {
		d.export(variable)
	}
	d.printf("cat > main.tf <<'EOF'\n%sEOF\n%s init\n\n", d.config(), d.command())
	d.printf("Then run %s apply there, press Ctrl-C or kill -9 it while parts arrive, and apply\n", d.command())
	d.printf("again. Change main.tf as you like; the bucket is %q. Every request that the\n", bucket)
	d.printf("server gets is printed here, and Ctrl-C here ends it.\n\n")
	d.requests.open()
	<-ctx.Done()
	d.printf("\n")
}

func (d *demo) export(variable string) {
	name, value, _ := strings.Cut(variable, "=")
	d.printf("export %s='%s'\n", name, strings.ReplaceAll(value, "'", `'\''`))
}

// command is how the user calls the CLI that the demo has used.
func (d *demo) command() string {
	cli := d.installation.CLI()
	if found, err := exec.LookPath(filepath.Base(cli)); err == nil && found == cli {
		return filepath.Base(cli)
	}
	return cli
}

// gate passes nothing on until it is opened.
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
