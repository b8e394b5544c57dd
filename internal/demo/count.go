// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package main

import (
	"context"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/terraform"
)

// count is what the server has seen of the upload, by its own log. The client
// is not asked.
type count struct {
	requests int   // of UploadPart, whatever became of them
	bytes    int64 // of their bodies, as far as the server has read them
	stored   map[part]bool
	again    []part // were stored already when they were sent once more
}

type part struct {
	uploadID string
	number   int
}

func (d *demo) count() count {
	c := count{stored: map[part]bool{}}
	for _, r := range d.server.Requests() {
		if r.Op != osstest.UploadPart {
			continue
		}
		c.requests++
		c.bytes += r.BodyBytes
		p := part{r.UploadID, r.PartNumber}
		if c.stored[p] {
			c.again = append(c.again, p)
		}
		if r.Done {
			c.stored[p] = true
		}
	}
	return c
}

// resent is what the kill has cost.
func (d *demo) resent() int64 { return d.total.bytes - fileSize }

// watch draws how far the upload is until that is enough, or Terraform has ended.
func (d *demo) watch(ctx context.Context, p *terraform.Process, enough func(count) bool) {
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	for {
		select {
		case <-p.Done():
			return
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		c := d.count()
		if c.requests > 0 {
			d.bar(len(c.stored), c.bytes)
		}
		if enough(c) {
			return
		}
	}
}

// settle waits until every part under way has come to its end: after a kill,
// what the kernel had taken from the provider still arrives.
func (d *demo) settle(ctx context.Context) error {
	return d.server.WaitFor(ctx, func(requests []osstest.Request) bool {
		for _, r := range requests {
			if r.Status == 0 {
				return false
			}
		}
		return true
	})
}
