// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/escape"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// chunkTable is stored in the private state of an instance. It describes the content of
// the object, so that an update on any machine sends only what changed of it. See
// [resumable.Replaced].
//
// It is written when the object is complete, and not before: after a failed update, the
// state and the table still describe the old object. A Read leaves it as it is, because
// source_hash shows whether the object still has that content.
type chunkTable struct {
	Version int    `json:"version"`
	Content string `json:"content"` // the first digits of the SHA-256 of the described content
	Table   []byte `json:"table"`   // see [resumable.Fingerprint.ChunkTable]
}

const (
	chunksKey     = "chunks"
	chunksVersion = 1
	contentDigits = 16 // 8 bytes: a table of other content costs time only
)

// describes reports whether t is the table of the content with that SHA-256.
func (t chunkTable) describes(sha256 string) bool {
	return len(t.Content) == contentDigits && strings.HasPrefix(sha256, t.Content)
}

// chunksIn returns the table in the private state. It is zero in the state of an earlier
// version and of an object without a table.
func chunksIn(ctx context.Context, private privateState) (t chunkTable, err error) {
	text, _ := private.GetKey(ctx, chunksKey)
	if len(text) == 0 {
		return chunkTable{}, nil
	}
	var form struct {
		Version int `json:"version"`
	}
	if err := json.Unmarshal(text, &form); err != nil {
		return chunkTable{}, fmt.Errorf("it is damaged: %w", err)
	}
	if form.Version != chunksVersion {
		return chunkTable{}, fmt.Errorf("it has version %d, and this provider reads version %d", form.Version, chunksVersion)
	}
	if err := json.Unmarshal(text, &t); err != nil {
		return chunkTable{}, fmt.Errorf("it is damaged: %w", err)
	}
	return t, nil
}

// keepIn stores t. The framework removes the key of an empty value.
func (t chunkTable) keepIn(ctx context.Context, private privateState) diag.Diagnostics {
	if len(t.Table) == 0 {
		return private.SetKey(ctx, chunksKey, nil)
	}
	text, err := json.Marshal(t)
	if err != nil {
		return diag.Diagnostics{errorAt(path.Empty(), "Private state cannot be encoded", escape.Sprint(err))}
	}
	return private.SetKey(ctx, chunksKey, text)
}

// uploadedChunks returns the table of an object after an upload. An object that is sent
// in one request has none, because an update could not use it. Neither has a copy of
// another object, whose bytes were not read, nor content of the configuration: no
// checksum of a secret may be stored.
func uploadedChunks(request resumable.Request, result resumable.Result) chunkTable {
	content := result.Fingerprint
	if request.Secret || request.Content != nil || len(content.SHA256) < contentDigits || request.SendsAtOnce(content.Size) {
		return chunkTable{}
	}
	return chunkTable{Version: chunksVersion, Content: content.SHA256[:contentDigits], Table: content.ChunkTable()}
}

// foundChunks returns the table of an object that already had the content of the file, as
// after an import. The plan has read the file, so its hash cache usually has the table.
// The table is empty if the content of the object is not known.
func foundChunks(ctx context.Context, plan *objectModel, opts resumable.Options) chunkTable {
	if plan.Source.IsNull() || plan.SourceHash.IsNull() || opts.SendsAtOnce(plan.ContentLength.ValueInt64()) {
		return chunkTable{}
	}
	fp, _, err := resumable.FingerprintSource(ctx, plan.Source.ValueString(), opts.CheckpointDir)
	if err != nil || fp.SHA256 != plan.SourceHash.ValueString() {
		return chunkTable{}
	}
	return chunkTable{Version: chunksVersion, Content: fp.SHA256[:contentDigits], Table: fp.ChunkTable()}
}

// replacedChunks returns the table of the content with that SHA-256, or nil if the
// private state has none. Then only the hash cache of this machine may know the content.
func replacedChunks(ctx context.Context, private privateState, obj resumable.Object, sha256 string) []byte {
	t, err := chunksIn(ctx, private)
	if err == nil && len(t.Table) > 0 && !t.describes(sha256) {
		err = errors.New("it describes other content")
	}
	if err != nil {
		slog.New(tflogHandler{}).WarnContext(ctx, "the table of chunks in the private state cannot be used, so the whole file may be sent",
			"object", obj.String(), "reason", err.Error())
		return nil
	}
	return t.Table
}
