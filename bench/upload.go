// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
)

// setting is the size of a file and its parts, and the parallelism.
type setting struct {
	size, part int64
	parallel   int
	tls        bool
}

func (s setting) String() string {
	text := fmt.Sprintf("%s, parts of %s, %d at a time", sizeText(s.size), sizeText(s.part), s.parallel)
	if s.tls {
		text += ", TLS"
	}
	return text
}

var (
	uploadSettings = []setting{
		{gib, 8 * mib, 1, false},
		{gib, 8 * mib, 3, false},
		{gib, 8 * mib, 5, false},
		{gib, 8 * mib, 16, false},
		{gib, 64 * mib, 3, false},
		{gib, mib, 3, false},
		{256 * mib, 100 * kib, 3, false},
		{4 * gib, 8 * mib, 3, false},
		{4 * gib, 8 * mib, 5, false},
		{gib, 8 * mib, 3, true},
	}
	shortUploadSettings = []setting{
		{gib, 8 * mib, 3, false},
		{256 * mib, mib, 3, false},
		{256 * mib, 100 * kib, 3, false},
		{256 * mib, 8 * mib, 3, true},
	}
	contenders = []string{"floor", "engine", "sdk v1", "sdk v2"}
)

// uploads measures the throughput of all contenders with all settings.
func (b *bench) uploads(ctx context.Context) error {
	settings := uploadSettings
	if b.short {
		settings = shortUploadSettings
	}
	result := table{
		title: "Upload",
		note: "Uploads of a file in the page cache to a server on the same machine, which does not store it. The engine uses the hash from the plan, as in `terraform apply`; " +
			"like the SDKs, it verifies the CRC-64 of every part. The floor sends the same parts with `net/http`, signed in advance, without checksums. " +
			"In parentheses: relative to the floor. Peak is the memory minus that of an idle process.",
		header: []string{"file", "", "MB/s", "wall s", "CPU s/GB", "peak MiB"},
	}
	var chart plot
	for _, s := range settings {
		costs, err := b.contend(ctx, s)
		if err != nil {
			return fmt.Errorf("%v: %w", s, err)
		}
		bars := group{label: s.String()}
		for i, who := range contenders {
			c := costs[i]
			gb := float64(s.size) / 1e9
			result.add(s.String(), who, format("%.0f", gb/c.Wall*1000), ratio("%.2f", c.Wall, costs[0].Wall), ratio("%.2f", c.CPU/gb, costs[0].CPU/gb), above(c, costs[len(contenders)]))
			bars.values = append(bars.values, c.CPU/gb)
		}
		chart.groups = append(chart.groups, bars)
	}
	chart.file, chart.title, chart.series = "upload-cpu.svg", "CPU seconds of the client per GB sent (less is better)", contenders
	b.tables, b.plots = append(b.tables, result), append(b.plots, chart)
	return nil
}

// contend measures all contenders alternately, followed by an idle process.
func (b *bench) contend(ctx context.Context, s setting) ([]cost, error) {
	path, err := b.file(ctx, s.size)
	if err != nil {
		return nil, err
	}
	var server *server
	stop := func() { _ = server.Close() }
	if s.tls {
		server, stop, err = b.serveTLS()
	} else {
		server, err = b.serve(osstest.Config{})
	}
	if err != nil {
		return nil, err
	}
	defer stop()
	var trials []trial
	for _, who := range append(slices.Clip(contenders), "idle") {
		trials = append(trials, trial{
			What: who, URL: server.url, Env: server.env,
			File: path, Dir: b.checkpoints(), PartSize: s.part, Parallel: s.parallel,
		})
	}
	return b.inTurns(ctx, trials, func(*trial) { server.ResetLog() })
}
