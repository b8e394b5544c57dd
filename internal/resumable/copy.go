// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
)

// copy makes the object from the original, including its ACL, until
// HeadObject shows the copy. retagged says that tags are set afterwards;
// otherwise an object that is copied onto itself keeps its tags.
//
// Above 1 GiB, one request may take OSS longer than the client waits for an
// answer, or OSS may refuse the size with an undocumented error. So such a
// request is sent only once, and then the object is copied in parts. The
// vendor's SDK v2 also avoids a single request if it sets a storage class or the
// source is encrypted (v1.6.1, oss/copier.go).
func (f *fromObject) copy(ctx context.Context, retagged bool) error {
	if f.from.known.Size <= maxCopySize(f.from.Bucket == f.obj.Bucket, f.dst.Headers.sameStorage(f.from.known.Headers)) {
		err := f.publish(ctx, func(ctx context.Context) (string, error) {
			etag, err := f.cfg.OSS.CopyObject(ctx, f.dst, f.from.pinned())
			if err != nil && f.from.known.Size > copyTriedOnce && tooLargeForOneCopy(err) {
				err = fmt.Errorf("%w: %w", ErrEntityTooLarge, err)
			}
			return etag, err
		}, f.differs)
		if !errors.Is(err, ErrEntityTooLarge) {
			return err
		}
	}
	return f.copyInParts(ctx, retagged)
}

// copyInParts copies an object that one CopyObject cannot copy.
func (f *fromObject) copyInParts(ctx context.Context, retagged bool) (err error) {
	if f.journal == nil {
		return f.unusable
	}
	if f.from.Object == f.obj {
		f.dst.ForbidOverwrite = false // the object replaces itself
		if !retagged {                // a multipart upload does not keep existing tags
			if f.dst.Tags, err = f.cfg.OSS.GetObjectTagging(ctx, f.obj); err != nil {
				return err
			}
		}
	}
	f.dst.Callback, f.dst.BitsPerSecond = Callback{}, f.opts.TrafficLimit // a copy sends no callback

	_ = f.abortPending(ctx) // the journal keeps a failed one for the next run
	m := &multipart{job: f.job, origin: f, dst: f.dst, copies: true, stats: new(Stats)}
	if err := m.makeObject(ctx); err != nil {
		return m.failed(err)
	}
	if err := f.journal.Finish(); err != nil {
		f.warn(ctx, fmt.Sprintf("The copy is complete, but its checkpoint could not be removed: %v", err))
	}
	f.log.InfoContext(ctx, "object is copied in parts", "from", f.from.String(), "parts", m.stats.Parts, "parts_kept", m.stats.PartsKept)
	return nil
}

// copyTriedOnce is the size, in bytes, above which a single copy request is sent
// only once.
var copyTriedOnce int64 = 1 << 30

// maxCopySize returns the size of the largest object that one CopyObject can
// copy. Within a bucket there is no limit, unless the storage class or the
// encryption changes. Source: API page CopyObject (zh).
func maxCopySize(sameBucket, sameStorage bool) int64 {
	switch {
	case !sameStorage:
		return 1 << 30
	case sameBucket:
		return math.MaxInt64
	}
	return 5 << 30
}

// tooLargeForOneCopy reports a copy that was not answered, or was refused
// because of its size.
func tooLargeForOneCopy(err error) bool {
	service, ok := errors.AsType[*ServiceError](err)
	if !ok {
		return !permanent(err)
	}
	text := strings.ToLower(service.Code + " " + service.Message)
	return service.StatusCode/100 == 4 && (strings.Contains(text, "size") || strings.Contains(text, "large"))
}
