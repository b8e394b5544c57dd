// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable

import (
	"context"
	"crypto/md5" //nolint:gosec // Content-MD5 is what OSS checks a body against
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/crc64"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/partplan"
)

// publishGrace is how long a request that publishes may go on after the run
// was cancelled. OSS goes on with it anyway; not waiting would only mean not
// knowing. Source: API page CompleteMultipartUpload.
const publishGrace = 30 * time.Second

// complete makes the uploaded parts the object.
func (r *run) complete(ctx context.Context, plan partplan.Plan) error {
	parts := slices.SortedFunc(slices.Values(r.stored), func(a, b StoredPart) int { return a.Number - b.Number })
	if err := r.checkWhole(plan, parts); err != nil {
		return err
	}
	if err := r.checkSource(ctx); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return context.Cause(ctx)
	}
	info, err := r.publish(ctx, r.req.Object,
		r.withCallback(func(ctx context.Context) error { return r.cfg.OSS.CompleteMultipartUpload(ctx, r.upload, parts) }),
		func(info ObjectInfo) bool { return r.holdsSource(info) || r.publishedUnsummed(info) })
	if err != nil {
		return err
	}
	r.info = info
	return nil
}

// putObject stores a small source by one request. Its MD5 is taken from the
// bytes that have the planned CRC-64, and OSS refuses a body with another one.
func (r *run) putObject(ctx context.Context) error {
	if err := r.startOver(ctx); err != nil {
		return err
	}
	whole := func() *io.SectionReader { return r.src.Section(0, r.fingerprint.Size) }
	contentMD5, err := r.contentMD5(whole())
	if err != nil {
		return err
	}
	if err := r.checkSource(ctx); err != nil {
		return err
	}
	r.info, err = r.publish(ctx, r.req.Object,
		r.withCallback(func(ctx context.Context) error {
			return r.cfg.OSS.PutObject(ctx, r.req.Destination, whole(), contentMD5)
		}),
		r.holdsSource)
	if err != nil {
		return err
	}
	r.stats.BytesSent = r.fingerprint.Size
	return nil
}

// checkSource tells whether the source still holds what was hashed, before that is
// published. A change of mode, a hard link or a rename over the path changes
// the file and not its bytes, so after a change the bytes decide.
func (r *run) checkSource(ctx context.Context) error {
	changed := r.src.CheckUnchanged()
	if !errors.Is(changed, ErrSourceChanged) {
		return changed
	}
	now, _, err := FingerprintSource(ctx, r.src.Path(), "")
	if err != nil || now.SHA256 != r.fingerprint.SHA256 {
		return changed
	}
	r.log.InfoContext(ctx, "the file was changed, but not its bytes", "change", changed.Error())
	return nil
}

func (r *run) contentMD5(whole io.Reader) (string, error) {
	sum, crc := md5.New(), crc64.New() //nolint:gosec // see the import
	if _, err := io.Copy(io.MultiWriter(sum, crc), whole); err != nil {
		return "", fmt.Errorf("read %s: %w", r.src.Path(), err)
	}
	if crc64.Format(crc.Sum64()) != r.fingerprint.CRC64 {
		return "", fmt.Errorf("%w: %s", ErrSourceChanged, r.src.Path())
	}
	return base64.StdEncoding.EncodeToString(sum.Sum(nil)), nil
}

// publish sends a request that changes what readers of the object see, until
// HeadObject shows that it is done. The answer to the request is never trusted
// alone: it may be lost, late, or come from something that is not OSS. What OSS
// says it has stored, although its callback failed, is not sent again.
func (u *Uploader) publish(ctx context.Context, obj Object, send func(context.Context) error, done func(ObjectInfo) bool) (ObjectInfo, error) {
	ctx, cancel := outlive(ctx, publishGrace)
	defer cancel()
	var info ObjectInfo
	var unanswered, stored bool
	err := u.retry(ctx, "publish "+obj.String(), func(ctx context.Context, _ int) error {
		var sendErr, headErr error
		if !stored {
			sendErr = send(ctx)
		}
		if callbackFailed(sendErr) {
			stored, sendErr = true, nil
		}
		info, headErr = u.cfg.OSS.HeadObject(ctx, obj)
		switch {
		case headErr == nil && done(info):
			return nil
		case errors.Is(sendErr, ErrNoSuchUpload) && unanswered:
			// OSS took the request whose answer we never got, and works on it.
			return fmt.Errorf("%w: %w", errStillCompleting, sendErr)
		case sendErr != nil:
			var service *ServiceError
			unanswered = unanswered || !errors.As(sendErr, &service)
			return sendErr
		case headErr != nil:
			return headErr
		}
		return fmt.Errorf("%w: OSS reported success, but %s has size %d, CRC-64 %s, ETag %s; another writer may have replaced it",
			ErrPublishedOther, obj, info.Size, info.CRC64, info.ETag)
	})
	return info, err
}

// outlive returns a context that ends grace after ctx does.
func outlive(ctx context.Context, grace time.Duration) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(grace, cancel) })
	return longer, func() { stop(); cancel() }
}
