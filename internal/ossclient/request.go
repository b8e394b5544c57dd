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

// request is one thing to ask of OSS.
type request struct {
	op            string // OSS's name of the operation
	method        string
	object        resumable.Object
	ofBucket      bool           // object has no key: the request is about the bucket
	part          int            // 0: not about one part
	query         map[string]any // a sub-resource such as "uploads" has the value nil
	options       []oss.Option   // headers
	body          resumable.Body // nil: none
	bitsPerSecond int            // at which OSS shall take the body; 0: as it comes
	slow          bool           // OSS may think for minutes before it answers
	stacks        bool           // done twice it leaves more behind: not repeated unless it was refused
	sealed        seal           // what it is signed with, which no error may repeat
}

// String names the request in errors: operation, part and object.
func (r *request) String() string {
	if r.part > 0 {
		return fmt.Sprintf("%s %d of %s", r.op, r.part, escape.Line(r.object.String()))
	}
	return r.op + " " + escape.Line(r.object.String())
}

// rawQuery is the query as it is sent, and as a V4 signature covers it.
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

// answer is what OSS said to a request, whole.
type answer struct {
	*request
	status int
	header http.Header
	text   []byte
}

// success is any 2xx but 203: with that, OSS says that it has stored the object
// and that the callback has failed.
func success(status int) bool {
	return status/100 == 2 && status != http.StatusNonAuthoritativeInfo
}

// do sends r and returns OSS's answer if that means success. Whatever else
// comes is an error, see errors.go. It is the only way to the SDK, so that no
// call can forget the context, the credentials or the care for the body.
//
// A request that OSS refuses for its seal has had no effect. It is sent once
// more, body and all, if its seal would be another one by now.
func (c *Client) do(ctx context.Context, r request) (answer, error) {
	if r.object.Key == "" && !r.ofBucket {
		return answer{}, r.unsendable(errors.New("key is empty")) // DELETE would delete the bucket
	}
	var err error
	if r.sealed, err = c.newSeal(ctx, &r); err != nil {
		return answer{}, err
	}
	ans, err := c.try(ctx, &r)
	if !c.sealRefused(ctx, &r, ans, err) {
		return ans, err
	}
	again := r
	var sealErr error
	again.sealed, sealErr = c.newSeal(ctx, &r)
	switch {
	case passing(sealErr):
		// The refusal is told and not wrapped: it would say that another try is of
		// no use.
		return ans, fmt.Errorf("%w; asked for because %s", sealErr, err.Error())
	case sealErr != nil:
		return ans, fmt.Errorf("%w; asking for credentials again failed: %w", err, sealErr)
	case again.sealed == r.sealed || !r.rewind():
		return ans, err
	}
	c.log.InfoContext(ctx, "signing anew what OSS refused", "request", r.String(), "cause", err.Error())
	return c.try(ctx, &again)
}

// passing reports whether an error says of itself that another try may help.
func passing(err error) bool {
	var own interface{ Transient() bool }
	return errors.As(err, &own) && own.Transient()
}

// rewind makes the body ready to be sent again, if it can.
func (r *request) rewind() bool {
	if r.body == nil {
		return true
	}
	_, err := r.body.Seek(0, io.SeekStart)
	return err == nil
}

// try is one attempt of do. With a refusal, it returns the answer as well.
func (c *Client) try(ctx context.Context, r *request) (answer, error) {
	by, err := c.senderOf(r)
	if err != nil {
		return answer{}, r.unsendable(err)
	}

	var body io.Reader // stays nil without a body: an empty reader would be one
	var lent *lentBody
	if r.body != nil {
		lent = lend(r.body)
		defer lent.takeBack()
		body = &io.LimitedReader{R: lent, N: r.body.Size()} // a type whose length the SDK knows
	}

	response, err := by.send(withRequest(ctx, r), r, body)

	if lent != nil && lent.failure() != nil {
		return answer{}, r.unsendable(fmt.Errorf("read the bytes to send: %w", lent.failure()))
	}
	if response == nil {
		return answer{}, r.unanswered(ctx, err)
	}
	// From here on err is only the sender's reading of the answer; ours knows more.
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
