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
	r := &run{src: src, fingerprint: fingerprint}
	for _, part := range []partplan.Part{
		{Number: 1, Offset: 0, Size: 1},
		{Number: 2, Offset: block - 5, Size: 10},
		{Number: 3, Offset: block, Size: block - 1},
		{Number: 4, Offset: block, Size: block},
		{Number: 5, Offset: block + 1, Size: block + 1},
	} {
		body := r.partBody(part)
		if _, err := io.CopyN(io.Discard, body, part.Size/2); err != nil {
			t.Fatal(err)
		}
		if _, err := body.Seek(0, io.SeekStart); err != nil { // OSS refused the date; it is sent again
			t.Fatal(err)
		}
		if n, err := io.Copy(io.Discard, body); n != part.Size || err != nil {
			t.Fatalf("part %d: %d bytes, %v", part.Number, n, err)
		}
		got, err := r.wantCRC64(t.Context(), part, body)
		if want := crc64.Format(crc64.Update(0, data[part.Offset:part.Offset+part.Size])); got != want || err != nil {
			t.Errorf("part %d: got %s, %v, want %s", part.Number, got, err, want)
		}
	}
}

// A part without a CRC-64, or off the grid of blocks, is compared by reading it,
// and that ends with the run.
func TestHoldsPart_cancelled(t *testing.T) {
	t.Parallel()
	size := 2 * source.BlockSize(0)
	src := source.FromBytes("content", make([]byte, size))
	fingerprint, err := src.Fingerprint(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	r := &run{src: src, fingerprint: fingerprint}
	whole, err := partplan.New(size, size)
	if err != nil {
		t.Fatal(err)
	}
	offGrid, err := partplan.New(size, size-1)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, plan := range map[string]partplan.Plan{"no CRC-64": whole, "off the grid": offGrid} {
		stored := []StoredPart{{Number: 1, Size: plan.Part(1).Size}}
		if kept, err := r.reconcile(ctx, plan, stored); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: kept %v, %v", name, kept, err)
		}
	}
}
