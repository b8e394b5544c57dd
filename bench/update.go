// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"path/filepath"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// transfer is what an upload did.
type transfer struct {
	Sent, Copied int64 // bytes
	Parts        int
	Copies       int // of these parts
}

var transferred transfer // by the update of this process

// update uploads t.Old, and then measures its replacement by t.File. The plan has read both
// files, so their hashes are in the cache. If t.Elsewhere, the second upload has another
// checkpoint directory, as on a new machine: it knows the old file only from what Terraform
// keeps in its state.
func update(ctx context.Context, t trial) (func() error, error) {
	uploader, err := newUploader(t)
	if err != nil {
		return nil, err
	}
	request := resumable.Request{
		Destination: resumable.Destination{Object: resumable.Object{Bucket: bucketName, Key: t.Key}},
		Options:     resumable.Options{CheckpointDir: t.Dir, MultipartThreshold: 1},
		Source:      t.Old,
	}
	first, err := uploader.Upload(ctx, request)
	if err != nil {
		return nil, err
	}
	request.Source = t.File
	request.Replaces = resumable.Replaced{ETag: first.ETag, SHA256: first.Fingerprint.SHA256, Chunks: first.Fingerprint.ChunkTable()}
	if t.Elsewhere {
		request.Options.CheckpointDir = filepath.Join(t.Dir, "elsewhere")
	}
	if _, _, err := resumable.FingerprintSource(ctx, t.File, request.Options.CheckpointDir); err != nil {
		return nil, err
	}
	return func() error {
		second, err := uploader.Upload(ctx, request)
		transferred = transfer{second.Stats.BytesSent, second.Stats.BytesCopied, second.Stats.Parts, second.Stats.PartsCopied}
		return err
	}, nil
}
