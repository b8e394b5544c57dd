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

// seal is what a request is signed with: who asks, and by which clock.
type seal struct {
	credentials Credentials
	offset      time.Duration // of the clock
}

func (c *Client) newSeal(ctx context.Context, r *request) (seal, error) {
	credentials, err := c.credentials.Credentials(ctx)
	if err != nil {
		return seal{}, fmt.Errorf("%s: credentials: %w", r, err)
	}
	if err := credentials.check(); err != nil {
		return seal{}, r.unsendable(err)
	}
	return seal{credentials, c.clock.offset()}, nil
}

// sealRefused reports whether another clock or other credentials might have
// made the difference. It sets the clock, and gives refused credentials back.
func (c *Client) sealRefused(ctx context.Context, r *request, ans answer, err error) bool {
	refusal, ok := errors.AsType[*resumable.ServiceError](err)
	if !ok {
		return false
	}
	switch refusal.Code {
	case codeSkewed:
		document, _ := parseError(ans.text)
		if refusal.StatusCode == http.StatusForbidden && c.clock.learn(ans.header.Get("Date"), document.ServerTime) {
			c.log.WarnContext(ctx, "OSS refused the date of a request; requests are dated by its clock from now on",
				"ahead_of_this_machine", c.clock.offset().Round(time.Second).String())
		}
		return true
	case "SecurityTokenExpired", "InvalidSecurityToken", "InvalidAccessKeyId":
		c.credentials.Discard(r.sealed.credentials)
		return true
	}
	if refusal.StatusCode == http.StatusUnauthorized { // OSS says 403; a gateway before it may not
		c.credentials.Discard(r.sealed.credentials)
		return true
	}
	return false
}

// redact takes out of a text what it repeats of the signature's secrets.
func (r *request) redact(text string) string { return Redact(text, r.sealed.credentials) }
