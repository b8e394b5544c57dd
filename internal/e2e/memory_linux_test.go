// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package e2e

import (
	"bufio"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/terraform"
)

// The provider's memory does not grow with the file or its parts: 1 GiB in
// parts of 64 MiB, 8 at a time, stay below 48 MiB of resident memory.
func TestApply_memory(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: it sends 1 GiB")
	}
	const limit = 48 << 20
	w := newWorld(t)
	t.Log("FAULT F45: sparse file of 1 GiB in 48 MiB of memory")
	server := startServer(t, "-discard") // a process of its own, without the race detector
	w.Env = append(append(w.Env, "OSS_ENDPOINT="+server.url), terraform.Usual...)
	if err := os.Truncate(w.source, 1<<30); err != nil {
		t.Fatal(err)
	}
	config := strings.NewReplacer(
		fmt.Sprintf("part_size           = %d", partSize), "part_size           = 67108864",
		fmt.Sprintf("parallelism         = %d", parallel), "parallelism         = 8",
	).Replace(w.config(""))
	if err := w.Configure(config); err != nil {
		t.Fatal(err)
	}

	out, peak := w.measured("apply", "-auto-approve", "-input=false", "-no-color")
	if out.ExitCode != 0 {
		t.Fatalf("apply: exit status %d\n%s", out.ExitCode, out.Text)
	}
	state, _, _ := w.stateOf()
	if got := server.count(" UploadPart "); got != 16 || state["content_length"] != float64(1<<30) {
		t.Fatalf("%d parts, state %v", got, state)
	}
	t.Logf("peak resident memory of the provider: %.1f MiB", float64(peak)/(1<<20))
	if peak == 0 || peak > limit {
		t.Errorf("peak resident memory is %d bytes", peak)
	}
}

// measured runs a command, and returns the peak memory of its providers.
func (w *world) measured(args ...string) (out terraform.Output, peak int64) {
	w.t.Helper()
	p, err := w.Start(nil, args...)
	if err != nil {
		w.t.Fatal(err)
	}
	sampling := time.NewTicker(20 * time.Millisecond)
	defer sampling.Stop()
	for {
		select {
		case <-sampling.C:
			peak = max(peak, peakOfProviders(p.PID()))
		case <-p.Done():
			return p.Wait(), peak
		}
	}
}

// peakOfProviders returns the peak resident memory of the providers in a process group, in
// bytes.
func peakOfProviders(group int) (peak int64) {
	for _, pid := range providersIn(group) {
		status, err := os.Open(fmt.Sprintf("/proc/%d/status", pid))
		if err != nil {
			continue
		}
		for lines := bufio.NewScanner(status); lines.Scan(); {
			if text, found := strings.CutPrefix(lines.Text(), "VmHWM:"); found {
				kilobytes, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(text), " kB"), 10, 64)
				peak = max(peak, kilobytes<<10)
			}
		}
		_ = status.Close()
	}
	return peak
}
