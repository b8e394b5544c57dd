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

// maxTries limits the attempts of a request without a body. All attempts have
// the same signature, which is valid for fifteen minutes. An endpoint that does
// not exist should result in an error soon.
const maxTries = 4

// retryMode is when the transport may send a request again.
type retryMode int

const (
	// retryNever is for a request that has a body, or that could take effect twice,
	// such as InitiateMultipartUpload. The engine repeats such a request.
	retryNever retryMode = iota

	// retryRefused is for DeleteObject. Each one adds a delete marker if the bucket
	// has versioning. So it is repeated only if OSS answered with an error.
	retryRefused

	// retryAlways is for a request with the same effect however often it is sent.
	retryAlways
)

func (r *request) retryMode() retryMode {
	switch {
	case r.body != nil:
		return retryNever
	case r.method == http.MethodDelete && len(r.query) == 0:
		return retryRefused
	case r.method == http.MethodGet, r.method == http.MethodHead, r.method == http.MethodDelete:
		return retryAlways
	}
	return retryNever
}

// retrying repeats requests. It returns the answer or the error of the last
// attempt.
func retrying(once http.RoundTripper, policy resumable.RetryPolicy, log *slog.Logger) http.RoundTripper {
	tries := maxTries
	if policy.Attempts > 0 {
		tries = min(policy.Attempts, maxTries)
	}
	return &retryablehttp.RoundTripper{Client: &retryablehttp.Client{
		HTTPClient:   &http.Client{Transport: once, CheckRedirect: returnRedirect},
		RetryMax:     tries - 1,
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
		CheckRetry: func(ctx context.Context, response *http.Response, err error) (bool, error) {
			if ctx.Err() != nil {
				return false, ctx.Err()
			}
			r := requestOf(ctx)
			retry, failure := shouldRetry(r, response, err)
			if retry {
				log.WarnContext(ctx, "request to OSS failed", "request", r.String(), "cause", r.reason(failure))
			}
			return retry, nil // an error here would replace the answer
		},
		Backoff: func(_, _ time.Duration, failed int, response *http.Response) time.Duration {
			var minimum time.Duration
			if response != nil {
				minimum = retryAfter(response.Header)
			}
			return policy.Backoff(failed+1, minimum)
		},
	}}
}

// shouldRetry reports whether to send a request again after an answer or an
// error. failure is nil if the request succeeded.
func shouldRetry(r *request, response *http.Response, err error) (retry bool, failure error) {
	switch {
	case err != nil:
		return transientFailure(err) && r.retryMode() == retryAlways, err
	case success(response.StatusCode):
		return false, nil
	}
	refusal := &resumable.ServiceError{Op: r.op, StatusCode: response.StatusCode}
	return resumable.Transient(refusal), refusal
}

// transientFailure reports whether a request that failed without an answer may
// succeed when it is sent again. That is true of all errors except for a
// certificate that is not trusted, a server without TLS, and a request that cannot
// be sent. Invalid HTTP is transient, because net/http returns the same error for
// an answer that was truncated within its headers.
func transientFailure(err error) bool {
	// net/http has no types for most permanent errors. go-retryablehttp recognizes
	// their texts.
	retry, _ := retryablehttp.ErrorPropagatedRetryPolicy(context.Background(), nil, err)
	return retry &&
		!errors.Is(err, http.ErrSchemeMismatch) &&
		!errors.Is(err, errAnswerTooLarge)
}
