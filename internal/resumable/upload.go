// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable

import (
	"cmp"
	"context"
	"crypto/md5" //nolint:gosec // Content-MD5 is what OSS checks a body against
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/crc64"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/source"
)

// Upload stores the bytes of the source as req.Object. It continues an earlier
// attempt if OSS still holds parts of it.
//
// If Upload fails, nothing was published and an existing object is unchanged,
// unless the error says otherwise. The error is an [*UploadError] once anything
// may have been sent.
func (u *Uploader) Upload(ctx context.Context, req Request) (Result, error) {
	if req.SourceObject.Key != "" {
		return u.copySource(ctx, req)
	}
	r, end, err := u.start(ctx, req)
	defer end()
	if err != nil {
		return Result{}, err
	}
	if err := r.do(ctx); err != nil {
		return Result{}, r.parts.failed(err)
	}
	return Result{ObjectInfo: r.info, Fingerprint: r.fingerprint, Stats: r.stats, Owner: r.owner(), Warnings: r.warnings}, nil
}

// start opens the source and locks the destination. The caller must call end,
// even after an error.
func (u *Uploader) start(ctx context.Context, req Request) (r *run, end func(), err error) {
	src, err := req.open()
	if err != nil {
		return nil, func() {}, err
	}
	end = func() { _ = src.Close() }
	fingerprint, err := src.Fingerprint(ctx, req.CheckpointDir)
	if err != nil {
		return nil, end, err
	}
	if req.SHA256 != "" && req.SHA256 != fingerprint.SHA256 {
		return nil, end, fmt.Errorf("%w: %s has SHA-256 %s, but the plan has %s", ErrSourceNotPlanned, cmp.Or(req.Source, "content"), fingerprint.SHA256, req.SHA256)
	}

	j, err := u.holdSize(ctx, req.Object, req.Options, fingerprint.Size)
	end = func() { j.release(); _ = src.Close() }
	if err != nil {
		return nil, end, err
	}
	req.BitsPerSecond = req.TrafficLimit
	begin := j.journal.State().Begin
	req.resumeMark(begin)
	req.takePrepared(begin)
	r = &run{fromFile: &fromFile{job: j, hashedFile: hashedFile{src, fingerprint}, req: req}}
	r.parts = &multipart{job: j, origin: r.fromFile, stats: &r.stats}
	return r, end, nil
}

func (req Request) open() (*source.File, error) {
	if req.Content != nil {
		return source.FromBytes("content", req.Content), nil
	}
	return source.Open(req.Source)
}

// run is one Upload, or one Prepare.
type run struct {
	*fromFile
	parts *multipart // for a file that is too large for one request
	stats Stats
}

// do runs one upload: it checks the object, sends what is missing, publishes,
// and cleans up.
func (r *run) do(ctx context.Context) error {
	_ = r.abortPending(ctx) // the next run tries again
	r.warnStale(ctx)
	if err := r.share(r.req.Owner); err != nil {
		return err
	}
	there, err := r.look(ctx)
	switch {
	case err != nil:
		return err
	case there:
		err = r.parts.adopt(ctx)
	default:
		err = r.send(ctx)
	}
	if err != nil {
		return err
	}
	if err := r.applyDestination(ctx); err != nil {
		return err
	}
	if err := r.journal.Finish(); err != nil {
		r.warn(ctx, fmt.Sprintf("The object is complete, but its checkpoint could not be removed: %v", err))
	}
	r.remember()
	if left := r.journal.State().PendingAborts; len(left) > 0 {
		r.warn(ctx, fmt.Sprintf("An earlier upload of %s was abandoned but could not be aborted (upload ID %s). OSS bills its parts "+
			"until it is aborted. The next upload or destroy of this object tries again. This needs the permission "+
			"oss:AbortMultipartUpload.", r.obj, strings.Join(left, ", ")))
	}
	r.log.InfoContext(ctx, "object is complete", "adopted", r.stats.Adopted, "parts", r.stats.Parts, "parts_kept", r.stats.PartsKept,
		"bytes_kept", r.stats.BytesKept, "parts_copied", r.stats.PartsCopied, "bytes_copied", r.stats.BytesCopied, "bytes_sent", r.stats.BytesSent)
	return nil
}

func (r *run) send(ctx context.Context) error {
	if r.opts.SendsAtOnce(r.fingerprint.Size) || r.req.Secret {
		return r.putObject(ctx)
	}
	r.recallOld(ctx)
	return r.makeParts(ctx)
}

func (r *run) makeParts(ctx context.Context) error {
	r.parts.dst = r.req.Destination
	return r.parts.makeObject(ctx)
}

// putObject stores a small file in one request. The MD5 is computed from bytes
// that have the planned CRC-64, and OSS rejects a body with another MD5.
func (r *run) putObject(ctx context.Context) error {
	if err := r.startOver(ctx); err != nil {
		return err
	}
	whole := func() *io.SectionReader { return r.src.Section(0, r.fingerprint.Size) }
	sum, crc := md5.New(), crc64.New() //nolint:gosec // see the import
	if _, err := io.Copy(io.MultiWriter(sum, crc), whole()); err != nil {
		return fmt.Errorf("read %s: %w", r.src.Path(), err)
	}
	if crc64.Format(crc.Sum64()) != r.fingerprint.CRC64 {
		return fmt.Errorf("%w: %s", ErrSourceChanged, r.src.Path())
	}
	if err := r.checkSource(ctx); err != nil {
		return err
	}
	contentMD5 := base64.StdEncoding.EncodeToString(sum.Sum(nil))
	err := r.publish(ctx, func(ctx context.Context) (string, error) {
		return r.cfg.OSS.PutObject(ctx, r.req.Destination, whole(), contentMD5)
	}, r.differs)
	if err == nil {
		r.stats.BytesSent = r.fingerprint.Size
	}
	return err
}

// applyDestination sets the headers, ACL, tags and retention of req.Destination
// where the object may differ from it. If this run initiated the upload, only
// the retention is missing. If the object or its upload existed before,
// everything else may differ, too.
func (r *run) applyDestination(ctx context.Context) error {
	change := change{job: r.job, dst: r.req.Destination, tagged: r.info.Tags}
	apply := change.retain
	if r.found || !r.req.Headers.sameMark(r.info.Headers) {
		apply = change.make
		r.log.InfoContext(ctx, "an earlier run stored the bytes or began the upload; setting headers, ACL, tags and retention")
	}
	err := apply(ctx)
	switch {
	case r.mustResend(err):
		return r.resend(ctx, err)
	case r.cannotMark(err):
		r.warn(ctx, fmt.Sprintf("%s has the requested bytes and headers, but could not be marked as owned by this resource: %v. "+
			"Another resource that managed the object before may still delete it, and destroying this resource may leave it in OSS.", r.obj, err))
		change.dst.Headers.Mark = ""
		err = change.make(ctx)
	}
	if err != nil {
		return fmt.Errorf("the bytes were stored, but the headers, ACL, tags or retention could not be set: %w", err)
	}
	return nil
}

// mustResend reports whether OSS refused the copy that sets the headers of an
// adopted object, so that only an upload can set them. An example is an archived
// object, which cannot be copied. Keeping another instance's mark would let that
// instance delete the object.
//
// With ForbidOverwrite, an object without a mark is not sent again. An object
// with a mark was written by this provider, with these bytes.
func (r *run) mustResend(err error) bool {
	return errors.Is(err, errReplaceHeaders) && refusedByOSS(err) && r.stats.Adopted &&
		(!r.req.ForbidOverwrite || r.info.Headers.Mark != "") && !errors.Is(err, ErrObjectImmutable)
}

// resend uploads the file because the object has its bytes but cannot be
// adopted.
func (r *run) resend(ctx context.Context, why error) error {
	r.log.WarnContext(ctx, "OSS has these bytes but refuses to change their headers; sending the file", "error", why.Error())
	r.stats.Adopted, r.found, r.resent, r.req.ForbidOverwrite = false, false, true, false
	if err := r.send(ctx); err != nil {
		return err
	}
	return r.applyDestination(ctx)
}

// cannotMark reports whether only the mark is missing, and OSS does not set or
// report it. It is false for an adopted object that keeps another instance's
// mark, because that instance may delete the object when its retention ends.
func (r *run) cannotMark(err error) bool {
	asked := r.req.Headers
	asked.Mark = ""
	if r.stats.Adopted && r.info.Headers.Mark != "" && !errors.Is(err, ErrPublishedOther) {
		return false
	}
	_, notSet := errors.AsType[*otherHeaderError](err)
	return errors.Is(err, errReplaceHeaders) && (refusedByOSS(err) || notSet) && asked.SatisfiedBy(r.info.Headers)
}

// owner returns the ID that the object carries after a run. An object made from
// an upload that was found carries the ID of the run that initiated it, which no
// state records.
func (r *run) owner() string {
	asked, mark := r.req.Headers.Mark, r.info.Headers.Mark
	switch {
	case asked == "" || mark == asked:
		return asked
	case mark != "" && !r.stats.Adopted:
		return mark
	}
	return Unmarked
}
