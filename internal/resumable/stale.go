// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable

import (
	"context"
	"fmt"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/checkpoint"
)

// StaleAfter is when an unfinished upload that is not continued is worth a
// warning.
const StaleAfter = 7 * 24 * time.Hour

// mentionStale warns of uploads that were begun and never finished, once
// for each checkpoint directory. Nothing is removed: whether they are still
// wanted, only a person knows.
func (j *job) mentionStale(ctx context.Context) {
	if _, mentioned := j.mentioned.LoadOrStore(j.opts.CheckpointDir, true); mentioned {
		return
	}
	n, err := checkpoint.Stale(j.opts.CheckpointDir, j.key(j.obj), StaleAfter)
	if err != nil || n == 0 {
		return // a directory that cannot be listed has had its error already
	}
	j.warn(ctx, fmt.Sprintf("%s contains checkpoints of unfinished uploads that have been idle for more than 7 days: %d. "+
		"OSS bills the parts of these uploads. Apply the configurations that started them, or abort them with the "+
		"command abort of this provider's binary, which asks before each one.", j.opts.CheckpointDir, n))
}
