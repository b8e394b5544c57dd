// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"bufio"
	"os"
	"testing"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// A stopped terminal does not block uploads, and it later shows whole lines.
func TestProgressLines_stoppedTerminal(t *testing.T) {
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = read.Close() }()
	show := progressLines(write)
	for range 10_000 { // more than the capacity of a pipe
		show(resumable.Object{Bucket: "b", Key: "k\x1b[2J"}, resumable.Progress{Size: 4, Stored: 1, Parts: 4, PartsStored: 1, PartsKept: 1})
	}
	lines := bufio.NewScanner(read)
	for range maxWaiting {
		const want = `ossresumable: oss://b/k\x1b[2J: 25.0 % (1 of 4 B, 1 of 4 parts, 1 kept)`
		if !lines.Scan() || lines.Text() != want {
			t.Fatalf("got %q, want %q", lines.Text(), want)
		}
	}
}

func TestProgressWanted(t *testing.T) {
	for value, warnings := range map[string]int{"": 0, "1": 1, "TTY": 1} {
		progress, diags := progressWanted(t.Context(), func(name string) string {
			if name != "OSSRESUMABLE_PROGRESS" {
				t.Errorf("asked for %s", name)
			}
			return value
		})
		if progress != nil || diags.WarningsCount() != warnings || diags.HasError() {
			t.Errorf("%q: %v", value, diags)
		}
	}
}
