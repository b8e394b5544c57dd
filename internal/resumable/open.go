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
	"maps"
	"slices"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/checkpoint"
)

// open sets m.upload to an open upload, and m.stored to its parts that need not
// be made again. It continues the upload in the journal, or else one that only
// OSS knows unless ownOnly is set, or else initiates one.
func (m *multipart) open(ctx context.Context, ownOnly bool) error {
	m.upload = Upload{}
	found, err := m.journaled(ctx)
	if err == nil && found == nil && !ownOnly {
		found, err = m.unjournaled(ctx)
	}
	switch {
	case err != nil:
		return err
	case found != nil:
		return m.resume(ctx, found)
	}
	m.found = false
	return m.initiate(ctx)
}

// usable is an open upload that can be continued.
type usable struct {
	upload Upload
	plan   partPlan
	kept   map[int]StoredPart
	found  bool // another process may have begun it
}

// journaled returns the upload in the journal, if OSS still has it. If its parts
// cannot be used, the upload is abandoned.
func (m *multipart) journaled(ctx context.Context) (*usable, error) {
	state := m.journal.State()
	if state.UploadID == "" || state.Begin == nil {
		return nil, nil
	}
	m.found = state.Begin.Headers != m.dst.digest()
	upload := Upload{Destination: m.dst, UploadID: state.UploadID}
	stored, err := m.cfg.OSS.ListParts(ctx, upload)
	switch {
	case state.Begin.Found && errors.Is(err, ErrAccessDenied):
		return nil, m.startOver(ctx)
	case errors.Is(err, ErrNoSuchUpload):
		m.log.WarnContext(ctx, "OSS has discarded the upload; starting again", "upload_id", upload.UploadID, "begun", state.Begin.Time)
		return nil, m.journal.Replace(checkpoint.State{Begin: state.Begin, PendingAborts: state.PendingAborts})
	case errors.Is(err, ErrAccessDenied):
		m.log.WarnContext(ctx, "not allowed to list parts (oss:ListParts); relying on the checkpoint alone")
		stored = slices.SortedFunc(maps.Values(state.Parts), byNumber)
	case err != nil:
		return nil, fmt.Errorf("list stored parts: %w", err)
	}
	plan, kept, err := m.origin.keep(ctx, stored, &state)
	if err != nil {
		return nil, err
	}
	if state.Begin.Found && slices.ContainsFunc(stored, func(s StoredPart) bool { return kept[s.Number].ETag != s.ETag }) {
		m.log.InfoContext(ctx, "the upload that was found has other parts than this run would make; starting again", "upload_id", upload.UploadID)
		return nil, m.startOver(ctx)
	}
	if len(plan.parts) == 0 {
		m.log.InfoContext(ctx, "the interrupted upload has other bytes or cannot get the requested headers; starting again",
			"upload_id", upload.UploadID, "begun", state.Begin.Time)
		return nil, m.startOver(ctx)
	}
	return &usable{upload, plan, kept, state.Begin.Found}, nil
}

// unjournaled looks for an open upload that no journal names, because its
// checkpoint was lost or InitiateMultipartUpload was not answered. Of several
// usable uploads, it returns the one with the most bytes to keep, and of equal
// ones the newest.
//
// An upload without parts fits any bytes and may be that of another process. It is
// used only if InitiateMultipartUpload was not answered, and no other one was
// opened since.
func (m *multipart) unjournaled(ctx context.Context) (*usable, error) {
	uploads, err := m.listUploads(ctx)
	if err != nil {
		return nil, err
	}
	var best *usable
	var opened []*usable
	var others []string
	for _, open := range uploads {
		id, upload := open.UploadID, Upload{Destination: m.dst, UploadID: open.UploadID}
		stored, err := m.cfg.OSS.ListParts(ctx, upload)
		if errors.Is(err, ErrNoSuchUpload) || errors.Is(err, ErrAccessDenied) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("list parts of upload %s: %w", id, err)
		}
		plan, kept, err := m.origin.keep(ctx, stored, nil)
		if err != nil {
			return nil, err
		}
		found := &usable{upload, plan, kept, true}
		switch {
		case len(plan.parts) == 0 || len(stored) == 0 && !m.unanswered(id) || m.archives(open):
			others = append(others, id)
		case len(stored) == 0:
			opened = append(opened, found)
		case best == nil || bytesOf(kept) > bytesOf(best.kept):
			best = found
		}
	}
	if best == nil && len(opened) == 1 {
		best = opened[0]
	}
	if len(others) > 0 {
		m.log.WarnContext(ctx, "OSS has other uploads of this object, which may belong to another process; they stay until they are aborted", "upload_ids", others)
	}
	m.found = best != nil
	return best, nil
}

// archives reports whether an upload would make an archived object, which was not
// requested. No copy could correct that.
func (m *multipart) archives(open OpenUpload) bool {
	return Archived(open.StorageClass) && open.StorageClass != m.dst.Headers.StorageClass
}

// listUploads returns the open uploads of the object, the newest first, without
// those that are still to be aborted, or that this run leaves open.
func (m *multipart) listUploads(ctx context.Context) (uploads []OpenUpload, err error) {
	m.listed = nil
	uploads, err = m.cfg.OSS.ListMultipartUploads(ctx, m.obj)
	switch {
	case errors.Is(err, ErrAccessDenied):
		m.log.WarnContext(ctx, "not allowed to list multipart uploads (oss:ListMultipartUploads); an upload whose checkpoint was lost cannot be found")
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("look for an upload to resume: %w", err)
	}
	slices.SortStableFunc(uploads, func(a, b OpenUpload) int { return b.Initiated.Compare(a.Initiated) })
	m.listed = []string{}
	for _, open := range uploads {
		m.listed = append(m.listed, open.UploadID)
	}
	unusable := slices.Concat(m.journal.State().PendingAborts, m.left)
	return slices.DeleteFunc(uploads, func(open OpenUpload) bool { return slices.Contains(unusable, open.UploadID) }), nil
}

// unanswered reports whether the journal has an InitiateMultipartUpload without an
// answer, and the upload was not open before it.
func (m *multipart) unanswered(id string) bool {
	state := m.journal.State()
	return state.Begin != nil && state.Begin.Others != nil && !slices.Contains(state.Begin.Others, id)
}

// resume records a found upload in the journal and continues from it.
func (m *multipart) resume(ctx context.Context, found *usable) error {
	begin := m.begin(found.plan)
	begin.Found = found.found
	if m.found {
		begin.Headers = unknownHeaders
	}
	message := "resuming"
	if m.stats.Parts > 0 {
		message = "continuing with another plan"
	}
	m.count(found.kept)
	begin.PartsKept, begin.BytesKept = m.stats.PartsKept, m.stats.BytesKept
	err := m.journal.Replace(checkpoint.State{
		Begin: &begin, UploadID: found.upload.UploadID, Parts: maps.Clone(found.kept), PendingAborts: m.journal.State().PendingAborts,
	})
	if err != nil {
		return err
	}
	m.upload, m.plan, m.stored = found.upload, found.plan, found.kept
	toSend, toCopy := m.plan.left(m.stored)
	m.log.InfoContext(ctx, message, "upload_id", m.upload.UploadID, "parts_kept", len(m.stored), "parts", len(m.plan.parts),
		"bytes_to_send", toSend, "bytes_to_copy", toCopy)
	return nil
}

// count counts the parts that are kept as parts of this run, which has them in m.stored,
// or of an earlier one.
func (m *multipart) count(kept map[int]StoredPart) {
	*m.stats = Stats{BytesSent: m.stats.BytesSent}
	for n, part := range kept {
		own := m.made[n] && m.stored[n].ETag == part.ETag
		part.Copied = own && m.stored[n].Copied
		switch {
		case part.Copied:
			m.stats.PartsCopied++
			m.stats.BytesCopied += part.Size
		case !own:
			m.stats.PartsKept++
			m.stats.BytesKept += part.Size
		}
		kept[n] = part
	}
}

// initiate starts a new upload. The journal records what will be stored before
// the request, and the upload ID before the first part. Between the two, only
// OSS knows the upload, and unjournaled finds it.
func (m *multipart) initiate(ctx context.Context) (err error) {
	m.count(nil)
	m.stored = map[int]StoredPart{}
	if m.plan, err = m.origin.cut(0); err != nil {
		return err
	}
	begin := m.begin(m.plan)
	begin.Others = m.listed
	if err := m.journal.Replace(checkpoint.State{Begin: &begin, PendingAborts: m.journal.State().PendingAborts}); err != nil {
		return err
	}
	var found *usable
	asked := false
	err = m.retry(ctx, "InitiateMultipartUpload", func() (err error) {
		if asked { // the last attempt may have succeeded without an answer
			if found, err = m.unjournaled(ctx); err != nil || found != nil {
				return err
			}
		}
		asked = true
		m.upload, err = m.cfg.OSS.InitiateMultipartUpload(ctx, m.dst)
		return err
	})
	switch {
	case err != nil:
		return err
	case found != nil: // probably initiated by this run
		return m.resume(ctx, found)
	}
	if err := m.journal.Initiated(m.upload.UploadID); err != nil {
		return err
	}
	toSend, toCopy := m.plan.left(nil)
	m.log.InfoContext(ctx, "upload initiated", "upload_id", m.upload.UploadID, "parts", len(m.plan.parts), "part_size", m.plan.partSize,
		"bytes_to_send", toSend, "bytes_to_copy", toCopy)
	return nil
}

func (m *multipart) begin(p partPlan) checkpoint.Begin {
	begin := checkpoint.Begin{
		Time:     time.Now().UTC(),
		Tool:     m.cfg.ToolVersion,
		Endpoint: m.cfg.Endpoint,
		Bucket:   m.obj.Bucket,
		Object:   m.obj.Key,
		PartSize: p.partSize,
		Parts:    len(p.parts),
		Layout:   p.layout(),

		Headers:      m.dst.digest(),
		StorageClass: m.dst.Headers.StorageClass,
		Encryption:   m.dst.Headers.Encryption.String(),
		Owner:        m.dst.Owner,
		Mark:         m.dst.Headers.Mark,
		Prepared:     m.prepares,
	}
	m.origin.describe(&begin)
	return begin
}

// unknownHeaders replaces the digest for an upload that was found.
const unknownHeaders = ""

// digest identifies everything that InitiateMultipartUpload fixes.
func (dst Destination) digest() string {
	text, err := json.Marshal(struct {
		Headers Headers
		Tags    map[string]string
	}{dst.Headers, dst.Tags})
	if err != nil {
		panic(fmt.Sprintf("resumable: internal error: headers cannot be encoded: %v", err))
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}
