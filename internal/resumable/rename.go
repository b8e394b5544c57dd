// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable

import (
	"context"
	"errors"
	"fmt"
)

// Rename makes req.Object what req asks for without sending its bytes: they are
// those of the object at from, of which known tells what [Uploader.Change] needs
// to know. An object that has them already is adopted. Where OSS refuses the
// copy, or from holds other bytes by now, Rename is [Uploader.Upload], and then the
// result has a fingerprint; so the source is needed only then.
//
// The object at from stays; see [Uploader.Remove].
func (u *Uploader) Rename(ctx context.Context, req Request, from Object, known ObjectInfo) (Result, error) {
	result, err := u.renameByCopy(ctx, req, from, known)
	if err == nil || !refusesCopy(err) {
		return result, err
	}
	u.cfg.Log.WarnContext(ctx, "the object cannot be copied inside OSS; sending the file", "object", req.Object.String(),
		"from", from.String(), "error", err.Error())
	result, uploadErr := u.Upload(ctx, req)
	if uploadErr != nil { // the reason that counts is the upload's
		return Result{}, fmt.Errorf("%w (the file had to be sent because %s could not be copied: %v)", uploadErr, from, err) //nolint:errorlint // see above
	}
	return result, nil
}

// refusesCopy reports an error that another way than a copy may avoid. An error
// of the network does not count, nor one that an upload would meet just as well.
func refusesCopy(err error) bool {
	for _, final := range []error{ErrObjectExists, ErrObjectImmutable, ErrRetention} {
		if errors.Is(err, final) {
			return false
		}
	}
	return errors.Is(err, ErrNoSuchKey) || errors.Is(err, ErrPreconditionFailed) || refusedByOSS(err)
}

// renameByCopy is Rename as far as it sends nothing. When it ends well, what an
// interrupted run of the same instance has left at the new place is not needed
// any more; the upload of another one is left to that one.
func (u *Uploader) renameByCopy(ctx context.Context, req Request, from Object, known ObjectInfo) (Result, error) {
	j, err := u.hold(ctx, req.Object, req.Options)
	defer j.release()
	if err != nil {
		return Result{}, err
	}
	req.resumeMark(j.journal.State().Begin)

	stats := Stats{Adopted: true}
	j.info, err = u.cfg.OSS.HeadObject(ctx, req.Object)
	missing := errors.Is(err, ErrNoSuchKey)
	c := change{job: j, dst: req.Destination, tagged: j.info.Tags}
	switch {
	case err != nil && !missing:
	case !missing && provenSame(j.info, known):
		err = c.make(ctx)
	case !missing && req.ForbidOverwrite:
		err = fmt.Errorf("%w (%s)", ErrObjectExists, j.info.identity())
	default:
		stats = Stats{BytesCopied: known.Size}
		err = c.takeFrom(ctx, from, known, j.info.ETag)
	}
	if err != nil {
		return Result{}, err
	}
	if begin := j.journal.State().Begin; begin != nil && (begin.CopyOf != "" || begin.Owner == req.Owner) {
		j.giveUpNeedless(ctx)
	}
	j.log.InfoContext(ctx, "object is copied inside OSS", "from", from.String(), "adopted", stats.Adopted, "bytes_copied", stats.BytesCopied)
	return Result{ObjectInfo: j.info, Stats: stats, Owner: j.info.Headers.Mark, Warnings: j.warnings}, nil
}

// provenSame is sameBytes where what is not known counts against it. A copy has
// the ETag of what it was made of, also where OSS tells no CRC-64 of it.
func provenSame(a, b ObjectInfo) bool {
	return sameBytes(a, b) && (a.ETag == b.ETag || a.CRC64 != "" && b.CRC64 != "")
}

// takeFrom copies the object at from, if it is still the known one, over the one
// that has the ETag replaced, "" for none. Headers, ACL and tags come with the
// copy.
func (c change) takeFrom(ctx context.Context, from Object, known ObjectInfo, replaced string) error {
	found, err := c.cfg.OSS.HeadObject(ctx, from)
	if err != nil {
		return err
	}
	if found.ETag != known.ETag || !sameBytes(found, known) {
		return notAsKnown(from, found)
	}
	if err := c.copyFrom(ctx, from, found, replaced); err != nil {
		return err
	}
	return c.retain(ctx)
}
