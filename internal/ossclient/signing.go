// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package ossclient

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// signingContext is what the signature of a request depends on: the credentials
// and the clock.
type signingContext struct {
	credentials Credentials
	clockOffset time.Duration // how far the clock of OSS is ahead of this machine's
}

func (c *Client) newSigningContext(ctx context.Context, r *request) (signingContext, error) {
	credentials, err := c.credentials.Credentials(ctx)
	if err != nil {
		return signingContext{}, fmt.Errorf("%s: credentials: %w", r, err)
	}
	if err := credentials.check(); err != nil {
		return signingContext{}, r.unsendable(err)
	}
	return signingContext{credentials, c.clock.offset()}, nil
}

// signingRefused reports whether OSS refused a request because of its date or its
// credentials. If so, it adjusts the clock or discards the credentials.
func (c *Client) signingRefused(ctx context.Context, r *request, ans answer, err error) bool {
	refusal, ok := errors.AsType[*resumable.ServiceError](err)
	if !ok {
		return false
	}
	switch refusal.Code {
	case codeSkewed:
		document, _ := parseError(ans.text)
		if refusal.StatusCode == http.StatusForbidden && c.clock.learn(ans.header.Get("Date"), document.ServerTime) {
			c.log.WarnContext(ctx, "OSS refused the date of a request; requests now use the date of OSS",
				"clock_offset", c.clock.offset().Round(time.Second).String())
		}
		return true
	case "SecurityTokenExpired", "InvalidSecurityToken", "InvalidAccessKeyId":
		c.credentials.Discard(r.signing.credentials)
		return true
	}
	if refusal.StatusCode == http.StatusUnauthorized { // OSS answers 403, but a gateway may answer 401
		c.credentials.Discard(r.signing.credentials)
		return true
	}
	return false
}

// redact removes the secrets of the request from a text, see Redact.
func (r *request) redact(text string) string { return Redact(text, r.signing.credentials) }
