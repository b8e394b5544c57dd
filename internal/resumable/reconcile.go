// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable

import (
	"context"
	"crypto/md5" //nolint:gosec // OSS's ETag of a part is an MD5; it guards against accidents only
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/checkpoint"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/crc64"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/partplan"
)

// reconcile returns the stored parts that may stay: they are in the plan and
// hold the bytes that the source has at their place. The rest is sent again
// under the same numbers.
func (r *run) reconcile(ctx context.Context, plan partplan.Plan, stored []StoredPart) (kept []StoredPart, err error) {
	have := make(map[int]bool, len(stored))
	for _, p := range stored {
		if !inPlan(plan, p) || have[p.Number] {
			continue
		}
		part := plan.Part(p.Number)
		want, err := r.partCRC64(ctx, part)
		if err != nil {
			return nil, err
		}
		same, err := r.holdsPart(ctx, part, want, p)
		if err != nil {
			return nil, err
		}
		if same {
			have[p.Number] = true
			p.CRC64 = want
			kept = append(kept, p)
		}
	}
	return kept, nil
}

// missing are the parts of the plan that are not kept, in order.
func missing(plan partplan.Plan, kept []StoredPart) []partplan.Part {
	have := make(map[int]bool, len(kept))
	for _, p := range kept {
		have[p.Number] = true
	}
	var parts []partplan.Part
	for part := range plan.Parts() {
		if !have[part.Number] {
			parts = append(parts, part)
		}
	}
	return parts
}

// holdsPart compares what OSS says of a part with the source, whose CRC-64 is
// want at that place. The CRC-64 decides. Where an answer has none, the ETag does, as the part's MD5; it is
// something else under KMS encryption, and then the part is sent again.
func (r *run) holdsPart(ctx context.Context, part partplan.Part, want string, stored StoredPart) (bool, error) {
	if stored.CRC64 != "" {
		return stored.CRC64 == want, nil
	}
	h := md5.New() //nolint:gosec // see the import
	if err := r.src.Sum(ctx, h, part.Offset, part.Size); err != nil {
		return false, fmt.Errorf("read part %d of %s: %w", part.Number, r.src.Path(), err)
	}
	return strings.EqualFold(stored.ETag, hex.EncodeToString(h.Sum(nil))), nil
}

// partCRC64 is the CRC-64 that the part has by the fingerprint.
func (r *run) partCRC64(ctx context.Context, part partplan.Part) (string, error) {
	crc, err := r.fingerprint.PartCRC64(ctx, r.src, part.Offset, part.Size)
	if err != nil {
		return "", fmt.Errorf("read part %d of %s: %w", part.Number, r.src.Path(), err)
	}
	return crc64.Format(crc), nil
}

// checkWhole compares the parts, joined, with the fingerprint.
func (r *run) checkWhole(plan partplan.Plan, parts []StoredPart) error {
	if len(parts) != plan.Len() {
		return fmt.Errorf("resumable: internal error: %d of %d parts before completing", len(parts), plan.Len())
	}
	got, err := joined(parts)
	if err != nil {
		return err
	}
	if got != r.fingerprint.CRC64 {
		return fmt.Errorf("%w: %s was read as CRC-64 %s while it was sent, and as %s before", ErrSourceChanged, r.src.Path(), got, r.fingerprint.CRC64)
	}
	return nil
}

// joined is the CRC-64 of the parts, one after the other.
func joined(parts []StoredPart) (string, error) {
	var whole uint64
	for _, p := range parts {
		crc, err := crc64.Parse(p.CRC64)
		if err != nil {
			return "", fmt.Errorf("part %d: %w", p.Number, err)
		}
		whole = crc64.Combine(whole, crc, p.Size)
	}
	return crc64.Format(whole), nil
}

func partsOf(state checkpoint.State) (parts []StoredPart) {
	for _, n := range slices.Sorted(maps.Keys(state.Parts)) {
		parts = append(parts, StoredPart(state.Parts[n]))
	}
	return parts
}
