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

// copy makes the object of the known one at from, ACL included, until HeadObject
// shows that. retagged says that its tags are set afterwards; else an object
// that is copied onto itself keeps them.
//
// Above 1 GiB one request may take OSS longer than any answer is waited for, or
// be refused for its size in words that no page lists. It is tried once then, and
// parts follow. The vendor's SDK v2 does not trust it either when a class is sent
// or the source is encrypted (v1.6.1, oss/copier.go).
func (f *fromObject) copy(ctx context.Context, retagged bool) error {
	if f.known.Size <= maxCopySize(f.from.Bucket == f.obj.Bucket, f.dst.Headers.convertedAs(f.known.Headers)) {
		err := f.publish(ctx, func(ctx context.Context) (string, error) {
			etag, err := f.cfg.OSS.CopyObject(ctx, f.dst, f.from, f.known.ETag)
			if err != nil && f.known.Size > copyTriedOnce && tooMuchAtOnce(err) {
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

// copyInParts is copy where one CopyObject does not do it.
func (f *fromObject) copyInParts(ctx context.Context, retagged bool) (err error) {
	if f.journal == nil {
		return f.unusable
	}
	if f.from == f.obj {
		f.dst.ForbidOverwrite = false // it is the object itself that is in the way
		if !retagged {                // a multipart upload does not keep the tags that are there
			if f.dst.Tags, err = f.cfg.OSS.GetObjectTagging(ctx, f.obj); err != nil {
				return err
			}
		}
	}
	f.dst.Callback, f.dst.BitsPerSecond = Callback{}, f.opts.TrafficLimit // an application knows the bytes already

	_ = f.abortPending(ctx) // the journal remembers; the next run tries again
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

// copyTriedOnce is the size, in bytes, above which one request for a copy is tried
// only once.
var copyTriedOnce int64 = 1 << 30

// maxCopySize is the largest object that one CopyObject copies: any within a
// bucket, unless it is stored anew with another storage class or encryption.
// Source: API page CopyObject (zh).
func maxCopySize(sameBucket, sameStorage bool) int64 {
	switch {
	case !sameStorage:
		return 1 << 30
	case sameBucket:
		return math.MaxInt64
	}
	return 5 << 30
}

// tooMuchAtOnce reports a copy that brought no answer, or a refusal that speaks of
// size.
func tooMuchAtOnce(err error) bool {
	service, ok := errors.AsType[*ServiceError](err)
	if !ok {
		return !permanent(err)
	}
	text := strings.ToLower(service.Code + " " + service.Message)
	return service.StatusCode/100 == 4 && (strings.Contains(text, "size") || strings.Contains(text, "large"))
}
