// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

// Terraform-provider-ossresumable is a Terraform provider that uploads local files to
// Alibaba Cloud OSS. Its commands list and abort unfinished uploads.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/provider"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/status"
)

// version is set by the linker in a release.
var version = "dev"

const usage = `Usage: terraform-provider-ossresumable [COMMAND]

Without a command, it runs as a plugin of Terraform.

Commands (use COMMAND -h for details):
  status   list unfinished uploads, including those in progress
  abort    abort abandoned uploads
  version  print the version
  help     print this text

Flags:
`

func main() {
	debug := flag.Bool("debug", false, "run under a debugger, and print the environment variable that connects Terraform to it")
	printVersion := flag.Bool("version", false, "print the version and exit")
	flag.Usage = func() {
		fmt.Fprint(flag.CommandLine.Output(), usage)
		flag.PrintDefaults()
	}
	flag.Parse()

	command := flag.Arg(0)
	if *printVersion {
		command = "version"
	}
	streams := status.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}
	switch command {
	case "":
		if err := provider.Serve(version, *debug); err != nil {
			log.Fatal(err)
		}
	case "status":
		os.Exit(status.Status(context.Background(), flag.Args()[1:], streams))
	case "abort":
		os.Exit(status.Abort(context.Background(), flag.Args()[1:], streams, provider.FromEnvironment(version)))
	case "version":
		fmt.Println("terraform-provider-ossresumable " + version)
	case "help":
		flag.CommandLine.SetOutput(os.Stdout)
		flag.Usage()
	default:
		flag.Usage()
		os.Exit(2)
	}
}
