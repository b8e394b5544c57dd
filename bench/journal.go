// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/checkpoint"
)

// journals measures the cost of writing checkpoints.
func (b *bench) journals(ctx context.Context) error {
	counts := []int64{1000, 10_000}
	var trials []trial
	for _, count := range counts {
		trials = append(trials, trial{What: "journal", Dir: b.checkpoints(), PartSize: count})
	}
	costs, err := b.inTurns(ctx, trials, func(*trial) {})
	if err != nil {
		return err
	}
	result := table{
		title:  "Journal",
		note:   "Total cost of the checkpoint of an upload: its creation, and one line per part, synced in groups.",
		header: []string{"parts", "CPU s", "wall s", "bytes"},
	}
	for i, c := range costs {
		result.add(fmt.Sprint(counts[i]), ratio("%.3f", c.CPU, costs[0].CPU), ratio("%.3f", c.Wall, costs[0].Wall), fmt.Sprint(c.Bytes))
	}
	b.tables = append(b.tables, result)
	return nil
}

var written int64 // bytes that the journal has written

// journal writes a journal of t.PartSize parts.
func journal(ctx context.Context, t trial) (func() error, error) {
	key := checkpoint.Key{Endpoint: "oss-cn-hangzhou.aliyuncs.com", Bucket: bucketName, Object: "journal"}
	j, err := checkpoint.Open(ctx, t.Dir, key, time.Second)
	return func() error {
		begin := &checkpoint.Begin{
			Time: time.Now(), Endpoint: key.Endpoint, Bucket: key.Bucket, Object: key.Object, Source: "/path/of/the/file",
			Size: t.PartSize * mib, SHA256: strings.Repeat("0", 64), CRC64: "11051210869376104954", PartSize: mib,
		}
		if err := j.Replace(checkpoint.State{Begin: begin}); err != nil {
			return err
		}
		if err := j.Initiated(strings.Repeat("0", 32)); err != nil {
			return err
		}
		for n := range int(t.PartSize) {
			if err := j.PartStored(checkpoint.Part{Number: n + 1, Size: mib, ETag: strings.Repeat("0", 32), CRC64: "11051210869376104954"}); err != nil {
				return err
			}
		}
		if err := j.Sync(); err != nil {
			return err
		}
		if info, err := os.Stat(j.Path()); err == nil {
			written = info.Size()
		}
		return j.Finish()
	}, err
}
