// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/checkpoint"
)

// Change makes everything about an object but its bytes what dst asks for, and
// sends none of them. Of known, it needs the object's ETag, size and CRC-64 as
// they were last seen: another object is ErrPreconditionFailed. It also needs
// the number of tags that may have to go: with none there, a dst without tags
// leaves them alone. All else it asks of OSS.
//
// When a step fails, the ones before it stay done, and what is known of the
// object by then is returned with the error. Each step can be done again. A
// copy in parts goes on where it was interrupted, like an upload; of opts, it
// needs the checkpoint directory and the parallelism. The error is then an
// [*UploadError].
func (u *Uploader) Change(ctx context.Context, dst Destination, opts Options, known ObjectInfo) (ObjectInfo, error) {
	journal, release, err := u.hold(ctx, dst.Object, opts.CheckpointDir)
	defer release()
	if err != nil && !u.journalUnused(ctx, dst.Object, err) {
		return known, err
	}
	found, err := u.cfg.OSS.HeadObject(ctx, dst.Object)
	if err != nil {
		return known, err
	}
	if found.ETag != known.ETag || !sameBytes(found, known) {
		return known, fmt.Errorf("%w: %s has size %d, CRC-64 %s, ETag %s", ErrPreconditionFailed, dst.Object, found.Size, found.CRC64, found.ETag)
	}
	found.Tags = max(found.Tags, known.Tags) // not everybody is told
	dst.resumeMark(journal.State().Begin)
	found, err = change{Uploader: u, dst: dst, opts: opts, tagged: known.Tags, journal: journal}.make(ctx, found)
	if begin := journal.State().Begin; err == nil && begin != nil && begin.CopyOf != "" { // unless it was finished, that copy is not needed any more
		if err := u.giveUp(ctx, dst.Object, journal); err != nil {
			u.cfg.Log.WarnContext(ctx, "a copy that is not needed any more is left", "object", dst.String(), "error", err.Error())
		}
	}
	return found, err
}

// change is everything about one object but its bytes.
type change struct {
	*Uploader
	dst     Destination
	opts    Options
	tagged  int                 // tags that may have to go
	journal *checkpoint.Journal // the caller's; nil: opened for a copy in parts
}

// make is Change of an object that was just looked at. The copy comes first:
// it undoes an ACL that it does not name. The retention comes last.
//
// HeadObject tells no ACL and only the number of tags. To set both to what
// they are already costs no more than to ask, and needs no other permission.
func (c change) make(ctx context.Context, found ObjectInfo) (ObjectInfo, error) {
	if !c.dst.Headers.SatisfiedBy(found.Headers) {
		info, err := c.replaceHeaders(ctx, found)
		if err != nil {
			return found, fmt.Errorf("%w: %w", errReplaceHeaders, err)
		}
		info.Tags = max(info.Tags, found.Tags)
		found = info
	} else if c.dst.ACL != "" {
		err := c.retry(ctx, "PutObjectACL "+c.dst.String(), func(ctx context.Context, _ int) error {
			return c.cfg.OSS.PutObjectACL(ctx, c.dst.Object, c.dst.ACL)
		})
		if err != nil {
			return found, err
		}
	}
	if c.replacesTags() {
		err := c.retry(ctx, "PutObjectTagging "+c.dst.String(), func(ctx context.Context, _ int) error {
			return c.cfg.OSS.PutObjectTagging(ctx, c.dst.Object, c.dst.Tags)
		})
		if err != nil {
			return found, err
		}
		found.Tags = len(c.dst.Tags)
	}
	return c.retain(ctx, found)
}

// errReplaceHeaders marks the step of make that copies the object.
var errReplaceHeaders = errors.New("replace headers")

func (c change) replacesTags() bool { return len(c.dst.Tags) > 0 || c.tagged > 0 }

// replaceHeaders copies the object onto itself, ACL included, until HeadObject
// shows the new headers on the same bytes.
//
// OSS gives a copy the default ACL unless the request names one. So an ACL that
// is to stay as it is has to be asked for first. To name the default one would
// need a permission more.
func (c change) replaceHeaders(ctx context.Context, known ObjectInfo) (ObjectInfo, error) {
	c.dst.Headers = c.dst.Headers.orAsIn(known.Headers)
	if c.dst.ACL == "" {
		acl, err := c.cfg.OSS.GetObjectACL(ctx, c.dst.Object)
		if err != nil {
			return known, err
		}
		if acl != DefaultACL {
			c.dst.ACL = acl
		}
	}
	return c.copy(ctx, c.dst.Object, known, "")
}

// copy makes the object of the known one at from, with the headers of c.dst,
// until HeadObject shows that. replaced is the ETag of an object that was there
// before and is not known to be the one that is wanted.
//
// Above 1 GiB one request may take OSS longer than any answer is waited for, or
// be refused for its size in words that no page lists. It is tried once then, and
// parts follow. The vendor's SDK v2 does not trust it either when a class is sent
// or the source is encrypted (v1.6.1, oss/copier.go).
func (c change) copy(ctx context.Context, from Object, known ObjectInfo, replaced string) (ObjectInfo, error) {
	if known.Size > maxCopySize(from.Bucket == c.dst.Bucket, c.dst.Headers.convertedAs(known.Headers)) {
		return c.copyInParts(ctx, from, known, replaced)
	}
	info, err := c.publishCopy(ctx, c.dst.Object, replaced,
		func(ctx context.Context) (string, error) {
			etag, err := c.cfg.OSS.CopyObject(ctx, c.dst, from, known.ETag)
			if err != nil && known.Size > copyTriedOnce && tooMuchAtOnce(err) {
				err = fmt.Errorf("%w: %w", ErrEntityTooLarge, err)
			}
			return etag, err
		},
		func(info ObjectInfo, etag string) error { return c.dst.notCopied(info, known, etag) })
	if errors.Is(err, ErrEntityTooLarge) {
		return c.copyInParts(ctx, from, known, replaced)
	}
	return info, err
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

// notCopied tells why info is not that of a copy of the known object, as dst wants
// it, or nil.
func (dst Destination) notCopied(info, known ObjectInfo, etag string) error {
	if !sameBytes(info, known) || info.CRC64 == "" && etag != "" && info.ETag != etag {
		return otherWriter(dst.Object, info)
	}
	if name := dst.Headers.differs(info.Headers); name != "" {
		return fmt.Errorf("OSS shows another %s of %s than was asked for", name, dst.Object)
	}
	return nil
}

// publishCopy is publish of a copy. OSS has no CRC-64 of some, so what was there
// before, with the ETag replaced, may look like one: then HeadObject alone is
// not enough, and OSS must have said that it has made the copy.
func (u *Uploader) publishCopy(ctx context.Context, obj Object, replaced string, send func(context.Context) (string, error), differs func(ObjectInfo, string) error) (ObjectInfo, error) {
	made := false
	return u.publish(ctx, obj,
		func(ctx context.Context) (string, error) {
			etag, err := send(ctx)
			made = made || err == nil
			return etag, err
		},
		func(info ObjectInfo, etag string) error {
			if !made && replaced != "" && info.ETag == replaced {
				return otherWriter(obj, info)
			}
			return differs(info, etag)
		})
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

// sameBytes compares what is known of both. OSS has no CRC-64 of some copies.
// A symbolic link has no bytes of its own.
func sameBytes(a, b ObjectInfo) bool {
	return !a.Symlink && !b.Symlink && a.Size == b.Size && (a.CRC64 == b.CRC64 || a.CRC64 == "" || b.CRC64 == "")
}
