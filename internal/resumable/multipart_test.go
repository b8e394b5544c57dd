// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"slices"
	"sync"
	"testing"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/crc64"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/partplan"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/source"
)

// memoryOSS has an old object, and makes a new one from parts.
type memoryOSS struct {
	OSS
	old []byte

	mu    sync.Mutex
	parts map[int][]byte
	made  []byte
}

func (o *memoryOSS) ListMultipartUploads(context.Context, Object) ([]OpenUpload, error) {
	return nil, nil
}

func (o *memoryOSS) InitiateMultipartUpload(_ context.Context, dst Destination) (Upload, error) {
	return Upload{dst, "ID"}, nil
}

func (o *memoryOSS) UploadPart(_ context.Context, _ Upload, number int, body Body) (StoredPart, error) {
	b, err := io.ReadAll(body)
	return o.store(number, b), err
}

func (o *memoryOSS) UploadPartCopy(_ context.Context, _ Upload, number int, from Range) (StoredPart, error) {
	return o.store(number, o.old[from.Offset:from.Offset+from.Size]), nil
}

func (o *memoryOSS) store(number int, b []byte) StoredPart {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.parts[number] = b
	return StoredPart{Number: number, Size: int64(len(b)), ETag: fmt.Sprint(number), CRC64: crc64.Format(crc64.Update(0, b))}
}

func (o *memoryOSS) CompleteMultipartUpload(_ context.Context, _ Upload, parts []StoredPart) (string, error) {
	for _, p := range parts {
		o.made = append(o.made, o.parts[p.Number]...)
	}
	return "NEW", nil
}

func (o *memoryOSS) HeadObject(context.Context, Object) (ObjectInfo, error) {
	return ObjectInfo{Size: int64(len(o.made)), CRC64: crc64.Format(crc64.Update(0, o.made)), ETag: "NEW"}, nil
}

// listed is a file with a given plan.
type listed struct {
	*fromFile
	parts []plannedPart
}

func (l listed) cut(int64) (partPlan, error) {
	return partPlan{parts: l.parts, size: l.fingerprint.Size}, nil
}

// Parts may have any sizes, and each its own origin: a range of the file, or any
// range of another object.
func TestMultipart_anyParts(t *testing.T) {
	t.Parallel()
	old := make([]byte, 500<<10)
	_, _ = rand.Read(old)
	text := slices.Concat([]byte("inserted "), old[7:200<<10], []byte("changed"), old[250<<10:])
	src := source.FromBytes("content", text)
	fingerprint, err := src.Fingerprint(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	middle := int64(len("inserted ")) + 100<<10 // of what is at 7 to 200 KiB in the old object
	parts := []plannedPart{
		{Part: partplan.Part{Number: 1, Offset: 0, Size: middle}},
		{partplan.Part{Number: 2, Offset: middle, Size: 90 << 10}, &CopySource{Object{"b", "old"}, "", "OLD"}, 7 + 100<<10},
		{Part: partplan.Part{Number: 3, Offset: middle + 90<<10, Size: 150 << 10}},
		{Part: partplan.Part{Number: 4, Offset: middle + 240<<10, Size: int64(len(text)) - middle - 240<<10}},
	}

	oss := &memoryOSS{old: old, parts: map[int][]byte{}}
	obj := Object{"b", "k"}
	j, err := New(Config{OSS: oss, Endpoint: "e"}).hold(t.Context(), obj, Options{CheckpointDir: t.TempDir(), Parallelism: 2})
	defer j.release()
	if err != nil {
		t.Fatal(err)
	}
	file := &fromFile{job: j, hashedFile: hashedFile{src, fingerprint}, req: Request{Destination: Destination{Object: obj}}}
	m := &multipart{job: j, origin: listed{file, parts}, dst: file.req.Destination, stats: new(Stats)}
	if err := m.makeObject(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(oss.made, text) {
		t.Errorf("made %d bytes that are not the %d of the file", len(oss.made), len(text))
	}
	if want := (Stats{Parts: 4, PartsCopied: 1, BytesCopied: parts[1].Size, BytesSent: int64(len(text)) - parts[1].Size}); *m.stats != want {
		t.Errorf("stats %+v, want %+v", *m.stats, want)
	}
}
