// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package ossclient

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/hashicorp/go-retryablehttp"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// maxTries of a request without a body. Each repeats one signature, which is
// good for fifteen minutes; and an endpoint that does not exist should end in
// an error before the user looks for one.
const maxTries = 4

// retrying repeats requests that may be repeated. What the last try brought,
// answer or error, is handed on as it is.
func retrying(once http.RoundTripper, policy resumable.RetryPolicy, log *slog.Logger) http.RoundTripper {
	tries := maxTries
	if policy.Attempts > 0 {
		tries = min(policy.Attempts, maxTries)
	}
	return &retryablehttp.RoundTripper{Client: &retryablehttp.Client{
		HTTPClient:   &http.Client{Transport: once, CheckRedirect: stayHere},
		RetryMax:     tries - 1,
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
		CheckRetry: func(ctx context.Context, response *http.Response, err error) (bool, error) {
			if ctx.Err() != nil {
				return false, ctx.Err()
			}
			r := requestOf(ctx)
			again, failure := judge(r, response, err)
			if again {
				log.WarnContext(ctx, "request to OSS failed", "request", r.String(), "cause", r.reason(failure))
			}
			return again, nil // an error here would take the place of the answer
		},
		Backoff: func(_, _ time.Duration, failed int, response *http.Response) time.Duration {
			var asked time.Duration
			if response != nil {
				asked = askedWait(response.Header)
			}
			return policy.Backoff(failed+1, asked)
		},
	}}
}

// judge says whether another try may help, and what was wrong with this one, if
// anything.
func judge(r *request, response *http.Response, err error) (again bool, failure error) {
	switch {
	case err != nil:
		return transientFailure(err) && !r.stacks, err
	case success(response.StatusCode):
		return false, nil
	}
	refusal := &resumable.ServiceError{Op: r.op, StatusCode: response.StatusCode}
	return resumable.Transient(refusal), refusal
}

// transientFailure reports whether a request that brought no answer may bring
// one when it is sent again. Almost any may; these will not: a certificate
// that is not trusted, a server that does not speak TLS, a request that cannot
// be sent. What is no HTTP may be the beginning of an answer: net/http does not
// tell one that was cut in its headers from one that was never meant to be.
func transientFailure(err error) bool {
	// Most of what is hopeless has no type in net/http. go-retryablehttp keeps
	// the list of texts.
	again, _ := retryablehttp.ErrorPropagatedRetryPolicy(context.Background(), nil, err)
	return again &&
		!errors.Is(err, http.ErrSchemeMismatch) &&
		!errors.Is(err, errAnswerTooLarge)
}
