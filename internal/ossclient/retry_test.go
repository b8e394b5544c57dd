// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package ossclient

import (
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/hashicorp/go-retryablehttp"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// The fourth failure is followed by a wait of up to eight times Base, as in
// [resumable.RetryPolicy]. The wait is random, so the test draws it often.
func TestRetrying_backoff(t *testing.T) {
	repeated, ok := retrying(http.DefaultTransport, resumable.RetryPolicy{Base: time.Second, Cap: time.Minute}, slog.Default()).(*retryablehttp.RoundTripper)
	if !ok {
		t.Fatal("it has another type")
	}
	longest := time.Duration(0)
	for range 1000 {
		longest = max(longest, repeated.Client.Backoff(0, 0, 3, nil))
	}
	if longest <= 4*time.Second || longest >= 8*time.Second {
		t.Errorf("up to %v", longest)
	}
}

// All parts of an upload keep their connections.
func TestTransport_idleConnections(t *testing.T) {
	for parallelism, least := range map[int]int{0: resumable.DefaultParallelism, 1: resumable.DefaultParallelism, 64: 64} {
		if n := newTransport(Config{Parallelism: parallelism}, patient).MaxIdleConnsPerHost; n <= least {
			t.Errorf("parallelism %d: %d connections", parallelism, n)
		}
	}
}
