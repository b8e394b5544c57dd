// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/checkpoint"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/partplan"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/source"
)

// run is one Upload. Everything in it belongs to the goroutine that called
// Upload; workers only read, but for [old.refused].
type run struct {
	*Uploader
	req         Request
	src         *source.File
	name        string      // of what is sent or copied, for people
	fingerprint Fingerprint // what src held when it was hashed, and what will be published
	journal     *checkpoint.Journal
	log         *slog.Logger

	info     ObjectInfo // what HeadObject last said about the object
	found    bool       // the object, or its upload, may have other headers than are asked for; see mend
	resent   bool       // the bytes are sent although the object has them; see resend
	old      old        // the object that is replaced, as far as parts of it can be copied
	upload   Upload     // the open multipart upload; zero when there is none
	stored   []StoredPart
	stats    Stats
	warnings []string
}

// maxPasses is how often a run looks at the server anew because the upload
// that it worked on vanished or holds other parts than were sent. Somebody
// else works against us when once is not enough.
const maxPasses = 3

// do is the life of an upload: look, send what is missing, publish, clean up.
func (r *run) do(ctx context.Context) error {
	for _, warning := range r.journal.Warnings {
		r.warn(ctx, warning)
	}
	_ = r.abortDoomed(ctx, r.req.Object, r.journal) // what the last run could not abort; the next one will try again
	r.mentionStale(ctx)
	r.req.resumeMark(r.journal.State().Begin)
	there, err := r.look(ctx)
	switch {
	case err != nil:
		return err
	case there:
		err = r.adopt(ctx)
	default:
		err = r.send(ctx)
	}
	if err != nil {
		return err
	}
	if err := r.mend(ctx); err != nil {
		return err
	}
	if err := r.journal.Finish(); err != nil {
		r.warn(ctx, fmt.Sprintf("The object is complete, but its checkpoint could not be removed: %v", err))
	}
	r.remember()
	if left := r.journal.State().Doomed; len(left) > 0 {
		r.warn(ctx, fmt.Sprintf("An earlier upload of %s was given up, but could not be aborted (upload ID %s). OSS bills the parts "+
			"that it holds of it. The next upload of this object, or its destruction, tries again; the permission that this needs is "+
			"oss:AbortMultipartUpload.", r.req.Object, strings.Join(left, ", ")))
	}
	r.log.InfoContext(ctx, "object is complete", "adopted", r.stats.Adopted, "parts", r.stats.Parts, "parts_kept", r.stats.PartsKept,
		"bytes_kept", r.stats.BytesKept, "parts_copied", r.stats.PartsCopied, "bytes_copied", r.stats.BytesCopied, "bytes_sent", r.stats.BytesSent)
	return nil
}

// look finds out whether the object is there already: a run before this one
// may have published it without living to tell, or somebody else has.
func (r *run) look(ctx context.Context) (there bool, err error) {
	r.info, err = r.cfg.OSS.HeadObject(ctx, r.req.Object)
	switch {
	case errors.Is(err, ErrNoSuchKey):
		return false, nil
	case err != nil:
		return false, err
	case r.holdsSource(r.info):
		return true, nil
	case r.req.ForbidOverwrite:
		return false, fmt.Errorf("%w (size %d, ETag %s)", ErrObjectExists, r.info.Size, r.info.ETag)
	}
	return false, nil
}

// adopt takes the object that is there for the one that was to be sent.
func (r *run) adopt(ctx context.Context) error {
	r.stats.Adopted, r.found = true, true
	return r.startOver(ctx)
}

func (r *run) send(ctx context.Context) error {
	if r.fingerprint.Size < r.req.MultipartThreshold {
		return r.putObject(ctx)
	}
	return r.multipart(ctx)
}

// holdsSource reports whether an object has the bytes of the source. Size and
// CRC-64 guard against accidents; an object that is known to differ by its
// SHA-256 is told apart by its ETag, and one that has the bytes but must be
// replaced by its headers. A symbolic link has the bytes of another object.
func (r *run) holdsSource(info ObjectInfo) bool {
	return info.Size == r.fingerprint.Size &&
		info.CRC64 == r.fingerprint.CRC64 &&
		!info.Symlink &&
		(r.req.Replaces.ETag == "" || info.ETag != r.req.Replaces.ETag) &&
		(!r.resent || r.found || r.req.Headers.SatisfiedBy(info.Headers))
}

// multipart uploads the source in parts. Whenever OSS says that it does not
// hold what we believed, it looks again and continues from there: another
// machine may have published these bytes by completing the same upload.
func (r *run) multipart(ctx context.Context) error {
	r.recallOld(ctx)
	for pass := 1; ; pass++ {
		plan, err := r.open(ctx)
		if err != nil {
			return err
		}
		err = r.transfer(ctx, plan, r.sendOrCopy)
		if err == nil {
			err = r.complete(ctx, plan)
		}
		if !lostSight(err) || pass == maxPasses || ctx.Err() != nil {
			return err
		}
		r.log.WarnContext(ctx, "OSS does not hold what was sent; looking again", "error", err.Error())
		switch there, err := r.look(ctx); {
		case err != nil:
			return err
		case there:
			return r.adopt(ctx)
		}
	}
}

// lostSight reports whether err says that the server's upload differs from
// what we know of it.
func lostSight(err error) bool {
	return errors.Is(err, ErrNoSuchUpload) || errors.Is(err, ErrInvalidPart)
}

// mend gives the object what it lacks of the destination when its bytes came
// by another way than an upload that this run, or its journal, has initiated:
// that one may have asked for something else. Of its own upload it lacks the
// retention.
func (r *run) mend(ctx context.Context) error {
	change := change{Uploader: r.Uploader, dst: r.req.Destination, opts: r.req.Options, tagged: r.info.Tags, journal: r.journal}
	mend := change.retain
	if r.found || !r.req.Headers.markedAs(r.info.Headers) {
		mend = change.make
		r.log.InfoContext(ctx, "making headers, ACL, tags and retention what is asked for; the bytes were there")
	}
	info, err := mend(ctx, r.info)
	switch {
	case r.mustResend(err):
		return r.resend(ctx, err)
	case r.cannotMark(err):
		r.warn(ctx, fmt.Sprintf("%s has the bytes and headers that were asked for, but could not be marked as this resource's own: %v. "+
			"Another resource that had the object before may still delete it, and a destroy of this one may leave it.", r.req.Object, err))
		change.dst.Headers.Mark = ""
		info, err = change.make(ctx, r.info)
	}
	if err != nil {
		return fmt.Errorf("the bytes are in place, but not all of their headers, ACL, tags and retention: %w", err)
	}
	r.info = info
	return nil
}

// mustResend reports whether the copy that gives an adopted object its headers
// was refused, so that only an upload makes the object what is asked for: OSS
// copies no archived object, for one. To leave another instance's mark on it would
// let that one delete it. An object without a mark that must not be overwritten
// is not sent again; one with a mark was written by this provider, with these bytes.
func (r *run) mustResend(err error) bool {
	return errors.Is(err, errReplaceHeaders) && refused(err) && r.stats.Adopted &&
		(!r.req.ForbidOverwrite || r.info.Headers.Mark != "") && !errors.Is(err, ErrObjectImmutable)
}

// resend uploads in place of an object that has the bytes but cannot be adopted.
func (r *run) resend(ctx context.Context, why error) error {
	r.log.WarnContext(ctx, "OSS has these bytes, but does not give them other headers; sending the file", "error", why.Error())
	r.stats.Adopted, r.found, r.resent, r.req.ForbidOverwrite = false, false, true, false
	if err := r.send(ctx); err != nil {
		return err
	}
	return r.mend(ctx)
}

// cannotMark reports whether all that is missing is the mark, and OSS does not
// take it or does not show it. An adopted object that keeps another instance's mark
// is not this one's: when its retention is over, the other one may delete it.
func (r *run) cannotMark(err error) bool {
	asked := r.req.Headers
	asked.Mark = ""
	if r.stats.Adopted && r.info.Headers.Mark != "" && !errors.Is(err, ErrPublishedOther) {
		return false
	}
	return errors.Is(err, errReplaceHeaders) && (refused(err) || errors.Is(err, ErrPublishedOther)) && asked.SatisfiedBy(r.info.Headers)
}

// owner is the ID that the object carries after a run. An upload that was found
// carries the ID of the run that initiated it, which no state has.
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

func (r *run) warn(ctx context.Context, text string) {
	r.warnings = append(r.warnings, text)
	r.log.WarnContext(ctx, text)
}

func (r *run) result() Result {
	return Result{ObjectInfo: r.info, Fingerprint: r.fingerprint, Stats: r.stats, Owner: r.owner(), Warnings: r.warnings}
}

// failed adds to err what a user wants to know: what is safe in OSS.
func (r *run) failed(err error) *UploadError {
	e := &UploadError{Object: r.req.Object, UploadID: r.upload.UploadID, Err: err}
	if part, ok := errors.AsType[*partError](err); ok {
		e.PartNumber, e.Err = part.number, part.err
	}
	if r.upload.UploadID != "" {
		e.Checkpoint = r.journal.Path()
		e.Parts = r.stats.Parts
		e.PartsStored = len(r.stored)
		e.BytesStored = bytesOf(r.stored)
	}
	return e
}

// withDefaults fills in what the request leaves open.
func (req Request) withDefaults() Request {
	if req.Parallelism == 0 {
		req.Parallelism = DefaultParallelism
	}
	if req.MultipartThreshold == 0 {
		req.MultipartThreshold = DefaultMultipartThreshold
	}
	req.BitsPerSecond = req.TrafficLimit
	return req
}

func (req Request) open() (*source.File, error) {
	if req.Content != nil {
		return source.FromBytes("content", req.Content), nil
	}
	return source.Open(req.Source)
}

// partSize is the part size for a new upload of size bytes.
func (req Request) partSize(size int64) int64 {
	if req.PartSize != 0 {
		return req.PartSize
	}
	return partplan.AutoPartSize(size, DefaultPartSize, source.BlockSize(size))
}

// checkPlanned compares the file with what the plan showed.
func (req Request) checkPlanned(found Fingerprint) error {
	if req.SHA256 == "" || req.SHA256 == found.SHA256 {
		return nil
	}
	return fmt.Errorf("%w: %s has SHA-256 %s, planned was %s", ErrSourceNotPlanned, cmp.Or(req.Source, "content"), found.SHA256, req.SHA256)
}
