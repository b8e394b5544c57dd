// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable

import (
	"context"
	"errors"
	"fmt"
)

// Change gives an object the headers, ACL, tags and retention of dst, without
// sending its bytes. known needs the ETag, size and CRC-64 of the object as last
// seen, or without an ETag its time and version; if the object differs, Change
// fails with ErrPreconditionFailed. known also needs the number of tags that may
// have to be removed: if it is 0, a dst without tags leaves the tags unchanged.
// Change reads everything else from OSS.
//
// If a step fails, the earlier steps stay done, and the object as known by then
// is returned with the error. Every step can be repeated. A copy in parts
// continues where it was interrupted, like an upload; it uses the checkpoint
// directory and the parallelism of opts. Its error is an [*UploadError].
func (u *Uploader) Change(ctx context.Context, dst Destination, opts Options, known ObjectInfo) (ObjectInfo, error) {
	j, err := u.holdWithoutJournal(ctx, dst.Object, opts)
	defer j.release()
	if err != nil {
		return known, err
	}
	if j.info, err = u.cfg.OSS.HeadObject(ctx, dst.Object); err != nil {
		return known, err
	}
	if changed(j.info, known) {
		return known, changedSince(dst.Object, j.info)
	}
	j.info.Tags = max(j.info.Tags, known.Tags) // OSS reports no tags without a permission
	if err := j.share(dst.Owner); err != nil {
		return known, err
	}
	dst.resumeMark(j.journal.State().Begin)
	err = change{job: j, dst: dst, tagged: known.Tags}.make(ctx)
	if begin := j.journal.State().Begin; err == nil && begin != nil && begin.CopyOf != "" { // an unfinished copy is no longer needed
		j.abandonUnneeded(ctx)
	}
	return j.info, err
}

// change sets everything about one object except its bytes.
type change struct {
	*job
	dst    Destination
	tagged int // number of tags that may have to be removed
}

// make is Change for an object that HeadObject has just described. The copy
// comes first, because it resets an ACL that it does not name. The retention
// comes last.
//
// HeadObject does not report the ACL, and only the number of tags. Setting both
// without a comparison costs no more than reading them, and needs no other
// permission.
func (c change) make(ctx context.Context) error {
	if !c.dst.Headers.SatisfiedBy(c.info.Headers) {
		tags := c.info.Tags
		switch err := c.replaceHeaders(ctx); {
		case errors.Is(err, ErrPreconditionFailed):
			return fmt.Errorf("%w: %w", errReplacedMeanwhile, err)
		case err != nil:
			return fmt.Errorf("%w: %w", errReplaceHeaders, err)
		}
		c.info.Tags = max(c.info.Tags, tags)
	} else if c.dst.ACL != "" {
		err := c.retry(ctx, "PutObjectACL "+c.dst.String(), func() error {
			return c.cfg.OSS.PutObjectACL(ctx, c.dst.Object, c.dst.ACL)
		})
		if err != nil {
			return err
		}
	}
	if c.replacesTags() {
		err := c.retry(ctx, "PutObjectTagging "+c.dst.String(), func() error {
			return c.cfg.OSS.PutObjectTagging(ctx, c.dst.Object, c.dst.Tags)
		})
		if err != nil {
			return err
		}
		c.info.Tags = len(c.dst.Tags)
	}
	return c.retain(ctx)
}

// errReplaceHeaders marks an error of the copy that replaces the headers.
var errReplaceHeaders = errors.New("replace headers")

// errReplacedMeanwhile means that the object is no longer the one that HeadObject has just
// described. Neither a copy nor an upload may replace it.
var errReplacedMeanwhile = errors.New("another writer has replaced the object")

func (c change) replacesTags() bool { return len(c.dst.Tags) > 0 || c.tagged > 0 }

// replaceHeaders copies the object onto itself until HeadObject shows the new
// headers on the same bytes.
//
// OSS gives a copy the default ACL unless the request names one. So to keep an
// ACL, replaceHeaders reads it first. Naming the default ACL would need an
// additional permission.
func (c change) replaceHeaders(ctx context.Context) error {
	if c.dst.ACL == "" {
		acl, err := c.cfg.OSS.GetObjectACL(ctx, c.dst.Object)
		if err != nil {
			return err
		}
		if acl != DefaultACL {
			c.dst.ACL = acl
		}
	}
	return c.copyFrom(ctx, original{Object: c.dst.Object, known: c.info, own: true}, "")
}

// copyFrom makes the object from another one, or from itself. See [fromObject]
// for replaced.
func (c change) copyFrom(ctx context.Context, from original, replaced string) error {
	if from.own {
		c.dst.Headers = c.dst.Headers.filledFrom(from.known.Headers)
	}
	origin := &fromObject{job: c.job, dst: c.dst, from: from, replaced: replaced}
	return origin.copy(ctx, c.replacesTags())
}

// retain sets the retention. It is the last step, because retention belongs to a
// version, and a copy makes a new version without it. If dst has no retention,
// an existing one stays, because it cannot be removed. InitiateMultipartUpload
// has no header for it.
func (c change) retain(ctx context.Context) error {
	asked := c.dst.Retention
	if asked.Mode == "" || asked.Equal(c.info.Retention) {
		return nil
	}
	err := c.retry(ctx, "PutObjectRetention "+c.dst.String(), func() error {
		return c.cfg.OSS.PutObjectRetention(ctx, c.dst.Object, asked)
	})
	if err != nil {
		return fmt.Errorf("%w: %w", ErrRetention, err)
	}
	c.info.Retention = asked
	return nil
}
