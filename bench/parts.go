// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"fmt"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
)

// parts shows that the cost grows linearly with the number of parts.
func (b *bench) parts(ctx context.Context) error {
	const part = 100 * kib
	counts := []int64{1000, 10_000}
	if b.short {
		counts = []int64{100, 1000}
	}
	server, err := b.serve(osstest.Config{})
	if err != nil {
		return err
	}
	defer func() { _ = server.Close() }()
	var trials []trial
	for _, count := range counts {
		path, err := b.file(ctx, count*part)
		if err != nil {
			return err
		}
		for _, who := range []string{"floor", "engine"} {
			trials = append(trials, trial{What: who, URL: server.url, File: path, Dir: b.checkpoints(), PartSize: part, Parallel: 3})
		}
	}
	trials = append(trials, trial{What: "idle", URL: server.url})
	costs, err := b.inTurns(ctx, trials, func(*trial) { server.ResetLog() })
	if err != nil {
		return err
	}
	result := table{
		title:  "Many parts",
		note:   fmt.Sprintf("Parts of %s, 3 at a time. In parentheses: relative to the smaller number.", sizeText(part)),
		header: []string{"parts", "", "wall s", "CPU s", "peak MiB"},
	}
	for i, t := range trials[:4] {
		c, fewer := costs[i], costs[i%2]
		result.add(fmt.Sprint(counts[i/2]), t.What, ratio("%.2f", c.Wall, fewer.Wall), ratio("%.2f", c.CPU, fewer.CPU), above(c, costs[4]))
	}
	b.tables = append(b.tables, result)
	return nil
}
