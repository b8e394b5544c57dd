// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package source

import (
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/text/unicode/norm"
)

// maxNames limits the names of a folder that are compared.
const maxNames = 10000

// nameOther adds to the error for an absent file that it is a link, or the name of one that differs only in
// its Unicode normalization. Terraform converts all its strings to NFC, including
// the results of fileset, so it cannot name a file in the form NFD. Archives that were
// made on macOS contain such names. The file is not used instead: both may exist later.
func nameOther(path string, err error) error {
	switch other := otherForm(path); other {
	case "":
		return err
	case filepath.Clean(path):
		return fmt.Errorf("%w: it is a symbolic link to a file that does not exist", err)
	default:
		return fmt.Errorf("%w. There is a file %+q, whose name differs only in its Unicode normalization. Terraform names files in the form "+
			"NFC. Rename the file, for example with convmv -f utf8 -t utf8 --nfc --notest", err, other)
	}
}

// otherForm returns the existing path that has the same NFC as an absent one, or "".
func otherForm(path string) string {
	parent, name := filepath.Dir(path), filepath.Base(path)
	if parent == path {
		return ""
	}
	if _, err := os.Stat(parent); err != nil {
		if parent = otherForm(parent); parent == "" {
			return ""
		}
	}
	dir, err := os.Open(parent)
	if err != nil {
		return ""
	}
	defer func() { _ = dir.Close() }()
	names, _ := dir.Readdirnames(maxNames)
	for _, candidate := range names {
		if norm.NFC.String(candidate) == norm.NFC.String(name) {
			return filepath.Join(parent, candidate)
		}
	}
	return ""
}
