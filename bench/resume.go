// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"fmt"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
)

// resumes kills uploads after half of the file, resumes them, and measures how many bytes
// the server received in total.
func (b *bench) resumes(ctx context.Context) error {
	s := setting{size: 4 * gib, part: 8 * mib, parallel: 3}
	if b.short {
		s.size = 256 * mib
	}
	path, err := b.file(ctx, s.size)
	if err != nil {
		return err
	}
	server, err := b.serve(osstest.Config{})
	if err != nil {
		return err
	}
	defer func() { _ = server.Close() }()
	result := table{
		title:  "Killed after half of the file, and resumed",
		note:   fmt.Sprintf("%v; SIGKILL when the server has received half of the file. At most %s are in transit at that time.", s, sizeText(s.part*int64(s.parallel))),
		header: []string{"", "sent twice, MiB: median", "most", "second run, s"},
	}
	for _, who := range contenders[1:] {
		var twice, again []float64
		for round := range b.rounds {
			t := trial{What: who, URL: server.url, File: path, Dir: b.checkpoints(), PartSize: s.part, Parallel: s.parallel, Key: fmt.Sprintf("%s-%d", who, round)}
			server.ResetLog()
			if err := killAtHalf(ctx, t, server, s.size); err != nil {
				return err
			}
			c, err := t.run(ctx)
			if err != nil {
				return err
			}
			if o, there := server.Object(bucketName, t.Key); !there || o.Size != s.size {
				return fmt.Errorf("%s did not finish the upload", who)
			}
			twice, again = append(twice, float64(partBytes(server)-s.size)/float64(mib)), append(again, c.Wall)
		}
		same := func(v float64) float64 { return v }
		result.add(who, format("%.1f", median(twice, same)), format("%.1f", maxOf(twice)), format("%.2f", median(again, same)))
	}
	b.tables = append(b.tables, result)
	return nil
}

func killAtHalf(ctx context.Context, t trial, server *server, size int64) error {
	cmd, err := t.command(ctx)
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for partBytes(server) < size/2 {
		select {
		case err := <-ended:
			return fmt.Errorf("%s exited before half of the file was sent: %w", t.What, err)
		case <-time.After(time.Millisecond):
		}
	}
	_ = cmd.Process.Kill()
	if err := <-ended; err == nil {
		return fmt.Errorf("%s exited before it was killed", t.What)
	}
	return nil
}

// partBytes returns the number of received bytes of parts, including incomplete ones.
func partBytes(server *server) (n int64) {
	for _, r := range server.Requests() {
		if r.Op == osstest.UploadPart {
			n += r.BodyBytes
		}
	}
	return n
}

func maxOf(values []float64) (most float64) {
	for _, v := range values {
		most = max(most, v)
	}
	return most
}
