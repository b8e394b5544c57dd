// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package explore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/terraform"
)

// commandLimit is longer than any timeout of the provider, even on a slow machine.
const commandLimit = 2 * time.Minute

// apply runs an apply, with the fault if it is not nil.
func (w *world) apply(f *fault, args ...string) (terraform.Output, *failure) {
	tally.applies.Add(1)
	before, err := os.ReadFile(filepath.Join(w.Dir, "terraform.tfstate"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return terraform.Output{}, failed(broken, "%v", err)
	}
	out, bad := w.terraform(f, append([]string{"apply", "-auto-approve", "-input=false", "-no-color"}, args...)...)
	if bad == nil {
		bad = w.restoreState(before)
	}
	return out, bad
}

// restoreState restores the state from before an apply, if the apply was killed while
// Terraform wrote the state: Terraform overwrites the file in place. A user would restore
// the backup.
func (w *world) restoreState(before []byte) *failure {
	path := filepath.Join(w.Dir, "terraform.tfstate")
	now, err := os.ReadFile(path)
	if err != nil || json.Valid(now) {
		return nil
	}
	w.outputs = append(w.outputs, "--- the kill truncated the state; restored the previous one")
	if before == nil {
		err = os.Remove(path)
	} else {
		err = os.WriteFile(path, before, 0o600)
	}
	if err != nil {
		return failed(broken, "%v", err)
	}
	return nil
}

// firstApply runs the first apply of the step.
func (w *world) firstApply(s step) (out terraform.Output, f *failure) {
	var args []string
	if i, ok := find(s.Want, s.Target); ok {
		args = append(args, "-target="+w.setup.address(i))
	}
	if i, ok := find(s.Want, s.Replace); ok {
		args = append(args, "-replace="+w.setup.address(i))
	}
	if s.NoRefresh {
		args = append(args, "-refresh=false")
	}
	if !s.Between {
		return w.apply(s.Fault, args...)
	}
	out, f = w.terraform(nil, append([]string{"plan", "-input=false", "-no-color", "-out=plan"}, args...)...)
	if f != nil || out.ExitCode != 0 {
		return out, f
	}
	w.drain()
	if s.Outside != nil {
		w.outside(s)
	}
	return w.apply(s.Fault, "plan")
}

// terraform runs a command, and stores its output and its requests.
func (w *world) terraform(f *fault, args ...string) (out terraform.Output, bad *failure) {
	ctx, cancel := context.WithTimeout(context.Background(), commandLimit)
	defer cancel()
	trap := arm(w.server, f)
	p, err := w.Start(nil, args...)
	if err != nil {
		return out, failed(broken, "%v", err)
	}
	tooLong := context.AfterFunc(ctx, func() { p.SignalGroup(syscall.SIGKILL) })
	trap.watch(ctx, p)
	out = p.Wait()
	met := trap.disarm()
	tally.faults.Add(int64(met))
	if !tooLong() {
		bad = failed(endless, "%v after %s", args, commandLimit)
	}
	settleCtx, cancelSettle := context.WithTimeout(context.Background(), time.Minute)
	defer cancelSettle()
	if err := settle(settleCtx, w.server); err != nil && bad == nil {
		bad = failed(broken, "requests did not end: %v", err)
	}
	w.outputs = append(w.outputs, fmt.Sprintf("--- terraform %s: exit status %d, %d requests with a fault\n%s",
		strings.Join(args, " "), out.ExitCode, met, brief(out.Text)))
	w.drain()
	return out, bad
}

// drain moves the requests from the log of the server to that of the step.
func (w *world) drain() {
	for _, r := range w.server.Requests() {
		w.log = append(w.log, r)
		w.outputs = append(w.outputs, "    "+r.String())
	}
	w.server.ResetLog()
}

// brief returns the output of Terraform without the attributes of planned changes.
func brief(text string) string {
	var lines []string
	for line := range strings.Lines(text) {
		if line = strings.TrimRight(line, " \n"); line != "" && !attribute.MatchString(line) {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

var attribute = regexp.MustCompile(`^ +([+~-] |[}]|# \()|^(-/\+|\+/-) |^ {6}|^Terraform (used|will|has)|^plan\. |^and found`)
