// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// application is the server that OSS calls back. It counts the calls and answers
// with the status.
func application(t *testing.T, status int) (url string, calls *atomic.Int32) {
	t.Helper()
	calls = new(atomic.Int32)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		calls.Add(1)
		w.WriteHeader(status)
		_, _ = w.Write([]byte("{}"))
	}))
	t.Cleanup(server.Close)
	return server.URL, calls
}

// A callback is sent once for new bytes. If it fails, the upload warns: the
// object is stored, and neither sent nor published again.
func TestUpload_callback(t *testing.T) {
	for _, status := range []int{200, 500} {
		for _, publishing := range []osstest.Op{osstest.PutObject, osstest.CompleteMultipartUpload} {
			for _, then := range []string{"", "HEAD refused", "HEAD unanswered"} {
				t.Run(fmt.Sprintf("%d to %s, then %s", status, publishing, then), func(t *testing.T) {
					t.Parallel()
					w := newWorld(t, 2*partSize)
					url, calls := application(t, status)
					req := w.request()
					req.Callback = resumable.Callback{URL: url, Body: "x"}
					if publishing == osstest.PutObject {
						req.MultipartThreshold = 0
					}
					switch then { // the second look is that after the request
					case "HEAD refused":
						w.server.AddRule(osstest.Rule{Op: osstest.HeadObject, Nth: 2, Times: 4, Fault: osstest.Refuse(503, "ServiceUnavailable")})
					case "HEAD unanswered":
						w.server.AddRule(osstest.Rule{Op: osstest.HeadObject, Nth: 2, Times: 4, Fault: osstest.LoseAnswer()})
					}
					result := w.mustUpload(req)
					if failed := len(result.Warnings) == 1 && strings.Contains(result.Warnings[0], "CallbackFailed") && strings.Contains(result.Warnings[0], "request ID"); failed != (status == 500) {
						t.Errorf("warnings %q", result.Warnings)
					}
					if status == 500 && calls.Load() != 1 || status == 500 && w.server.Count(publishing) != 1 {
						t.Errorf("called %d times, %d times %s", calls.Load(), w.server.Count(publishing), publishing)
					}
					called := calls.Load()
					if again := w.mustUpload(req); !again.Stats.Adopted || len(again.Warnings) != 0 || calls.Load() != called {
						t.Errorf("what is there already: %+v, called %d times", again, calls.Load())
					}
				})
			}
		}
	}
}

// A copy sends no callback, neither whole nor in parts.
func TestChange_makesNoCallback(t *testing.T) {
	url, calls := application(t, 200)
	w := newCopyWorld(t, osstest.Config{})
	w.dst.Callback = resumable.Callback{URL: url, Body: "x"}
	w.mustChange()
	w.dst.Headers.CacheControl = ""
	w.mustChange()
	w.checkCopied()
	if calls.Load() != 0 {
		t.Errorf("called %d times", calls.Load())
	}
}
