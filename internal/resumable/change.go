// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable

import (
	"context"
	"errors"
	"fmt"
)

// Change makes everything about an object but its bytes what dst asks for, and
// sends none of them. Of known, it needs the object's ETag, size and CRC-64 as
// they were last seen: another object is ErrPreconditionFailed. It also needs
// the number of tags that may have to go: with none there, a dst without tags
// leaves them alone. All else it asks of OSS.
//
// When a step fails, the ones before it stay done, and what is known of the
// object by then is returned with the error. Each step can be done again.
func (u *Uploader) Change(ctx context.Context, dst Destination, known ObjectInfo) (ObjectInfo, error) {
	found, err := u.cfg.OSS.HeadObject(ctx, dst.Object)
	if err != nil {
		return known, err
	}
	if found.ETag != known.ETag || !sameBytes(found, known) {
		return known, fmt.Errorf("%w: %s has size %d, CRC-64 %s, ETag %s", ErrPreconditionFailed, dst.Object, found.Size, found.CRC64, found.ETag)
	}
	found.Tags = max(found.Tags, known.Tags) // not everybody is told
	return u.change(ctx, dst, found, known.Tags)
}

// change is Change of an object that was just looked at. The copy comes first:
// it undoes an ACL that it does not name.
//
// HeadObject tells no ACL and only the number of tags. To set both to what
// they are already costs no more than to ask, and needs no other permission.
func (u *Uploader) change(ctx context.Context, dst Destination, found ObjectInfo, tagged int) (ObjectInfo, error) {
	if !dst.Headers.SatisfiedBy(found.Headers) {
		info, err := u.replaceHeaders(ctx, dst, found)
		if err != nil {
			return found, fmt.Errorf("replace headers: %w", err)
		}
		info.Tags = max(info.Tags, found.Tags)
		found = info
	} else if dst.ACL != "" {
		err := u.retry(ctx, "PutObjectACL "+dst.String(), func(ctx context.Context, _ int) error {
			return u.cfg.OSS.PutObjectACL(ctx, dst.Object, dst.ACL)
		})
		if err != nil {
			return found, err
		}
	}
	if len(dst.Tags) > 0 || tagged > 0 {
		err := u.retry(ctx, "PutObjectTagging "+dst.String(), func(ctx context.Context, _ int) error {
			return u.cfg.OSS.PutObjectTagging(ctx, dst.Object, dst.Tags)
		})
		if err != nil {
			return found, err
		}
		found.Tags = len(dst.Tags)
	}
	return found, nil
}

// replaceHeaders copies the object onto itself, ACL included, until HeadObject
// shows the new headers on the same bytes.
func (u *Uploader) replaceHeaders(ctx context.Context, dst Destination, known ObjectInfo) (ObjectInfo, error) {
	dst.Headers = dst.Headers.orAsIn(known.Headers)
	info, err := u.publish(ctx, dst.Object,
		func(ctx context.Context) error { return u.cfg.OSS.CopyOntoItself(ctx, dst, known.ETag) },
		func(info ObjectInfo) bool {
			return dst.Headers.SatisfiedBy(info.Headers) && sameBytes(info, known)
		})
	if errors.Is(err, ErrEntityTooLarge) {
		err = fmt.Errorf("the object has %d bytes, and OSS changes the storage class or the encryption of at most %d by a copy: %w",
			known.Size, maxConvertSize, err)
	}
	return info, err
}

// maxConvertSize is the largest object that CopyObject stores anew, in bytes.
// Source: API page CopyObject (zh).
const maxConvertSize = 1 << 30

// sameBytes compares what is known of both. OSS has no CRC-64 of some copies.
func sameBytes(a, b ObjectInfo) bool {
	return a.Size == b.Size && (a.CRC64 == b.CRC64 || a.CRC64 == "" || b.CRC64 == "")
}
