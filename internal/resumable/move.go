// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable

import (
	"context"
	"errors"
	"fmt"
)

// Move makes req.Object what req asks for without sending its bytes: they are
// those of the object at from, of which known tells what [Uploader.Change] needs
// to know. An object that has them already is adopted. Where OSS refuses the
// copy, or from holds other bytes by now, Move is [Uploader.Upload], and then the
// result has a fingerprint; so the source is needed only then.
//
// The object at from stays; see [Uploader.Remove].
func (u *Uploader) Move(ctx context.Context, req Request, from Object, known ObjectInfo) (Result, error) {
	result, err := u.copyFrom(ctx, req, from, known)
	if err == nil || !refusesCopy(err) {
		return result, err
	}
	u.cfg.Log.WarnContext(ctx, "the object cannot be copied inside OSS; sending the file", "object", req.Object.String(),
		"from", from.String(), "error", err.Error())
	result, uploadErr := u.Upload(ctx, req)
	if uploadErr != nil { // the reason that counts is the upload's
		return Result{}, fmt.Errorf("%w (the file was to be sent because %s could not be copied: %v)", uploadErr, from, err) //nolint:errorlint // see above
	}
	return result, nil
}

// refusesCopy reports an error that another way than a copy may avoid. One that
// the network made, or that an upload would meet just as well, is none.
func refusesCopy(err error) bool {
	for _, final := range []error{ErrObjectExists, ErrObjectImmutable, ErrRetention} {
		if errors.Is(err, final) {
			return false
		}
	}
	return errors.Is(err, ErrNoSuchKey) || errors.Is(err, ErrPreconditionFailed) || refused(err)
}

// refused reports an answer of OSS that will not be another one next time.
func refused(err error) bool {
	service, ok := errors.AsType[*ServiceError](err)
	return ok && !Transient(service)
}

// copyFrom is Move as far as it sends nothing. When it ends well, what an
// interrupted run of the same instance has left at the new place is not needed
// any more; the upload of another one is left to that one.
func (u *Uploader) copyFrom(ctx context.Context, req Request, from Object, known ObjectInfo) (Result, error) {
	journal, release, err := u.hold(ctx, req.Object, req.CheckpointDir)
	defer release()
	if err != nil {
		return Result{}, err
	}
	req.resumeMark(journal.State().Begin)

	stats := Stats{Adopted: true}
	there, err := u.cfg.OSS.HeadObject(ctx, req.Object)
	missing := errors.Is(err, ErrNoSuchKey)
	if err != nil && !missing {
		return Result{}, err
	}
	c := change{Uploader: u, dst: req.Destination, opts: req.Options, tagged: there.Tags, journal: journal}
	var info ObjectInfo
	switch {
	case !missing && provenSame(there, known):
		info, err = c.make(ctx, there)
	case !missing && req.ForbidOverwrite:
		return Result{}, fmt.Errorf("%w (size %d, ETag %s)", ErrObjectExists, there.Size, there.ETag)
	default:
		stats = Stats{BytesCopied: known.Size}
		info, err = c.takeFrom(ctx, from, known, there.ETag)
	}
	if err != nil {
		return Result{}, err
	}
	if begin := journal.State().Begin; begin != nil && (begin.CopyOf != "" || begin.Owner == req.Owner) {
		if err := u.giveUp(ctx, req.Object, journal); err != nil {
			u.cfg.Log.WarnContext(ctx, "an upload that is not needed any more is left", "object", req.Object.String(), "error", err.Error())
		}
	}
	u.cfg.Log.InfoContext(ctx, "object is moved inside OSS", "object", req.Object.String(), "from", from.String(),
		"adopted", stats.Adopted, "bytes_copied", stats.BytesCopied)
	return Result{ObjectInfo: info, Stats: stats, Owner: info.Headers.Mark, Warnings: journal.Warnings}, nil
}

// provenSame is sameBytes where what is not known counts against it. A copy has
// the ETag of what it was made of, also where OSS tells no CRC-64 of it.
func provenSame(a, b ObjectInfo) bool {
	return sameBytes(a, b) && (a.ETag == b.ETag || a.CRC64 != "" && b.CRC64 != "")
}

// takeFrom copies the object at from, if it is still the known one, over the one
// that has the ETag replaced, "" for none. Headers, ACL and tags come with the
// copy.
func (c change) takeFrom(ctx context.Context, from Object, known ObjectInfo, replaced string) (ObjectInfo, error) {
	found, err := c.cfg.OSS.HeadObject(ctx, from)
	if err != nil {
		return known, err
	}
	if found.ETag != known.ETag || !sameBytes(found, known) {
		return known, fmt.Errorf("%w: %s has size %d, CRC-64 %s, ETag %s", ErrPreconditionFailed, from, found.Size, found.CRC64, found.ETag)
	}
	c.dst.Headers = c.dst.Headers.orAsIn(found.Headers)
	info, err := c.copy(ctx, from, found, replaced)
	if err != nil {
		return known, err
	}
	return c.retain(ctx, info)
}
