// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package e2e

import (
	"fmt"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
)

// An apply resumes from a slow disk, where each read takes 100 ms. To compare some of the
// stored parts, it must read them, which takes more than ten seconds. When Terraform is
// interrupted, the provider stops reading, even in the middle of a part.
func TestApply_stoppedWhileStoredPartsAreCompared(t *testing.T) {
	const patience = 5 * time.Second // Terraform itself and the tracer take a part of it
	for _, c := range []struct {
		name     string
		partSize int
		unsummed bool // OSS does not tell the CRC-64 of the parts
	}{
		{"parts that are not whole blocks of the fingerprint", partSize, false},
		{"a large part without CRC-64", 32 * partSize, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			w.Via = injecting(t, "pread64:delay_enter=100000")
			slow := w.Via
			w.Via = nil
			w.reconfigure(fmt.Sprintf("part_size           = %d", partSize), fmt.Sprintf("part_size           = %d", c.partSize))
			// The cache does not trust a file that changed within two seconds, and
			// without it the plan would read the file, slowly.
			time.Sleep(2100 * time.Millisecond)
			p, release := w.startAndHold(parts * partSize / c.partSize * 7 / 8)
			p.Kill()
			release()
			w.settle()
			if c.unsummed {
				w.server.AddRule(osstest.Rule{Op: osstest.ListParts, Fault: osstest.Func(func(osstest.Request) osstest.Fault {
					return osstest.Garbage(200, "application/xml", w.listedUnsummed())
				})})
			}
			w.server.ResetLog()

			w.Via = slow
			p, err := w.Start(nil, "apply", "-auto-approve", "-input=false", "-no-color")
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { p.SignalGroup(syscall.SIGKILL); p.Wait() })
			listed := func(r osstest.Request) bool { return r.Op == osstest.ListParts && r.Status == 200 && !r.Ended.IsZero() }
			if err := w.server.WaitFor(w.ctx(), func(requests []osstest.Request) bool { return slices.ContainsFunc(requests, listed) }); err != nil {
				t.Fatalf("%v\n%s", err, p.Text())
			}
			w.waitForRead()
			stopped := time.Now()
			p.SignalGroup(syscall.SIGINT)
			select {
			case <-p.Done():
			case <-time.After(patience):
				t.Errorf("it did not stop within %v", patience)
				<-p.Done()
			}
			out := p.Wait()
			t.Logf("it took %v to stop", time.Since(stopped).Round(10*time.Millisecond))
			if out.ExitCode == 0 || w.object() != nil {
				t.Errorf("the apply was not stopped:\n%s", out.Text)
			}
			w.Via = nil
			w.server.ClearRules()
			w.mustApply()
			w.checkDone()
		})
	}
}

// waitForRead waits until the file is being read, as inotify reports.
func (w *world) waitForRead() {
	w.t.Helper()
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC)
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = unix.Close(fd) }()
	if _, err := unix.InotifyAddWatch(fd, w.source, unix.IN_ACCESS); err != nil {
		w.t.Fatal(err)
	}
	deadline := time.Now().Add(20 * time.Second)
	for {
		n, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, int(max(0, time.Until(deadline).Milliseconds())))
		switch {
		case err == unix.EINTR:
		case err != nil || n == 0:
			w.t.Fatalf("the file is not read: %v", err)
		default:
			return
		}
	}
}

// listedUnsummed returns ListParts of the only upload, without the element for the CRC-64,
// which OSS does not document.
func (w *world) listedUnsummed() string {
	upload := w.server.OpenUploads(bucket)[0]
	var b strings.Builder
	fmt.Fprintf(&b, "<ListPartsResult><Bucket>%s</Bucket><Key>%s</Key><UploadId>%s</UploadId><MaxParts>1000</MaxParts><IsTruncated>false</IsTruncated>",
		bucket, key, upload.UploadID)
	for _, p := range upload.Parts {
		fmt.Fprintf(&b, "<Part><PartNumber>%d</PartNumber><Size>%d</Size><ETag>%s</ETag></Part>", p.Number, p.Size, p.ETag)
	}
	b.WriteString("</ListPartsResult>")
	return b.String()
}
