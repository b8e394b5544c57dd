// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package ossclient

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/aliyun/aliyun-oss-go-sdk/oss"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/bounded"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/escape"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// request is a request to OSS.
type request struct {
	op     string // name in the API, such as "PutObject"
	method string
	object resumable.Object // the key is "" if the request is about the bucket
	part   int              // part number; 0 if the request is not about a part

	query   map[string]any // a subresource without a value, such as "uploads", is nil
	headers []oss.Option   // in addition to those that every request has
	body    resumable.Body // nil if the request has no body

	trafficLimit int  // limits the bandwidth of the body, in bits per second; 0 for no limit
	longRunning  bool // OSS may take minutes to answer, as for a copy

	signing signingContext // set by do; errors must not contain its secrets
}

// String names the request in errors: operation, part and object.
func (r *request) String() string {
	if r.part > 0 {
		return fmt.Sprintf("%s %d of %s", r.op, r.part, escape.Line(r.object.String()))
	}
	return r.op + " " + escape.Line(r.object.String())
}

// rawQuery returns the query in the form that is sent and that a V4 signature
// covers.
func (r *request) rawQuery() string {
	var pairs []string
	for name, value := range r.query {
		pair := percent(name)
		if text, _ := value.(string); text != "" {
			pair += "=" + percent(text)
		}
		pairs = append(pairs, pair)
	}
	slices.Sort(pairs)
	return strings.Join(pairs, "&")
}

// answer is the complete response to a request.
type answer struct {
	*request
	status int
	header http.Header
	text   []byte
}

// success reports whether status is 2xx, except for 203: OSS returns 203 if it
// stored the object but the callback failed.
func success(status int) bool {
	return status/100 == 2 && status != http.StatusNonAuthoritativeInfo
}

// do sends a request about an object and returns the answer if it means
// success. Everything else is an error, see errors.go.
func (c *Client) do(ctx context.Context, r request) (answer, error) {
	if r.object.Key == "" {
		return answer{}, r.unsendable(errors.New("key is empty")) // DELETE would delete the bucket
	}
	return c.doSigned(ctx, r)
}

// doBucket is do for a request that reads from a bucket: r.object has no key.
func (c *Client) doBucket(ctx context.Context, r request) (answer, error) {
	r.method = http.MethodGet
	return c.doSigned(ctx, r)
}

// doSigned signs and sends a request. If OSS refuses the date or the credentials
// of the request, the request had no effect. It is then sent once more, if the
// clock or the credentials have changed in the meantime.
func (c *Client) doSigned(ctx context.Context, r request) (answer, error) {
	var err error
	if r.signing, err = c.newSigningContext(ctx, &r); err != nil {
		return answer{}, err
	}
	ans, err := c.try(ctx, &r)
	if !c.signingRefused(ctx, &r, ans, err) {
		return ans, err
	}
	second := r
	var signingErr error
	second.signing, signingErr = c.newSigningContext(ctx, &r)
	switch {
	case isTransient(signingErr):
		// The refusal is not wrapped, because it is not transient.
		return ans, fmt.Errorf("%w; new credentials were needed because %s", signingErr, err.Error())
	case signingErr != nil:
		return ans, fmt.Errorf("%w; getting new credentials failed: %w", err, signingErr)
	case second.signing == r.signing || !r.rewind():
		return ans, err
	}
	c.log.InfoContext(ctx, "signing a refused request again", "request", r.String(), "cause", err.Error())
	return c.try(ctx, &second)
}

// isTransient reports whether an error has a method Transient that returns true.
func isTransient(err error) bool {
	var classified interface{ Transient() bool }
	return errors.As(err, &classified) && classified.Transient()
}

// rewind prepares the body to be sent again, and reports whether that is
// possible.
func (r *request) rewind() bool {
	if r.body == nil {
		return true
	}
	_, err := r.body.Seek(0, io.SeekStart)
	return err == nil
}

// try sends a request once. If OSS refuses it, try returns both the answer and
// an error.
func (c *Client) try(ctx context.Context, r *request) (answer, error) {
	sender, err := c.senderFor(r)
	if err != nil {
		return answer{}, r.unsendable(err)
	}

	var body io.Reader // must be nil if there is no body
	var source *revocableBody
	if r.body != nil {
		source = newRevocableBody(r.body)
		defer source.revoke()
		body = &io.LimitedReader{R: source, N: r.body.Size()} // the SDK knows the length of this type
	}

	response, err := sender.send(withRequest(ctx, r), r, body)

	if source != nil && source.failure() != nil {
		return answer{}, r.unsendable(fmt.Errorf("read the bytes to send: %w", source.failure()))
	}
	if response == nil {
		return answer{}, r.unanswered(ctx, err)
	}
	// err may be the SDK's reading of the answer. refusal returns more details.
	defer response.Body.Close()
	text, err := bounded.ReadAll(response.Body, maxAnswer)
	if err != nil {
		return answer{}, r.unanswered(ctx, err)
	}
	ans := answer{r, response.StatusCode, response.Headers, text}
	if !success(ans.status) {
		return ans, ans.refusal()
	}
	return ans, nil
}
