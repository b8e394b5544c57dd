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
// object by then is returned with the error. Each step can be done again. A
// copy in parts continues where it was interrupted, like an upload; of opts, it
// needs the checkpoint directory and the parallelism. The error is then an
// [*UploadError].
func (u *Uploader) Change(ctx context.Context, dst Destination, opts Options, known ObjectInfo) (ObjectInfo, error) {
	j, err := u.holdWithoutJournal(ctx, dst.Object, opts)
	defer j.release()
	if err != nil {
		return known, err
	}
	if j.info, err = u.cfg.OSS.HeadObject(ctx, dst.Object); err != nil {
		return known, err
	}
	if j.info.ETag != known.ETag || !sameBytes(j.info, known) {
		return known, notAsKnown(dst.Object, j.info)
	}
	j.info.Tags = max(j.info.Tags, known.Tags) // OSS does not tell them without a permission
	dst.resumeMark(j.journal.State().Begin)
	err = change{job: j, dst: dst, tagged: known.Tags}.make(ctx)
	if begin := j.journal.State().Begin; err == nil && begin != nil && begin.CopyOf != "" { // unless it was finished, that copy is not needed any more
		j.giveUpNeedless(ctx)
	}
	return j.info, err
}

// change is everything about one object but its bytes.
type change struct {
	*job
	dst    Destination
	tagged int // tags that may have to go
}

// make is Change of an object that was just looked at. The copy comes first:
// it undoes an ACL that it does not name. The retention comes last.
//
// HeadObject tells no ACL and only the number of tags. To set both to what
// they are already costs no more than to ask, and needs no other permission.
func (c change) make(ctx context.Context) error {
	if !c.dst.Headers.SatisfiedBy(c.info.Headers) {
		tags := c.info.Tags
		if err := c.replaceHeaders(ctx); err != nil {
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

// errReplaceHeaders marks the step of make that copies the object.
var errReplaceHeaders = errors.New("replace headers")

func (c change) replacesTags() bool { return len(c.dst.Tags) > 0 || c.tagged > 0 }

// replaceHeaders copies the object onto itself until HeadObject shows the new
// headers on the same bytes.
//
// OSS gives a copy the default ACL unless the request names one. So an ACL that
// is to stay as it is has to be asked for first. To name the default one would
// need a permission more.
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
	return c.copyFrom(ctx, c.dst.Object, c.info, "")
}

// copyFrom makes the object of the known one at from, with what the headers of
// dst leave open as it is there. See [fromObject] for replaced.
func (c change) copyFrom(ctx context.Context, from Object, known ObjectInfo, replaced string) error {
	c.dst.Headers = c.dst.Headers.orAsIn(known.Headers)
	origin := &fromObject{job: c.job, dst: c.dst, from: from, known: known, replaced: replaced}
	return origin.copy(ctx, c.replacesTags())
}

// retain is the last step of all: it is the version that is there in the end
// which is kept, and a copy makes another one, without the retention of the
// first. If no retention is asked for, one that is there stays: it cannot be taken
// away. An upload cannot ask for it: InitiateMultipartUpload has no such header.
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
