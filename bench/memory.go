// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// memory shows that the memory of an upload depends neither on the size of the file nor on
// that of its parts. The files are sparse, but are read and sent like others. Each file is
// hashed and uploaded in one process, once.
func (b *bench) memory(ctx context.Context) error {
	cuts := []struct{ size, part int64 }{{gib, 8 * mib}, {gib, gib}, {64 * gib, 8 * mib}, {64 * gib, gib}}
	if b.short {
		cuts = cuts[:2]
	}
	server, err := b.serve(osstest.Config{})
	if err != nil {
		return err
	}
	defer func() { _ = server.Close() }()
	at := func(what string, size, part int64, n int) (cost, error) {
		server.ResetLog()
		path := filepath.Join(b.dir, fmt.Sprintf("hole-%d", size))
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			return cost{}, err
		}
		if err := os.Truncate(path, size); err != nil {
			return cost{}, err
		}
		dir := filepath.Join(b.dir, fmt.Sprintf("memory-%d", n)) // without a hash cache
		return trial{What: what, URL: server.url, File: path, Dir: dir, PartSize: part, Key: fmt.Sprintf("memory-%d", n)}.run(ctx)
	}

	idle, err := at("idle", 0, 0, 0)
	if err != nil {
		return err
	}
	result := table{
		title: "Memory",
		note: fmt.Sprintf("Peak memory of a process that hashes and uploads a file, %d parts at a time, minus that of an idle process. The goal is at most 16 MiB plus 200 bytes per part.",
			resumable.DefaultParallelism),
		header: []string{"file", "parts", "peak MiB", "aim"},
	}
	for i, cut := range cuts {
		c, err := at("engine", cut.size, cut.part, i+1)
		if err != nil {
			return err
		}
		parts := cut.size / cut.part
		result.add(sizeText(cut.size), fmt.Sprintf("%d of %s", parts, sizeText(cut.part)), above(c, idle),
			format("%.1f", float64(16*mib+200*parts)/float64(mib)))
	}
	b.tables = append(b.tables, result)
	return nil
}
