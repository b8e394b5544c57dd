// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable

import (
	"context"
	"errors"
	"fmt"
	"net/http"
)

// Callback is the request that OSS makes of an application once the object is
// stored, by PutObject or CompleteMultipartUpload; a copy makes none. The zero
// value is none. Source: API page Callback.
type Callback struct {
	URL      string            // up to five, separated by semicolons; OSS tries one after the other
	Host     string            // "": that of the URL
	Body     string            // with OSS's variables, such as ${etag}, and those of Vars
	BodyType string            // "": application/x-www-form-urlencoded
	Vars     map[string]string // by name, with x:
}

// callbackFailed reports an answer that says that the object is stored and the
// callback was not answered as OSS wants it. Source: page HTTP 203.
func callbackFailed(err error) bool {
	service, ok := errors.AsType[*ServiceError](err)
	return ok && service.StatusCode == http.StatusNonAuthoritativeInfo
}

// withCallback is send, and a warning when the callback has failed. Nobody
// calls it again: the object would have to be published a second time.
func (r *run) withCallback(send func(context.Context) (string, error)) func(context.Context) (string, error) {
	return func(ctx context.Context) (string, error) {
		etag, err := send(ctx)
		if callbackFailed(err) {
			r.warn(ctx, fmt.Sprintf("%s is stored, but its callback failed, and is not repeated: %v", r.req.Object, err))
		}
		return etag, err
	}
}
