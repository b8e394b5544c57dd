// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

// Terraform-provider-ossresumable keeps local files as objects in Alibaba
// Cloud OSS. Terraform starts it; run by hand it only tells its version.
package main

import (
	"flag"
	"fmt"
	"log"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/provider"
)

// version is set by the linker in a release.
var version = "dev"

func main() {
	debug := flag.Bool("debug", false, "serve one Terraform run under a debugger and print how to attach to it")
	printVersion := flag.Bool("version", false, "print the version and exit")
	flag.Parse()

	if *printVersion {
		fmt.Println("terraform-provider-ossresumable " + version)
		return
	}
	if err := provider.Serve(version, *debug); err != nil {
		log.Fatal(err)
	}
}
