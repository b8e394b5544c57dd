// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package main_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	linkPattern    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	codePattern    = regexp.MustCompile("(?s)```.*?```")
	headingPattern = regexp.MustCompile(`(?m)^#+ (.+)$`)
	anchorPattern  = regexp.MustCompile(`<a id="([^"]+)">`)
	notInAnchor    = regexp.MustCompile(`[^\p{L}\p{N}_ -]`)
)

// TestLinks follows each link between pages, to its heading.
func TestLinks(t *testing.T) {
	var pages []string
	for _, pattern := range []string{"*.md", "design/*.md", "docs/*.md", "docs/*/*.md"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, found...)
	}
	followed := 0
	for _, page := range pages {
		for _, match := range linkPattern.FindAllStringSubmatch(prose(t, page), -1) {
			if strings.Contains(match[1], "://") {
				continue
			}
			followed++
			file, anchor, _ := strings.Cut(match[1], "#")
			target := page
			if file != "" {
				target = filepath.Join(filepath.Dir(page), filepath.FromSlash(file))
			}
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s links to %s: %v", page, match[1], err)
			} else if anchor != "" && !slices.Contains(anchors(prose(t, target)), anchor) {
				t.Errorf("%s links to %s, and there is no such heading", page, match[1])
			}
		}
	}
	if followed < 40 {
		t.Errorf("found %d links in %d pages", followed, len(pages))
	}
}

// prose is a page without its blocks of code.
func prose(t *testing.T, page string) string {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	return codePattern.ReplaceAllString(string(text), "")
}

// anchors are those that GitHub and the Registry give to headings, and those that
// a page defines itself.
func anchors(text string) (all []string) {
	for _, match := range headingPattern.FindAllStringSubmatch(text, -1) {
		plain := notInAnchor.ReplaceAllString(strings.ToLower(match[1]), "")
		all = append(all, strings.ReplaceAll(plain, " ", "-"))
	}
	for _, match := range anchorPattern.FindAllStringSubmatch(text, -1) {
		all = append(all, match[1])
	}
	return all
}
