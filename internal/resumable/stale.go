// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable

import (
	"context"
	"fmt"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/checkpoint"
)

// StaleAfter is when an unfinished upload that nobody went on with is worth a
// warning.
const StaleAfter = 7 * 24 * time.Hour

// mentionStale warns of uploads that somebody began and never finished, once
// for each checkpoint directory. Nothing is removed: whether they are still
// wanted, only a person knows.
func (r *run) mentionStale(ctx context.Context) {
	if _, mentioned := r.mentioned.LoadOrStore(r.req.CheckpointDir, true); mentioned {
		return
	}
	n, err := checkpoint.Stale(r.req.CheckpointDir, r.key(r.req.Object), StaleAfter)
	if err != nil || n == 0 {
		return // a directory that cannot be listed has had its error already
	}
	r.warn(ctx, fmt.Sprintf("%s has checkpoints of unfinished uploads that nobody went on with for 7 days: %d. "+
		"OSS bills the parts that it holds of them. Apply the configurations that began them; or end the uploads with the "+
		"command abort of this provider's binary, which asks before each one.", r.req.CheckpointDir, n))
}
