// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package ossclient

import (
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// revocableBody is the caller's body for the time of one request.
//
// net/http may read a body after the request has returned, and the caller
// rewinds the same body for the next attempt: the late reader would steal
// bytes from it. So the body is taken back before a call returns. It also
// remembers why reading failed, which net/http reports, if at all, as a broken
// connection.
type revocableBody struct {
	mu   sync.Mutex
	body io.Reader // nil: taken back
	left int64
	err  error
}

var errRevoked = errors.New("body was taken back")

func newRevocableBody(body resumable.Body) *revocableBody {
	return &revocableBody{body: body, left: body.Size()}
}

func (b *revocableBody) Read(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.body == nil {
		return 0, errRevoked
	}
	n, err := b.body.Read(p)
	b.left -= int64(n)
	if errors.Is(err, io.EOF) && b.left > 0 {
		err = fmt.Errorf("%w: it ended %d bytes early", resumable.ErrSourceChanged, b.left)
	}
	if err != nil && !errors.Is(err, io.EOF) {
		b.err = err
	}
	return n, err
}

// failure is why the body could not be read to its end, or nil.
func (b *revocableBody) failure() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.err
}

// revoke returns when no Read is under way and none will be.
func (b *revocableBody) revoke() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.body = nil
}
