// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"bufio"
	"os"
	"testing"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/escape"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// A stopped terminal does not block uploads, and it later shows whole lines.
func TestTerminal_stopped(t *testing.T) {
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = read.Close() }()
	show := startTerminal(write).progress()
	for range 10_000 { // more than the capacity of a pipe
		show(resumable.Object{Bucket: "b", Key: "k\x1b[2J"}, resumable.Progress{Size: 4, Stored: 1, Parts: 4, PartsStored: 1, Kept: 1})
	}
	lines := bufio.NewScanner(read)
	for range maxWaiting {
		const want = `ossresumable: oss://b/k\x1b[2J: 25.0 %, 1 of 4 B`
		if !lines.Scan() || lines.Text() != want {
			t.Fatalf("got %q, want %q", lines.Text(), want)
		}
	}
}

// A line fits 80 columns, whatever the key is.
func TestTerminalLine(t *testing.T) {
	const mib, gib = 1 << 20, 1 << 30
	for _, c := range []struct {
		key  string
		p    resumable.Progress
		want string
	}{
		{"disk.img", resumable.Progress{Size: 300 * mib, Parts: 38}, "ossresumable: oss://my-images/disk.img: 0.0 %, 0.0 of 300.0 MiB"},
		{
			"releases/2026.11/appliance.qcow2",
			resumable.Progress{Size: 7 * gib, Stored: 7 * gib / 2, Parts: 896, PartsStored: 448, Kept: 96 * mib, Copied: gib, Rate: 85 * mib},
			"ossresumable: …11/appliance.qcow2: 50.0 %, 3.5 of 7.0 GiB, 85.0 MiB/s, 42s left",
		},
		{
			"\u65e5\u672c\u8a9e\u65e5\u672c\u8a9e\u65e5\u672c\u8a9e.iso",
			resumable.Progress{Size: 1000 * gib, Stored: 999 * gib, Parts: 9999, Rate: 1 * mib},
			"ossresumable: …\u8a9e\u65e5\u672c\u8a9e.iso: 99.9 %, 999.0 of 1000.0 GiB, 1.0 MiB/s, 17m4s left",
		},
	} {
		got := terminalLine(resumable.Object{Bucket: "my-images", Key: c.key}, c.p.Brief())
		if string(got) != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
		if c.key == "disk.img" {
			continue
		}
		if escape.Cut(got, 79) != got {
			t.Errorf("%s does not fit", got)
		}
	}
}

func TestTransferred(t *testing.T) {
	const mib, gib = 1 << 20, 1 << 30
	for want, stats := range map[string]resumable.Stats{
		"300.0 MiB sent":                                   {BytesSent: 300 * mib},
		"0 B sent, 7.0 GiB kept":                           {BytesKept: 7 * gib},
		"86.0 MiB sent, 7.0 GiB copied":                    {BytesSent: 86 * mib, BytesCopied: 7 * gib},
		"1023.0 MiB sent, 1023.0 GiB copied, 1.0 GiB kept": {BytesSent: 1023 * mib, BytesCopied: 1023 * gib, BytesKept: gib},
	} {
		if got := transferred(stats); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		line := terminalLine(resumable.Object{Bucket: "my-images", Key: "releases/2026.11/appliance.qcow2"}, "done, "+want)
		if escape.Cut(line, 79) != line {
			t.Errorf("%s does not fit", line)
		}
	}
}

func TestTerminalWanted(t *testing.T) {
	for value, warnings := range map[string]int{"": 0, "1": 1, "TTY": 1} {
		terminal, diags := terminalWanted(t.Context(), func(name string) string {
			if name != "OSSRESUMABLE_PROGRESS" {
				t.Errorf("asked for %s", name)
			}
			return value
		})
		if terminal != nil || terminal.progress() != nil || diags.WarningsCount() != warnings || diags.HasError() {
			t.Errorf("%q: %v", value, diags)
		}
	}
}
