// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package main

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/terraform"
)

const (
	fileSize    = 256 << 20
	partSize    = 8 << 20 // the provider's default
	parallelism = 5       // slow enough to watch
	parts       = fileSize / partSize

	// bandwidth is per connection. The upload takes about ten seconds, long enough to
	// watch and to kill it.
	bandwidth = 5 << 20

	bucket = "demo-bucket"
	key    = "images/disk.img"
	region = "cn-hangzhou"
)

// demo is the state of the demo.
type demo struct {
	*screen
	dir          string // contains all files
	server       *osstest.Server
	requests     gate // the log of the server
	installation *terraform.Installation
	first        *terraform.Workspace
	sha256       string // of the file

	killed count // after the kill
	total  count // after the second apply
}

func (d *demo) source() string      { return filepath.Join(d.dir, "disk.img") }
func (d *demo) checkpoints() string { return filepath.Join(d.dir, "checkpoints") }

func (d *demo) close() {
	if d.server != nil {
		_ = d.server.Close()
	}
}

func (d *demo) prepare(ctx context.Context) (err error) {
	d.progress("building the provider, which takes a minute the first time")
	started := time.Now()
	if d.installation, err = terraform.Install(ctx, d.dir); err != nil {
		return err
	}
	d.say("build:  took %v; installed in a temporary provider mirror", time.Since(started).Round(time.Second))
	d.server, err = osstest.New(osstest.Config{
		Dir: filepath.Join(d.dir, "server"), Region: region, Bandwidth: bandwidth, Log: &d.requests,
	})
	if err != nil {
		return err
	}
	url, err := d.server.Start("127.0.0.1:0")
	if err != nil {
		return err
	}
	d.server.CreateBucket(bucket)
	d.say("server: %s, limited to %s/s per connection", url, mib(bandwidth))

	if d.sha256, err = generate(d.source(), fileSize); err != nil {
		return err
	}
	d.say("file:   disk.img, %s of random bytes, SHA-256 %s…", mib(fileSize), d.sha256[:16])

	d.progress("terraform init")
	if d.first, err = d.workspace(ctx, "first", d.config()); err != nil {
		return err
	}
	d.say("upload: %d parts of %s, %d at a time", parts, mib(partSize), parallelism)
	return nil
}

// generate writes size pseudo-random bytes to a file and returns their SHA-256.
func generate(path string, size int64) (string, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	_, err = io.CopyN(io.MultiWriter(f, sum), bufio.NewReaderSize(rand.NewChaCha8([32]byte{1}), 1<<20), size)
	return hex.EncodeToString(sum.Sum(nil)), errors.Join(err, f.Close())
}

// config returns the configuration. Credentials are in the environment.
func (d *demo) config() string {
	return fmt.Sprintf(`terraform {
  required_providers {
    ossresumable = {
      source = "ossresumable/ossresumable"
    }
  }
}

provider "ossresumable" {
  region   = %q
  endpoint = %q
}

resource "ossresumable_object" "disk" {
  bucket = %q
  key    = %q
  source = %q

  parallelism = %d
}
`, region, d.server.URL(), bucket, key, d.source(), parallelism)
}

const importBlock = `
import {
  to = ossresumable_object.disk
  id = "` + bucket + "/" + key + `"
}
`

// environment returns the environment variables that a user would set.
func (d *demo) environment() []string {
	return []string{
		"ALICLOUD_ACCESS_KEY=" + osstest.AccessKeyID,
		"ALICLOUD_SECRET_KEY=" + osstest.AccessKeySecret,
		"OSSRESUMABLE_CHECKPOINT_DIR=" + d.checkpoints(),
	}
}

func (d *demo) workspace(ctx context.Context, name, config string) (*terraform.Workspace, error) {
	return d.installation.Workspace(ctx, filepath.Join(d.dir, name), config, d.environment()...)
}

// start starts a Terraform command without prompts, and prints the important lines of
// its output. It is killed when ctx is done.
func (d *demo) start(ctx context.Context, w *terraform.Workspace, command string, options ...string) (*terraform.Process, error) {
	args := append([]string{command, "-input=false", "-no-color"}, options...)
	if command != "plan" {
		args = append(args, "-auto-approve")
	}
	p, err := w.Start(&highlights{screen: d.screen}, args...)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { p.SignalGroup(syscall.SIGKILL) })
	go func() {
		<-p.Done()
		stop()
	}()
	return p, nil
}

// finish runs a command that must succeed.
func (d *demo) finish(ctx context.Context, w *terraform.Workspace, command string) error {
	p, err := d.start(ctx, w, command)
	if err != nil {
		return err
	}
	if out := p.Wait(); out.ExitCode != 0 {
		return fmt.Errorf("exit status %d:\n%s", out.ExitCode, out.Text)
	}
	return nil
}

// objectSHA256 returns the SHA-256 of the object on the server.
func (d *demo) objectSHA256() (string, error) {
	object, found := d.server.Object(bucket, key)
	if !found {
		return "", errors.New("the server has no such object")
	}
	body, err := object.Open()
	if err != nil {
		return "", err
	}
	defer body.Close()
	sum := sha256.New()
	_, err = io.Copy(sum, body)
	return hex.EncodeToString(sum.Sum(nil)), err
}
