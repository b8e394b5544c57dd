// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable

import (
	"context"
	"errors"
	"fmt"
)

// Rename makes req.Object from the object at from, without sending its bytes.
// known describes that object, as in [Uploader.Change]. If req.Object already
// has the bytes, it is adopted. If OSS refuses the copy, or from has changed,
// Rename calls [Uploader.Upload], and only then the source is needed and the
// result has a fingerprint. A request without a source only copies.
//
// The object at from stays; see [Uploader.Remove].
func (u *Uploader) Rename(ctx context.Context, req Request, from Object, known ObjectInfo) (Result, error) {
	if known.ETag == "" { // secret content
		found, err := u.cfg.OSS.HeadObject(ctx, from)
		if err == nil && changed(found, known) {
			err = changedSince(from, found)
		}
		if err != nil {
			return Result{}, err
		}
		known = found
	}
	result, err := u.makeByCopy(ctx, req, original{Object: from, known: known, own: true})
	noSource := req.Source == "" && req.Content == nil && req.SourceObject.Key == ""
	if err == nil || !refusesCopy(err) || noSource {
		return result, err
	}
	u.cfg.Log.WarnContext(ctx, "the object cannot be copied to its new key; using its source", "object", req.Object.String(),
		"from", from.String(), "error", err.Error())
	result, uploadErr := u.Upload(ctx, req)
	if uploadErr != nil { // the error of the upload is the one to report
		return Result{}, fmt.Errorf("%w (the source was needed because %s could not be copied: %v)", uploadErr, from, err) //nolint:errorlint // see above
	}
	return result, nil
}

// refusesCopy reports an error that an upload may avoid. Network errors are not
// among them, nor errors that an upload would cause as well.
func refusesCopy(err error) bool {
	for _, final := range []error{ErrObjectExists, ErrObjectImmutable, ErrRetention, errReplacedMeanwhile} {
		if errors.Is(err, final) {
			return false
		}
	}
	return errors.Is(err, ErrNoSuchKey) || errors.Is(err, ErrPreconditionFailed) || refusedByOSS(err)
}

// original is an object that another one is made from by a copy inside OSS.
type original struct {
	Object
	version string     // "": the current version
	known   ObjectInfo // the object must not change until the copy is complete

	// own says that it is the object of the instance. The copy then keeps the storage
	// class and the encryption that the destination leaves open.
	own bool
}

// pinned returns the object on the condition of its known ETag.
func (o original) pinned() CopySource { return CopySource{o.Object, o.version, o.known.ETag} }

// makeByCopy makes req.Object from another object without sending bytes. If it
// succeeds, an interrupted run of the same instance at that key is no longer
// needed and is abandoned, and so are parts with the same bytes that an action has
// sent. An upload of another instance is left alone.
func (u *Uploader) makeByCopy(ctx context.Context, req Request, from original) (Result, error) {
	j, err := u.holdSize(ctx, req.Object, req.Options, from.known.Size)
	defer j.release()
	if err == nil {
		err = j.share(req.Owner)
	}
	if err != nil {
		return Result{}, err
	}
	req.resumeMark(j.journal.State().Begin)

	stats := Stats{}
	j.info, err = u.cfg.OSS.HeadObject(ctx, req.Object)
	missing := errors.Is(err, ErrNoSuchKey)
	c := change{job: j, dst: req.Destination, tagged: j.info.Tags}
	switch {
	case err != nil && !missing:
	case !missing && provablySame(j.info, from.known):
		stats.Adopted = true
		err = c.make(ctx)
		if errors.Is(err, errReplaceHeaders) && refusesCopy(err) && !req.ForbidOverwrite { // such as an archived object
			stats = Stats{BytesCopied: from.known.Size}
			err = c.takeFrom(ctx, from, j.info.ETag)
		}
	case !missing && req.ForbidOverwrite:
		err = fmt.Errorf("%w (%s)", ErrObjectExists, j.info.identity())
	default:
		stats.BytesCopied = from.known.Size
		err = c.takeFrom(ctx, from, j.info.ETag)
	}
	if err != nil {
		return Result{}, err
	}
	if begin := j.journal.State().Begin; begin != nil {
		prepared := begin.Prepared && begin.Size == j.info.Size && begin.CRC64 == j.info.CRC64
		if begin.CopyOf != "" || begin.Owner == req.Owner || prepared {
			j.abandonUnneeded(ctx)
		}
	}
	j.log.InfoContext(ctx, "object is copied inside OSS", "from", from.Object.String(), "adopted", stats.Adopted, "bytes_copied", stats.BytesCopied)
	return Result{ObjectInfo: j.info, Stats: stats, Owner: j.info.Headers.Mark, Warnings: j.warnings}, nil
}

// provablySame is like sameBytes, but unknown checksums count as different. A
// copy has the ETag of its source even if OSS reports no CRC-64 for it.
func provablySame(a, b ObjectInfo) bool {
	return sameBytes(a, b) && (a.ETag == b.ETag || a.CRC64 != "" && b.CRC64 != "")
}

// takeFrom copies the object at from, if it is still the known one, over the
// object with the ETag replaced; "" means that no object exists. The copy also
// sets headers, ACL and tags.
func (c change) takeFrom(ctx context.Context, from original, replaced string) error {
	found, err := c.cfg.OSS.HeadObjectVersion(ctx, from.Object, from.version)
	if err == nil && changed(found, from.known) {
		err = changedSince(from.Object, found)
	}
	if err == nil {
		from.known = found
		err = c.copyFrom(ctx, from, replaced)
	}
	if err != nil {
		return from.blame(err)
	}
	return c.retain(ctx)
}
