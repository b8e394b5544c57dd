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

// publishGrace is how long a request that publishes may go on after the run
// was cancelled. OSS goes on with it anyway; not waiting would only mean not
// knowing. Source: API page CompleteMultipartUpload.
const publishGrace = 30 * time.Second

// answer is what OSS has said to a request that publishes.
type answer struct {
	etag string // of the object; "": no answer has named one
	done bool   // OSS has said so
}

// publish sends a request that changes what readers of the object see, until
// HeadObject shows that it is done: differs then returns nil for what HeadObject
// shows and what was answered. The answer to the request is never trusted alone:
// it may be lost, late, or come from something that is not OSS.
//
// OSS may say that it has stored the object although its callback failed. That is
// not sent again: the object would have to be published a second time.
func (j *job) publish(ctx context.Context, send func(context.Context) (etag string, err error), differs func(ObjectInfo, answer) error) error {
	ctx, cancel := outlive(ctx, publishGrace)
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
			// OSS took the request whose answer was lost, and works on it.
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

// outlive returns a context that ends grace after ctx does.
func outlive(ctx context.Context, grace time.Duration) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(grace, cancel) })
	return longer, func() { stop(); cancel() }
}

func otherWriter(obj Object, info ObjectInfo) error {
	return fmt.Errorf("%s has %s; another writer may have replaced it", obj, info.identity())
}

// identity is what tells the object from another one, for an error.
func (info ObjectInfo) identity() string {
	return fmt.Sprintf("size %d, CRC-64 %q, ETag %s", info.Size, info.CRC64, info.ETag)
}

// headersDiffer tells that an object has another header than dst asks for, or nil.
func (dst Destination) headersDiffer(info ObjectInfo) error {
	if name := dst.Headers.differs(info.Headers); name != "" {
		return &otherHeaderError{name, dst.Object}
	}
	return nil
}

// otherHeaderError is an object that has the bytes, and another header than was
// asked for.
type otherHeaderError struct {
	name string
	obj  Object
}

func (e *otherHeaderError) Error() string {
	return fmt.Sprintf("OSS reports a different %s for %s than requested", e.name, e.obj)
}
