// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"fmt"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// wan measures part sizes and parallelism for connections with high latency, and compares
// the defaults with the best. The server simulates latency and bandwidth: a part waits for
// the previous one on its connection, as on a real line.
func (b *bench) wan(ctx context.Context) error {
	parts, parallel, n := []int64{mib, 4 * mib, 8 * mib, 32 * mib}, []int{3, 5, 8, 16}, gib
	if b.short {
		parts, parallel, n = []int64{mib, 4 * mib, 8 * mib}, []int{3, 5, 16}, 256*mib
	}
	for _, line := range []struct {
		latency   time.Duration
		bandwidth int64
	}{{20 * time.Millisecond, 20e6}, {100 * time.Millisecond, 5e6}} {
		server, err := b.serve(osstest.Config{Latency: line.latency, Bandwidth: line.bandwidth})
		if err != nil {
			return err
		}
		name := fmt.Sprintf("%v and %d MB/s per connection", line.latency, line.bandwidth/1e6)
		err = b.wanTable(ctx, server, name, n, parts, parallel)
		_ = server.Close()
		if err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) wanTable(ctx context.Context, server *server, line string, n int64, parts []int64, parallel []int) error {
	path, err := b.file(ctx, n)
	if err != nil {
		return err
	}
	speed := func(part int64, parallel int) (float64, error) {
		server.ResetLog()
		t := trial{What: "engine", URL: server.url, File: path, Dir: b.checkpoints(), PartSize: part, Parallel: parallel, Key: fmt.Sprintf("%d-%d", part, parallel)}
		c, err := t.run(ctx)
		return float64(n) / 1e6 / c.Wall, err
	}

	result := table{title: "High latency: " + line, header: []string{"MB/s of " + sizeText(n)}}
	chart := plot{file: fmt.Sprintf("wan-%d.svg", len(b.plots)), title: "MB/s with " + line}
	var best float64
	for _, count := range parallel {
		result.header = append(result.header, fmt.Sprintf("%d at a time", count))
		chart.series = append(chart.series, fmt.Sprintf("%d at a time", count))
	}
	for _, part := range parts {
		row, bars := []string{"parts of " + sizeText(part)}, group{label: sizeText(part)}
		for _, count := range parallel {
			mbs, err := speed(part, count)
			if err != nil {
				return err
			}
			best = max(best, mbs)
			row, bars.values = append(row, format("%.0f", mbs)), append(bars.values, mbs)
		}
		result.add(row...)
		chart.groups = append(chart.groups, bars)
	}
	byDefault, err := speed(0, 0)
	if err != nil {
		return err
	}
	result.note = fmt.Sprintf("The defaults, parts of %s and at most %d at a time, reach %.0f MB/s, %.0f %% of the best result.",
		sizeText(resumable.DefaultPartSize), resumable.DefaultParallelism, byDefault, 100*byDefault/best)
	b.tables, b.plots = append(b.tables, result), append(b.plots, chart)
	return nil
}
