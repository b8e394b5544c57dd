// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// An upload of the same process holds the destination for longer than LockWait,
// which applies only to other processes. Further uploads of this process wait
// for it until their context ends.
func TestUpload_waitsForSameProcess(t *testing.T) {
	const parts, lockWait = 4, 200 * time.Millisecond
	w := newWorld(t, parts*partSize)
	u := resumable.New(uploaderConfig(w.oss(), w.logged, lockWait))
	reached, gate := make(chan struct{}), make(chan struct{})
	w.server.AddRule(osstest.Rule{Op: osstest.UploadPart, Times: 1, Fault: osstest.Func(func(osstest.Request) osstest.Fault {
		close(reached)
		<-gate
		return osstest.Fault{}
	})})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	upload := func(ctx context.Context, req resumable.Request) <-chan error {
		done := make(chan error, 1)
		go func() {
			_, err := u.Upload(ctx, req)
			done <- err
		}()
		return done
	}

	first := upload(ctx, w.request())
	<-reached
	next := w.request()
	next.Source = filepath.Join(t.TempDir(), "next.qcow2")
	if err := os.WriteFile(next.Source, randomBytes(2, parts*partSize), 0o600); err != nil {
		t.Fatal(err)
	}
	short, end := context.WithCancel(ctx)
	ended, second := upload(short, next), upload(ctx, next)
	select {
	case err := <-second:
		t.Errorf("the second upload did not wait: %v", err)
		second = nil
	case err := <-ended:
		t.Errorf("an upload whose context scenarios did not wait: %v", err)
		ended = nil
	case <-time.After(5 * lockWait):
	}
	end()
	if ended != nil {
		if err := <-ended; !errors.Is(err, context.Canceled) || errors.Is(err, resumable.ErrCheckpointLocked) {
			t.Errorf("an upload whose context has ended: %v", err)
		}
	}
	close(gate)
	if err := <-first; err != nil {
		t.Errorf("the first upload: %v", err)
	}
	if second == nil {
		return
	}
	if err := <-second; err != nil {
		t.Errorf("the second upload: %v", err)
	}
	w.source = next.Source
	w.checkObject()
	w.checkDisk()
}
