// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"testing"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/crc64"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/partplan"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/source"
)

func TestPartBody_crc64(t *testing.T) {
	t.Parallel()
	block := source.BlockSize(0)
	data := make([]byte, 3*block)
	_, _ = rand.Read(data)
	src := source.FromBytes("content", data)
	fingerprint, err := src.Fingerprint(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	f := &fromFile{job: &job{}, hashedFile: hashedFile{src, fingerprint}}
	for _, one := range []partplan.Part{
		{Number: 1, Offset: 0, Size: 1},
		{Number: 2, Offset: block - 5, Size: 10},
		{Number: 3, Offset: block, Size: block - 1},
		{Number: 4, Offset: block, Size: block},
		{Number: 5, Offset: block + 1, Size: block + 1},
	} {
		part := plannedPart{Part: one}
		body := f.body(part)
		if _, err := io.CopyN(io.Discard, body, part.Size/2); err != nil {
			t.Fatal(err)
		}
		if _, err := body.Seek(0, io.SeekStart); err != nil { // OSS refused the date; it is sent again
			t.Fatal(err)
		}
		if n, err := io.Copy(io.Discard, body); n != part.Size || err != nil {
			t.Fatalf("part %d: %d bytes, %v", part.Number, n, err)
		}
		want := crc64.Format(crc64.Update(0, data[part.Offset:part.Offset+part.Size]))
		got, same, err := f.compare(t.Context(), part, body.crc64(), StoredPart{CRC64: want})
		if got != want || !same || err != nil {
			t.Errorf("part %d: got %s, %v, want %s", part.Number, got, err, want)
		}
	}
}

// A part without a CRC-64, or not aligned to blocks, is compared by reading it,
// which stops when the run is cancelled.
func TestReconcile_cancelled(t *testing.T) {
	t.Parallel()
	size := 2 * source.BlockSize(0)
	src := source.FromBytes("content", make([]byte, size))
	fingerprint, err := src.Fingerprint(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	f := &fromFile{job: &job{}, hashedFile: hashedFile{src, fingerprint}}
	whole, err := f.cut(size)
	if err != nil {
		t.Fatal(err)
	}
	offGrid, err := f.cut(size - 1)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, plan := range map[string]partPlan{"no CRC-64": whole, "off the grid": offGrid} {
		stored := []StoredPart{{Number: 1, Size: plan.parts[0].Size}}
		if kept, err := f.reconcile(ctx, plan, stored); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: kept %v, %v", name, kept, err)
		}
	}
}
