// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/checkpoint"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/partplan"
)

// open leaves r.upload an upload of the source that OSS has open, and r.stored
// the parts of it that hold the source's bytes. It goes on with the upload
// that the journal names, else with one that only OSS knows, else initiates one.
func (r *run) open(ctx context.Context) (partplan.Plan, error) {
	r.upload, r.stored = Upload{}, nil
	found, err := r.journaled(ctx)
	if err == nil && found == nil {
		found, err = r.unjournaled(ctx)
		r.found = found != nil // false again when a later pass has nothing to go on with
	}
	if err != nil {
		return partplan.Plan{}, err
	}
	if found != nil {
		return found.plan, r.resume(ctx, found, r.begin(0))
	}
	plan, err := partplan.New(r.fingerprint.Size, r.req.partSize(r.fingerprint.Size))
	if err != nil {
		return plan, err
	}
	return r.initiate(ctx, plan, r.begin(plan.PartSize()), r.unjournaled)
}

// candidate is an open upload that could go on as ours.
type candidate struct {
	upload Upload
	plan   partplan.Plan
	kept   []StoredPart
}

// journaled returns the upload that the journal names, if OSS still has it. It is
// worth as much as one that was found: whatever its size and headers were to
// be, parts that hold the source's bytes stay, and mend makes the headers right.
// Where no copy could do that, the upload is abandoned, and so is a copy, whose
// parts are of a size that nothing asked for.
func (r *run) journaled(ctx context.Context) (*candidate, error) {
	state := r.journal.State()
	begin := state.Begin
	if state.UploadID == "" || begin == nil {
		return nil, nil
	}
	plan, err := partplan.New(r.fingerprint.Size, begin.PartSize)
	r.found = begin.Headers != r.headersDigest()
	if err != nil || begin.CopyOf != "" || r.found && !r.mendable(begin) {
		r.log.InfoContext(ctx, "what was begun is a copy, or cannot be given the headers asked for; starting again", "upload_id", state.UploadID, "begun", begin.Time)
		return nil, r.startOver(ctx)
	}
	upload, stored, err := r.storedParts(ctx, state)
	if err != nil || upload == nil {
		return nil, err
	}
	kept, err := r.reconcile(ctx, plan, stored)
	if err != nil {
		return nil, err
	}
	return &candidate{*upload, plan, kept}, nil
}

// storedParts are those of the upload in the journal. The upload is nil when OSS
// has it no more, and then the journal has forgotten it, too.
func (r *run) storedParts(ctx context.Context, state checkpoint.State) (*Upload, []StoredPart, error) {
	upload := &Upload{Destination: r.req.Destination, UploadID: state.UploadID}
	stored, err := r.cfg.OSS.ListParts(ctx, *upload)
	switch {
	case errors.Is(err, ErrNoSuchUpload):
		r.log.WarnContext(ctx, "OSS has discarded the upload; starting again", "upload_id", upload.UploadID, "begun", state.Begin.Time)
		return nil, nil, r.journal.Replace(checkpoint.State{Begin: state.Begin, Doomed: state.Doomed})
	case errors.Is(err, ErrAccessDenied):
		r.log.WarnContext(ctx, "not allowed to list parts (oss:ListParts); relying on the checkpoint alone")
		return upload, partsOf(state), nil
	case err != nil:
		return nil, nil, fmt.Errorf("find out which parts are stored: %w", err)
	}
	return upload, stored, nil
}

// mendable reports whether a copy can give the object of an upload the headers
// that are asked for now. An archived object cannot be copied, and one that is to
// be encrypted must not be published otherwise.
func (r *run) mendable(begin *checkpoint.Begin) bool {
	if begin.Headers == unknownHeaders {
		return true
	}
	return begin.Encryption == r.req.Headers.Encryption.String() && !Archived(begin.StorageClass)
}

// resume makes the journal say what was found, and goes on from there.
func (r *run) resume(ctx context.Context, found *candidate, begin checkpoint.Begin) error {
	begin.PartSize = found.plan.PartSize()
	if r.found {
		begin.Headers = unknownHeaders
	}
	begin.PartsKept = len(found.kept)
	parts := map[int]checkpoint.Part{}
	for _, p := range found.kept {
		parts[p.Number] = checkpoint.Part(p)
	}
	err := r.journal.Replace(checkpoint.State{
		Begin: &begin, UploadID: found.upload.UploadID, Parts: parts, Doomed: r.journal.State().Doomed,
	})
	if err != nil {
		return err
	}
	r.upload, r.stored = found.upload, found.kept
	if r.stats.Parts == 0 { // not a second look of the same run
		r.stats.PartsKept, r.stats.BytesKept = len(found.kept), bytesOf(found.kept)
	}
	r.stats.Parts = found.plan.Len()
	r.log.InfoContext(ctx, "resuming", "upload_id", r.upload.UploadID, "parts_kept", len(r.stored), "parts", r.stats.Parts)
	return nil
}

// initiate starts a new upload. The journal says what is going to be sent
// before OSS is asked, and has the upload ID before the first part. Between
// the two only OSS knows the ID: find finds it again.
func (r *run) initiate(ctx context.Context, plan partplan.Plan, begin checkpoint.Begin, find func(context.Context) (*candidate, error)) (partplan.Plan, error) {
	if err := r.journal.Replace(checkpoint.State{Begin: &begin, Doomed: r.journal.State().Doomed}); err != nil {
		return plan, err
	}
	var found *candidate
	err := r.retry(ctx, "InitiateMultipartUpload", func(ctx context.Context, attempt int) (err error) {
		if attempt > 1 { // the answer to the last attempt may just be lost
			if found, err = find(ctx); err != nil || found != nil {
				return err
			}
		}
		r.upload, err = r.cfg.OSS.InitiateMultipartUpload(ctx, r.req.Destination)
		return err
	})
	switch {
	case err != nil:
		return plan, err
	case found != nil: // ours, probably
		r.found = true
		return found.plan, r.resume(ctx, found, begin)
	}
	r.stats.Parts = plan.Len()
	if err := r.journal.Initiated(r.upload.UploadID); err != nil {
		return plan, err
	}
	r.log.InfoContext(ctx, "upload initiated", "upload_id", r.upload.UploadID, "parts", plan.Len(), "part_size", plan.PartSize())
	return plan, nil
}

func (r *run) begin(partSize int64) checkpoint.Begin {
	return checkpoint.Begin{
		Time:     time.Now().UTC(),
		Tool:     r.cfg.ToolVersion,
		Endpoint: r.cfg.Endpoint,
		Bucket:   r.req.Bucket,
		Object:   r.req.Key,
		Source:   r.name,
		Size:     r.fingerprint.Size,
		SHA256:   r.fingerprint.SHA256,
		CRC64:    r.fingerprint.CRC64,
		PartSize: partSize,

		Headers:      r.headersDigest(),
		StorageClass: r.req.Headers.StorageClass,
		Encryption:   r.req.Headers.Encryption.String(),
		Owner:        r.req.Owner,
		Mark:         r.req.Headers.Mark,
	}
}

// unknownHeaders takes the place of a digest for an upload that was found.
const unknownHeaders = ""

// headersDigest stands for everything that InitiateMultipartUpload fixes.
func (r *run) headersDigest() string {
	text, err := json.Marshal(struct {
		Headers Headers
		Tags    map[string]string
	}{r.req.Headers, r.req.Tags})
	if err != nil {
		panic(fmt.Sprintf("resumable: internal error: headers cannot be encoded: %v", err))
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}
