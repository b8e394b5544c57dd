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

// count is the progress of the upload, from the log of the server.
type count struct {
	requests int   // UploadPart requests, with any result
	bytes    int64 // received bytes of their bodies
	stored   map[part]bool
	again    []part // parts that were sent again although they were stored
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

// resent is how many bytes were sent twice because of the kill.
func (d *demo) resent() int64 { return d.total.bytes - fileSize }

// watch shows the progress of the upload until done returns true or Terraform exits.
func (d *demo) watch(ctx context.Context, p *terraform.Process, done func(count) bool) {
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
		if done(c) {
			return
		}
	}
}

// settle waits until all requests have ended. After a kill, data from the buffers of the
// kernel still arrives.
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
