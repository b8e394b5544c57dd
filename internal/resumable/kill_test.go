// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
)

// Processes are killed at random moments, again and again. This complements the
// named crash points.
func TestUpload_killedAtRandomMoments(t *testing.T) {
	if testing.Short() {
		t.Skip("kills 200 processes")
	}
	const shards = 4 // in parallel, because a run mostly waits
	for shard := range shards {
		t.Run(fmt.Sprint("shard ", shard), func(t *testing.T) {
			t.Parallel()
			killAtRandomMoments(t, 200/shards, uint64(20260101+shard)) // with another seed, other moments
		})
	}
}

func killAtRandomMoments(t *testing.T, kills int, seed uint64) {
	t.Helper()
	const (
		parts       = 100
		size        = parts*partSize - 17
		parallelism = 3
	)
	w := newWorld(t, size)
	w.server.PutObject(bucket, key, []byte("old"), nil)
	// So slow that few parts are sent between two kills.
	calm := w.server.AddRule(osstest.Rule{Op: osstest.UploadPart, Fault: osstest.Throttle(500 * kib)})
	c := w.child()
	c.Request.Parallelism = parallelism
	random := rand.New(rand.NewPCG(seed, 0))

	killed, uploads := 0, 1
	for killed < kills {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		cmd := w.command(ctx, c)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		timer := time.AfterFunc(time.Duration(random.Int64N(int64(300*time.Millisecond))), func() { _ = cmd.Process.Kill() })
		if err := cmd.Wait(); err != nil {
			killed++
		}
		timer.Stop()
		cancel()
		if !w.objectIs([]byte("old")) { // the upload was complete; start again
			w.mustUpload(w.request())
			w.server.PutObject(bucket, key, []byte("old"), nil)
			uploads++
		}
	}
	calm()
	w.mustUpload(w.request())

	var bytes int64
	for _, r := range w.server.Requests() {
		if r.Op == osstest.UploadPart {
			bytes += r.BodyBytes
		}
	}
	if limit := int64(uploads*size + kills*parallelism*partSize); bytes > limit {
		t.Errorf("%d bytes were sent, at most %d should be", bytes, limit)
	}
	t.Logf("FAULT F12: %d kills at random moments (seed %d); %d bytes sent for %d, %d parts sent again",
		killed, seed, bytes, uploads*size, len(sent(w.server))-uploads*parts)
}

// Two processes with the same destination take turns. The second finds the
// object, or fails with an error that names the first process.
func TestUpload_twoProcesses(t *testing.T) {
	const parts = 6
	t.Parallel()
	w := newWorld(t, parts*partSize)
	slow := w.server.AddRule(osstest.Rule{Op: osstest.UploadPart, Fault: osstest.Throttle(500 * kib)})
	var wg sync.WaitGroup
	outcomes := make([]outcome, 3)
	outcomes[0].Log = "not started"
	wg.Go(func() { outcomes[0] = w.run(w.child()) })
	if err := w.server.WaitFor(t.Context(), func(log []osstest.Request) bool {
		return slices.ContainsFunc(log, func(r osstest.Request) bool { return r.Op == osstest.UploadPart })
	}); err != nil {
		t.Fatal(err)
	}
	for i, wait := range []time.Duration{time.Millisecond, time.Minute} {
		wg.Go(func() {
			c := w.child()
			c.LockWait = wait
			outcomes[i+1] = w.run(c)
		})
	}
	wg.Wait()
	slow()
	host, _ := os.Hostname()
	if got := outcomes[0]; got.Error != "" || got.Result.Stats.Adopted {
		t.Errorf("the first: %+v", got)
	}
	if got := outcomes[1].Error; !strings.Contains(got, "another upload of the same object is running") || !strings.Contains(got, "process ") || !strings.Contains(got, "on "+host) || !strings.Contains(got, "which started 20") {
		t.Errorf("the impatient one: %s", got)
	}
	if got := outcomes[2]; got.Error != "" || !got.Result.Stats.Adopted {
		t.Errorf("the patient one: %+v", got)
	}
	if got := len(sent(w.server)); got != parts {
		t.Errorf("%d parts sent, want %d", got, parts)
	}
	w.mustUpload(w.request())
	t.Logf("FAULT F80: of two processes one sends, the other waits or names it; %d parts sent again", len(sent(w.server))-parts)
}

// While an update is interrupted, the old object stays readable until the new
// one is complete.
func TestUpload_oldObjectUntilComplete(t *testing.T) {
	w := newWorld(t, 5*partSize)
	old := w.mustUpload(w.request())
	w.write(randomBytes(2, 5*partSize))
	req := w.request()
	req.Replaces.ETag = old.ETag
	w.server.ResetLog()
	for stored := 1; stored <= 5; stored += 2 {
		w.interrupted(req, stored-len(sentOK(w.server)))
		if object, _ := w.server.Object(bucket, key); strings.Trim(object.ETag, `"`) != old.ETag {
			t.Fatalf("after %d parts the object has ETag %s", stored, object.ETag)
		}
	}
	w.mustUpload(req)
	t.Logf("FAULT F82: update interrupted three times, old object readable until CompleteMultipartUpload; %d parts sent again", len(sentOK(w.server))-5)
}

// sentOK returns the parts whose UploadPart was answered with success.
func sentOK(server *osstest.Server) (parts []int) {
	for _, r := range server.Requests() {
		if r.Op == osstest.UploadPart && r.Status == 200 {
			parts = append(parts, r.PartNumber)
		}
	}
	return parts
}
