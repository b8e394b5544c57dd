// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

// Sbom writes what is in the provider of a release archive, as a CycloneDX
// bill of materials. It reads the list that the Go linker has put into the
// binary, so it names the modules that are really there and no others. The same
// archive gives the same bytes: there is no time and no random number in them.
// An archive without the licenses of one of these modules is an error.
package main

import (
	"archive/zip"
	"bytes"
	"debug/buildinfo"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"

	cdx "github.com/CycloneDX/cyclonedx-go"
)

func main() {
	log.SetFlags(0)
	if len(os.Args) != 3 {
		log.Fatal("usage: sbom ARCHIVE.zip DOCUMENT.json")
	}
	if err := run(os.Args[1], os.Args[2]); err != nil {
		log.Fatalf("%s: %v", os.Args[1], err)
	}
}

func run(archive, document string) error {
	bom, err := describe(archive)
	if err != nil {
		return err
	}
	var text bytes.Buffer
	// Version 1.6, because not every scanner reads the newest.
	err = cdx.NewBOMEncoder(&text, cdx.BOMFileFormatJSON).SetPretty(true).EncodeVersion(bom, cdx.SpecVersion1_6)
	if err != nil {
		return err
	}
	return os.WriteFile(document, text.Bytes(), 0o644)
}

func describe(archive string) (*cdx.BOM, error) {
	info, notices, err := provider(archive)
	if err != nil {
		return nil, err
	}
	if err := checkNotices(info, notices); err != nil {
		return nil, err
	}
	main, err := component(&debug.Module{Path: info.Main.Path, Version: "v" + releaseOf(archive)})
	if err != nil {
		return nil, err
	}
	main.Type, main.Name = cdx.ComponentTypeApplication, filepath.Base(archive)
	libraries := []cdx.Component{{
		Type: cdx.ComponentTypeLibrary, BOMRef: "std", Name: "std", Version: strings.TrimPrefix(info.GoVersion, "go"),
		PackageURL: "pkg:golang/std@" + strings.TrimPrefix(info.GoVersion, "go"),
	}}
	needs := []string{"std"}
	for _, module := range info.Deps {
		library, err := component(module)
		if err != nil {
			return nil, err
		}
		libraries = append(libraries, library)
		needs = append(needs, library.BOMRef)
	}
	bom := cdx.NewBOM()
	bom.Metadata = &cdx.Metadata{Component: &main}
	bom.Components = &libraries
	bom.Dependencies = &[]cdx.Dependency{{Ref: main.BOMRef, Dependencies: &needs}}
	return bom, nil
}

// provider reads the list in the binary that the archive holds, and the text of
// its THIRD-PARTY-NOTICES.
func provider(archive string) (info *debug.BuildInfo, notices string, err error) {
	files, err := zip.OpenReader(archive)
	if err != nil {
		return nil, "", err
	}
	defer func() { _ = files.Close() }()
	for _, file := range files.File {
		isProvider := strings.HasPrefix(file.Name, "terraform-provider-")
		if !isProvider && file.Name != "THIRD-PARTY-NOTICES" {
			continue
		}
		whole, err := content(file)
		if err != nil {
			return nil, "", err
		}
		if !isProvider {
			notices = string(whole)
		} else if info, err = buildinfo.Read(bytes.NewReader(whole)); err != nil {
			return nil, "", err
		}
	}
	if info == nil {
		return nil, "", errors.New("there is no provider in it")
	}
	return info, notices, nil
}

func content(file *zip.File) ([]byte, error) {
	r, err := file.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r)
}

// checkNotices returns an error if a module is not named in the notices, on a
// line of its own as tools/notices writes it.
func checkNotices(info *debug.BuildInfo, notices string) error {
	names := []string{"std " + info.GoVersion}
	for _, module := range info.Deps {
		if module.Replace != nil {
			module = module.Replace
		}
		names = append(names, module.Path+" "+module.Version)
	}
	for _, name := range names {
		if !strings.Contains(notices, "\n"+name+"\n") {
			return fmt.Errorf("THIRD-PARTY-NOTICES in it does not name %s", name)
		}
	}
	return nil
}

// component is a module as scanners know it: by its package URL, and by the
// hash that go.sum and the checksum database have.
func component(module *debug.Module) (cdx.Component, error) {
	if module.Replace != nil {
		module = module.Replace
	}
	url := "pkg:golang/" + module.Path
	if module.Version != "" {
		url += "@" + strings.ReplaceAll(module.Version, "+", "%2B")
	}
	c := cdx.Component{Type: cdx.ComponentTypeLibrary, BOMRef: url, Name: module.Path, Version: module.Version, PackageURL: url}
	if sum, ok := strings.CutPrefix(module.Sum, "h1:"); ok {
		hash, err := base64.StdEncoding.DecodeString(sum)
		if err != nil {
			return c, fmt.Errorf("hash of %s: %w", module.Path, err)
		}
		c.Hashes = &[]cdx.Hash{{Algorithm: cdx.HashAlgoSHA256, Value: hex.EncodeToString(hash)}}
	}
	return c, nil
}

// releaseOf is the version in a name such as terraform-provider-x_1.2.3_linux_amd64.zip.
func releaseOf(archive string) string {
	parts := strings.Split(filepath.Base(archive), "_")
	if len(parts) < 2 {
		return ""
	}
	return parts[1]
}
