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
		r.withCallback(func(ctx context.Context) (string, error) {
			return r.cfg.OSS.CompleteMultipartUpload(ctx, r.upload, parts)
		}),
		r.notPublished)
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
		r.withCallback(func(ctx context.Context) (string, error) {
			return r.cfg.OSS.PutObject(ctx, r.req.Destination, whole(), contentMD5)
		}),
		r.notPublished)
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

// notPublished tells why an object is not the one that was just sent, or nil. Its
// CRC-64 proves it. Where OSS shows none (a private cloud, a proxy that drops
// headers, some copies), the ETag does that the answer has named, with the size.
func (r *run) notPublished(info ObjectInfo, etag string) error {
	switch unsummed := info.CRC64 == "" && !info.Symlink && info.Size == r.fingerprint.Size; {
	case r.holdsSource(info), unsummed && (etag != "" && info.ETag == etag || r.copiedInPart(info)):
		return nil
	case unsummed && etag == "":
		return fmt.Errorf("%s shows no CRC-64, and the answer that named its ETag was lost, so nothing proves its bytes", r.req.Object)
	case info.CRC64 == r.fingerprint.CRC64 && info.Size == r.fingerprint.Size:
		if name := r.req.Headers.differs(info.Headers); name != "" {
			return fmt.Errorf("OSS shows another %s of %s than was asked for", name, r.req.Object)
		}
	}
	return otherWriter(r.req.Object, info)
}

func otherWriter(obj Object, info ObjectInfo) error {
	return fmt.Errorf("%s has size %d, CRC-64 %q, ETag %s; another writer may have replaced it", obj, info.Size, info.CRC64, info.ETag)
}

// publish sends a request that changes what readers of the object see, until
// HeadObject shows that it is done: differs then returns nil for what it shows and
// the ETag that was answered. The answer to the request is never trusted alone:
// it may be lost, late, or come from something that is not OSS. What OSS says it
// has stored, although its callback failed, is not sent again.
func (u *Uploader) publish(ctx context.Context, obj Object, send func(context.Context) (string, error), differs func(ObjectInfo, string) error) (ObjectInfo, error) {
	ctx, cancel := outlive(ctx, publishGrace)
	defer cancel()
	var info ObjectInfo
	var etag string
	var unanswered, stored bool
	err := u.retry(ctx, "publish "+obj.String(), func(ctx context.Context, _ int) error {
		var sendErr, headErr, difference error
		if !stored {
			etag, sendErr = send(ctx)
		}
		if callbackFailed(sendErr) {
			stored, sendErr = true, nil
		}
		if info, headErr = u.cfg.OSS.HeadObject(ctx, obj); headErr == nil {
			if difference = differs(info, etag); difference == nil {
				return nil
			}
		}
		switch {
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
		return fmt.Errorf("%w: OSS reported success, but %w", ErrPublishedOther, difference)
	})
	return info, err
}

// outlive returns a context that ends grace after ctx does.
func outlive(ctx context.Context, grace time.Duration) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(grace, cancel) })
	return longer, func() { stop(); cancel() }
}
