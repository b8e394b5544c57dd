// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable

import (
	"context"
	"fmt"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/checkpoint"
)

// StaleAfter is the age at which an unfinished upload is reported as stale.
const StaleAfter = 7 * 24 * time.Hour

// warnStale warns about uploads that were started and never finished, once for
// each checkpoint directory. It removes nothing, because only the user knows
// whether they are still wanted.
func (j *job) warnStale(ctx context.Context) {
	if _, warned := j.warned.LoadOrStore(j.opts.CheckpointDir, true); warned {
		return
	}
	n, err := checkpoint.Stale(j.opts.CheckpointDir, j.key(j.obj), StaleAfter)
	if err != nil || n == 0 {
		return // opening the journal has already reported an unusable directory
	}
	j.warn(ctx, fmt.Sprintf("%s contains checkpoints of unfinished uploads that have been idle for more than 7 days: %d. "+
		"OSS bills the parts of these uploads. Apply the configurations that started them, or abort them with the "+
		"command abort of this provider's binary, which asks before each one.", j.opts.CheckpointDir, n))
}
