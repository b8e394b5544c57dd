// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
)

// maxPasses limits how often a run checks OSS again because its upload vanished
// or has unexpected parts. If that is not enough, another writer works on the
// same object.
const maxPasses = 3

// makeObject makes the object from the origin, and sets [job.info]. For
// [Uploader.Prepare], it stops before the object is completed. If OSS does not
// hold the expected parts, it checks OSS again and continues from there, because
// another machine may have published these bytes by completing the same upload.
func (m *multipart) makeObject(ctx context.Context) error {
	m.made = map[int]bool{}
	ownOnly := false
	for pass := 1; ; pass++ {
		err := m.open(ctx, ownOnly)
		if err == nil {
			err = m.transfer(ctx)
		}
		if err == nil && !m.prepares {
			err = m.complete(ctx)
		}
		_, other := errors.AsType[*otherHeaderError](err)
		foreign := other && m.found // the headers of a found upload show only once it is complete
		ownOnly = ownOnly || foreign
		again := foreign || errors.Is(err, ErrNoSuchUpload) || errors.Is(err, ErrInvalidPart)
		if errors.Is(err, errCopiesRefused) && ctx.Err() == nil {
			continue // with another plan for the same upload
		}
		if !again || pass >= maxPasses || ctx.Err() != nil {
			return err
		}
		m.log.WarnContext(ctx, "OSS does not hold the expected parts; checking again", "error", err.Error())
		switch there, err := m.origin.look(ctx); {
		case err != nil:
			return err
		case there:
			return m.adopt(ctx)
		}
	}
}

// complete turns the parts into the object.
func (m *multipart) complete(ctx context.Context) error {
	stored := slices.SortedFunc(maps.Values(m.stored), byNumber)
	parts, err := m.origin.prove(ctx, m, stored)
	if err != nil {
		return err
	}
	if err := m.checkAlone(ctx); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	err = m.publish(ctx, func(ctx context.Context) (string, error) {
		return m.cfg.OSS.CompleteMultipartUpload(ctx, m.upload, parts)
	}, m.origin.differs)
	if err == nil {
		m.upload = Upload{} // it has no parts any more
	}
	return err
}

// checkAlone fails with [ErrInvalidPart] if OSS lists parts of another process in an upload
// that was found in OSS. To complete it would take them away. A part that this run has
// replaced cannot be seen.
func (m *multipart) checkAlone(ctx context.Context) error {
	if !m.journal.State().Begin.Found {
		return nil
	}
	stored, err := m.cfg.OSS.ListParts(ctx, m.upload)
	if err == nil && slices.ContainsFunc(stored, func(s StoredPart) bool { return m.stored[s.Number].ETag != s.ETag }) {
		err = fmt.Errorf("%w: another process works on the upload that was found", ErrInvalidPart)
	}
	return err
}

// adopt accepts the existing object as the result.
func (m *multipart) adopt(ctx context.Context) error {
	m.stats.Adopted, m.found = true, true
	return m.startOver(ctx)
}

// failed adds to err what OSS holds of the upload.
func (m *multipart) failed(err error) *UploadError {
	e := &UploadError{Object: m.obj, UploadID: m.upload.UploadID, Copy: m.copies, Err: err}
	if part, ok := errors.AsType[*partError](err); ok {
		e.PartNumber, e.Err = part.number, part.err
	}
	if m.upload.UploadID != "" {
		e.Checkpoint = m.journal.Path()
		e.Parts = len(m.plan.parts)
		e.PartsStored = len(m.stored)
		e.BytesStored = bytesOf(m.stored)
	}
	return e
}
