// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

// Sbom writes a CycloneDX bill of materials for the provider in a release archive. It
// lists exactly the modules that the Go linker has recorded in the binary. The same
// archive results in the same bytes, because the document contains no time and no random
// number. An archive that lacks the license of a module is an error.
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
	// Version 1.6, because not all scanners support the newest version.
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

// provider returns the build information of the provider in the archive, and the text of
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
		return nil, "", errors.New("the archive does not contain the provider")
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

// checkNotices returns an error if a module is missing in the notices. tools/notices
// writes each module on a separate line.
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
			return fmt.Errorf("THIRD-PARTY-NOTICES does not name %s", name)
		}
	}
	return nil
}

// component returns a module with its package URL and its hash, which is that of go.sum
// and of the checksum database.
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

// releaseOf returns the version in a name such as terraform-provider-x_1.2.3_linux_amd64.zip.
func releaseOf(archive string) string {
	parts := strings.Split(filepath.Base(archive), "_")
	if len(parts) < 2 {
		return ""
	}
	return parts[1]
}
