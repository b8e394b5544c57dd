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

// revocableBody gives net/http access to the caller's body during one request.
//
// net/http may still read a body after the request has returned. The caller
// rewinds the same body for the next attempt, which would then lack these bytes.
// So the access is revoked before a call returns. revocableBody also stores the
// read error, which net/http would report as a broken connection or not at all.
type revocableBody struct {
	mu   sync.Mutex
	body io.Reader // nil if revoked
	left int64
	err  error
}

var errRevoked = errors.New("the request has ended")

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

// failure returns the error of reading the body, or nil.
func (b *revocableBody) failure() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.err
}

// revoke waits for a Read in progress and makes later ones fail.
func (b *revocableBody) revoke() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.body = nil
}
