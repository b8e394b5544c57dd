// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// publishGrace is how long a publishing request may continue after the run was
// cancelled. OSS completes it anyway; without waiting, its result would be
// unknown. Source: API page CompleteMultipartUpload.
const publishGrace = 30 * time.Second

// answer is the answer of OSS to a publishing request.
type answer struct {
	etag string // of the object; "": not known
	done bool   // OSS reported success
}

// publish sends a request that replaces the object for its readers, until
// HeadObject shows that it took effect: differs then returns nil for the result
// of HeadObject and the answer to the request. The answer alone is never
// trusted: it may be lost, late, or come from something that is not OSS.
//
// OSS may report that it stored the object although its callback failed. Such a
// request is not repeated, because the object would be published a second time.
func (j *job) publish(ctx context.Context, send func(context.Context) (etag string, err error), differs func(ObjectInfo, answer) error) error {
	ctx, cancel := withGrace(ctx, publishGrace)
	defer cancel()
	var got answer
	var unanswered, stored bool
	return j.retry(ctx, "publish "+j.obj.String(), func() error {
		var sendErr, difference error
		if !stored {
			got.etag, sendErr = send(ctx)
		}
		service, answered := errors.AsType[*ServiceError](sendErr)
		if answered && service.StatusCode == http.StatusNonAuthoritativeInfo { // source: page HTTP 203
			j.warn(ctx, fmt.Sprintf("%s is stored, but its callback failed and is not repeated: %v", j.obj, sendErr))
			stored, sendErr = true, nil
		}
		got.done = got.done || sendErr == nil
		info, headErr := j.cfg.OSS.HeadObject(ctx, j.obj)
		if headErr == nil {
			if difference = differs(info, got); difference == nil {
				j.info = info
				return nil
			}
		}
		switch {
		case errors.Is(sendErr, ErrNoSuchUpload) && unanswered:
			// OSS received the request whose answer was lost, and is working on it.
			return fmt.Errorf("%w: %w", errStillCompleting, sendErr)
		case sendErr != nil:
			unanswered = unanswered || !answered
			return sendErr
		case headErr != nil:
			return headErr
		}
		return fmt.Errorf("%w: OSS reported success, but %w", ErrPublishedOther, difference)
	})
}

// withGrace returns a context that ends grace after ctx does.
func withGrace(ctx context.Context, grace time.Duration) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(grace, cancel) })
	return longer, func() { stop(); cancel() }
}

func otherWriter(obj Object, info ObjectInfo) error {
	return fmt.Errorf("%s has %s; another writer may have replaced it", obj, info.identity())
}

// identity describes the object for an error.
func (info ObjectInfo) identity() string {
	return fmt.Sprintf("size %d, CRC-64 %q, ETag %s", info.Size, info.CRC64, info.ETag)
}

// headersDiffer returns an error if a header of the object differs from what dst
// requests.
func (dst Destination) headersDiffer(info ObjectInfo) error {
	if name := dst.Headers.differs(info.Headers); name != "" {
		return &otherHeaderError{name, dst.Object}
	}
	return nil
}

// otherHeaderError reports an object with the right bytes and a header that
// differs from the requested one.
type otherHeaderError struct {
	name string
	obj  Object
}

func (e *otherHeaderError) Error() string {
	return fmt.Sprintf("OSS reports a different %s for %s than requested", e.name, e.obj)
}
