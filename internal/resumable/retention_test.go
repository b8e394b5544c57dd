// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

var retained = resumable.Retention{Mode: "COMPLIANCE", Until: time.Date(2094, 12, 1, 16, 0, 0, 0, time.UTC)}

// newRetentionWorld returns a world whose bucket supports retention, and a request for it.
func newRetentionWorld(t *testing.T, size int) (*world, resumable.Request) {
	t.Helper()
	w := newWorld(t, size)
	w.server.EnableObjectWorm(bucket, "", 0)
	req := w.request()
	req.Retention = retained
	return w, req
}

func (w *world) checkRetained(result resumable.ObjectInfo) {
	w.t.Helper()
	if found := w.head().Retention; !found.Equal(retained) || !result.Retention.Equal(retained) {
		w.t.Errorf("the object is retained %+v, the result says %+v, want %+v", found, result.Retention, retained)
	}
}

// Whatever makes the object, its final version is retained.
func TestRetention_ofAnUpload(t *testing.T) {
	for name, alter := range map[string]func(w *world, req *resumable.Request){
		"in parts":         func(*world, *resumable.Request) {},
		"by one PutObject": func(_ *world, req *resumable.Request) { req.MultipartThreshold = 0 },
		"there already": func(w *world, req *resumable.Request) {
			before := *req
			before.Retention = resumable.Retention{}
			w.mustUpload(before)
		},
		"there already, with other headers": func(w *world, req *resumable.Request) {
			w.mustUpload(*req)
			req.Headers.CacheControl = "no-cache"
		},
		"killed before": func(w *world, req *resumable.Request) {
			c := w.child()
			c.Request, c.Op, c.When, c.Nth = *req, "PutObjectRetention", "before", 1
			w.crashed(c)
		},
		"killed after": func(w *world, req *resumable.Request) {
			c := w.child()
			c.Request, c.Op, c.When, c.Nth = *req, "PutObjectRetention", "after", 1
			w.crashed(c)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, req := newRetentionWorld(t, 3*partSize)
			alter(w, &req)
			w.checkRetained(w.mustUpload(req).ObjectInfo)
			asked := w.server.Count(osstest.PutObjectRetention)
			w.checkRetained(w.mustUpload(req).ObjectInfo)
			if got := w.server.Count(osstest.PutObjectRetention); got != asked {
				t.Errorf("%d requests for what is there", got-asked)
			}
		})
	}
}

// A change sets the retention last, on the version that its copy made.
func TestRetention_ofAChange(t *testing.T) {
	for fault, f := range map[string]struct {
		osstest.Fault
		fatal bool
	}{
		"none": {}, "503": {Fault: osstest.Refuse(503, "ServiceUnavailable")}, "403": {Fault: osstest.Refuse(403, "AccessDenied"), fatal: true},
		"answer lost": {Fault: osstest.LoseAnswer()}, "HTML 200": {Fault: osstest.Garbage(200, "text/html", "<html>")},
	} {
		for _, copied := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, copied %v", fault, copied), func(t *testing.T) {
				t.Parallel()
				w, req := newRetentionWorld(t, 1000)
				req.Retention = resumable.Retention{}
				known := w.mustUpload(req).ObjectInfo
				dst := req.Destination
				dst.Retention, dst.ACL, dst.Tags = retained, "private", map[string]string{"a": "b"}
				if copied {
					dst.Headers.CacheControl = "no-cache"
				}
				w.server.ResetLog()
				w.server.AddRule(osstest.Rule{Op: osstest.PutObjectRetention, Times: 1, Fault: f.Fault})
				info, err := w.uploader(w.oss()).Change(t.Context(), dst, w.request().Options, known)
				if f.fatal != errors.Is(err, resumable.ErrRetention) || !f.fatal && err != nil {
					t.Fatalf("got %v\n%s", err, w.logged)
				}
				if err != nil {
					if info, err = w.uploader(w.oss()).Change(t.Context(), dst, w.request().Options, info); err != nil {
						t.Fatal(err)
					}
				}
				w.checkRetained(info)
				w.checkDestination(dst)
				last := ""
				for _, r := range w.server.Requests() {
					if r.Op.Writes() {
						last = string(r.Op)
					}
				}
				if last != string(osstest.PutObjectRetention) {
					t.Errorf("the last request is %s", last)
				}
			})
		}
	}
}

// Retention that the configuration does not set stays, and a refusal of the bucket is
// an error.
func TestRetention_leftAlone(t *testing.T) {
	w, req := newRetentionWorld(t, 1000)
	known := w.mustUpload(req).ObjectInfo
	dst := req.Destination
	dst.Retention, dst.Tags = resumable.Retention{}, map[string]string{"a": "b"}
	info, err := w.uploader(w.oss()).Change(t.Context(), dst, w.request().Options, known)
	if err != nil {
		t.Fatal(err)
	}
	w.checkRetained(info)

	dst.Retention = resumable.Retention{Mode: retained.Mode, Until: retained.Until.Add(-time.Hour)}
	if _, err := w.uploader(w.oss()).Change(t.Context(), dst, w.request().Options, info); !errors.Is(err, resumable.ErrRetention) || !strings.Contains(err.Error(), "only be extended") {
		t.Errorf("got %v", err)
	}
}
