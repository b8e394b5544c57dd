// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/terraform"
)

// configureAction adds the action that sends the parts, with the arguments of the
// resource and more of them for both.
func (w *world) configureAction(both, action, resource string) {
	w.t.Helper()
	const trigger = `
  lifecycle {
    action_trigger {
      events  = [before_create, before_update]
      actions = [action.ossresumable_upload.disk]
    }
  }
`
	config := w.config(both+"\n"+resource+trigger) + fmt.Sprintf(`
action "ossresumable_upload" "disk" {
  config {
    bucket              = %q
    key                 = %q
    source              = %q
    part_size           = %d
    parallelism         = %d
    multipart_threshold = 102400
    %s
    %s
  }
}
`, bucket, key, w.source, partSize, parallel, both, action)
	if err := w.Configure(config); err != nil {
		w.t.Fatal(err)
	}
}

// progressIn returns the lines of the action in the output of apply -json.
func progressIn(t *testing.T, out terraform.Output) (lines []string) {
	t.Helper()
	for line := range strings.Lines(out.Text) {
		var event struct {
			Type string
			Hook struct{ Message string }
		}
		if err := json.Unmarshal([]byte(line), &event); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		if event.Type == "action_progress" {
			lines = append(lines, event.Hook.Message)
		}
	}
	return lines
}

// Terraform shows the progress, and the resource completes what the action has sent: a
// create, an update of some bytes, and an update of a header.
func TestUploadAction(t *testing.T) {
	needsTerraform(t, queriesAndActions)
	w := newWorld(t)
	w.configureAction("", "", "")
	var atComplete atomic.Value
	var apply *terraform.Process
	w.server.AddRule(osstest.Rule{Op: osstest.CompleteMultipartUpload, Times: 1, Fault: osstest.Func(func(osstest.Request) osstest.Fault {
		atComplete.Store(apply.Text())
		return osstest.Fault{}
	})})
	apply = w.startTerraform()
	out := w.mustEnd(apply)
	w.check(out.Text, "action.ossresumable_upload.disk (triggered by ossresumable_object.disk): 100.0 % (8.0 of 8.0 MiB, 64 of 64 parts, ",
		"OSS holds all 64 parts of oss://bucket/images/disk.img (8.0 MiB sent); the resource completes the object")
	if text, _ := atComplete.Load().(string); !strings.Contains(text, "Action complete: ") {
		t.Errorf("completed while Terraform had printed\n%s", text)
	}
	w.checkDone()
	if n := w.server.Count(osstest.CopyObject); n > 0 || w.server.Count(osstest.UploadPart) != parts {
		t.Errorf("%d copies, %d parts", n, w.server.Count(osstest.UploadPart))
	}

	w.content[5*partSize] ^= 1
	if err := os.WriteFile(w.source, w.content, 0o600); err != nil {
		t.Fatal(err)
	}
	w.server.ResetLog()
	out = w.run("apply", "-auto-approve", "-input=false", "-json")
	lines := strings.Join(progressIn(t, out), "\n")
	if out.ExitCode != 0 || !strings.Contains(lines, "100.0 % (8.0 of 8.0 MiB, 64 of 64 parts, 7.0 MiB copied, ") ||
		!strings.Contains(lines, "(1.0 MiB sent, 7.0 MiB copied); the resource") {
		t.Errorf("exit status %d\n%s", out.ExitCode, out.Text)
	}
	w.checkDone()
	if n := w.server.Count(osstest.CopyObject); n > 0 || w.server.Count(osstest.UploadPart) != 8 || w.server.Count(osstest.UploadPartCopy) != parts-8 { // a block is 1 MiB
		t.Errorf("an update of one block of the fingerprint: %v", w.server.Requests())
	}

	w.configureAction(`cache_control = "no-cache"`, "", "")
	w.server.ResetLog()
	w.check(w.mustApply().Text, "already has the content of "+w.source+"; nothing was sent")
	if n := w.writes(); n != 1 || w.server.Count(osstest.CopyObject) != 1 {
		t.Errorf("a new header: %v", w.server.Requests())
	}
}

// Killed in the action, the next apply continues.
func TestUploadAction_killed(t *testing.T) {
	needsTerraform(t, queriesAndActions)
	w := newWorld(t)
	w.configureAction("", "", "")
	w.stopAndResume(stops["SIGKILL to the group"], 20, false)
	if n := w.server.Count(osstest.InitiateMultipartUpload); n != 1 {
		t.Errorf("%d uploads", n)
	}
}

// After Ctrl-C, the action says what is safe, and the resource does not begin in that
// apply. Terraform 1.16 says that it does, before it starts the action.
func TestUploadAction_interrupted(t *testing.T) {
	needsTerraform(t, queriesAndActions)
	w := newWorld(t)
	w.configureAction("", "", "")
	p := w.startPausing(10)
	before := len(w.server.Requests())
	p.SignalGroup(syscall.SIGINT)
	out := p.Wait()
	if out.ExitCode == 0 {
		t.Error("the apply was not stopped")
	}
	w.check(out.Text, "Upload interrupted", "are stored in OSS and will not be sent again", "Run terraform apply again")
	w.settle()
	for _, r := range w.server.Requests()[before:] {
		if r.Op != osstest.UploadPart {
			t.Errorf("sent %v", r)
		}
	}
	w.mustApply()
	w.checkDone()
}

// A file that the apply makes is named in triggers, so that the action waits for it.
func TestUploadAction_triggers(t *testing.T) {
	needsTerraform(t, queriesAndActions)
	w := newWorld(t)
	defer w.serve()()
	made := w.source
	w.source = filepath.Join(t.TempDir(), "made.img")
	w.configureAction("", "triggers = { build = terraform_data.build.id }", "depends_on = [terraform_data.build]")
	main, err := os.ReadFile(filepath.Join(w.Dir, "main.tf"))
	if err != nil {
		t.Fatal(err)
	}
	build := fmt.Sprintf("\nresource \"terraform_data\" \"build\" {\n  provisioner \"local-exec\" {\n    command = \"cp '%s' '%s'\"\n  }\n}\n", made, w.source)
	if err := w.Configure(string(main) + build); err != nil {
		t.Fatal(err)
	}
	w.check(w.mustApply().Text, "100.0 % (8.0 of 8.0 MiB, 64 of 64 parts, ")
	w.checkDone()
	if n := w.server.Count(osstest.UploadPart); n != parts {
		t.Errorf("%d parts", n)
	}
}
