// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

// Notices writes the licenses of everything that the provider links, for the archives of
// a release: the standard library, and the modules on all systems of .goreleaser.yml. A
// module without an allowed license is an error. The same go.mod and the same version of
// Go result in the same bytes.
package main

import (
	"bytes"
	"fmt"
	"log"
	"os"
	"strings"
)

func main() {
	log.SetFlags(0)
	if len(os.Args) != 3 {
		log.Fatal("usage: notices REPOSITORY FILE")
	}
	if err := run(os.Args[1], os.Args[2]); err != nil {
		log.Fatal(err)
	}
}

func run(repository, file string) error {
	systems, err := systems(repository)
	if err != nil {
		return err
	}
	modules, err := linked(repository, systems)
	if err != nil {
		return err
	}
	var text bytes.Buffer
	fmt.Fprint(&text, "terraform-provider-ossresumable is under the license in LICENSE.\n"+
		"It contains the following, each under the license below its name.\n")
	for _, m := range modules {
		if _, err := m.kinds(); err != nil {
			return err
		}
		fmt.Fprintf(&text, "\n%s\n%s\n", strings.Repeat("=", 80), m.name)
		for _, file := range m.files {
			fmt.Fprintf(&text, "\n%s:\n\n%s\n", file.name, strings.TrimSpace(file.text))
		}
	}
	return os.WriteFile(file, text.Bytes(), 0o644)
}
