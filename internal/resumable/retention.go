// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable

import (
	"context"
	"fmt"
	"time"
)

// Retention keeps one version of an object from being deleted or overwritten
// until a time. The zero value is none. Source: API page PutObjectRetention.
type Retention struct {
	Mode  string // "COMPLIANCE", "GOVERNANCE"
	Until time.Time
}

// Equal compares the dates as instants.
func (r Retention) Equal(other Retention) bool {
	return r.Mode == other.Mode && r.Until.Equal(other.Until)
}

// retain is the last step of all: it is the version that is there in the end
// which is kept, and a copy makes another one, without the retention of the
// first. No retention asked for leaves what is there, which nobody can take
// away. An upload cannot ask for it: InitiateMultipartUpload has no such header.
func (c change) retain(ctx context.Context, found ObjectInfo) (ObjectInfo, error) {
	asked := c.dst.Retention
	if asked.Mode == "" || asked.Equal(found.Retention) {
		return found, nil
	}
	err := c.retry(ctx, "PutObjectRetention "+c.dst.String(), func(ctx context.Context, _ int) error {
		return c.cfg.OSS.PutObjectRetention(ctx, c.dst.Object, asked)
	})
	if err != nil {
		return found, fmt.Errorf("%w: %w", ErrRetention, err)
	}
	found.Retention = asked
	return found, nil
}
