// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package explore

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/terraform"
)

// retries is the maximum number of applies without new faults after a failed one.
const retries = 3

// failure is a failed check. Its kind is one of few, so that failures of different sequences
// can be compared.
type failure struct{ Kind, Detail string }

func failed(kind, format string, args ...any) *failure {
	return &failure{Kind: kind, Detail: fmt.Sprintf(format, args...)}
}

// tally counts the steps, applies and requests of all sequences.
var tally struct{ sequences, steps, applies, faults, failures atomic.Int64 }

// world is the environment of a sequence: a server, a workspace, and the files and objects of others.
type world struct {
	*terraform.Workspace
	setup    setup
	server   *osstest.Server
	dir      string // checkpoint directory
	others   *foreigners
	archived []uint64 // checksums of objects that an outsider has archived
	strange  []place  // objects of outsiders at keys that no instance has used since
	spare    []string // uploads that may stay open, because their journal was lost

	have    []instance // the instances after the last step
	trigger int
	outputs []string          // of this step, with the requests
	log     []osstest.Request // of this step
}

// open creates a world below dir. All worlds share one terraform init.
func open(dir string, s setup) (*world, error) {
	server, err := osstest.New(osstest.Config{Dir: filepath.Join(dir, "oss")})
	if err != nil {
		return nil, err
	}
	if _, err := server.Start("127.0.0.1:0"); err != nil {
		return nil, err
	}
	w := &world{setup: s, server: server, dir: filepath.Join(dir, "checkpoints")}
	w.Workspace, err = template.Sibling(filepath.Join(dir, "workspace"), "",
		"OSS_ENDPOINT="+server.URL(),
		"ALIBABA_CLOUD_REGION=cn-hangzhou",
		"ALIBABA_CLOUD_ACCESS_KEY_ID="+osstest.AccessKeyID,
		"ALIBABA_CLOUD_ACCESS_KEY_SECRET="+osstest.AccessKeySecret,
		"OSSRESUMABLE_CHECKPOINT_DIR="+w.dir,
	)
	if err != nil {
		return nil, err
	}
	w.others, err = plant(server, w.dir)
	if s.Versioned {
		server.SetVersioning(place{Bucket: 1}.bucket(), "Enabled")
	}
	return w, err
}

// run runs a sequence in a new world. It returns the number of the failed step.
func run(seq sequence) (int, *failure) {
	tally.sequences.Add(1)
	dir, err := os.MkdirTemp(scratch, "sequence-")
	if err != nil {
		return 0, failed(broken, "%v", err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	w, err := open(dir, seq.Setup)
	if err != nil {
		return 0, failed(broken, "%v", err)
	}
	defer func() { _ = w.server.Close() }()
	for n, s := range seq.Steps {
		tally.steps.Add(1)
		f := w.step(s)
		if traced {
			fmt.Printf("=== step %d: %s\n%s", n+1, s, w.trace())
		}
		if f != nil && ignores(f.Kind) {
			return 0, nil
		}
		if f != nil {
			f.Detail += "\n" + w.trace()
			return n + 1, f
		}
	}
	return 0, nil
}

// trace describes the last step.
func (w *world) trace() string {
	var b strings.Builder
	for _, out := range w.outputs {
		b.WriteString(out + "\n")
	}
	return b.String()
}

// step runs a step: its first apply, then plain applies until one succeeds, and then the
// checks.
func (w *world) step(s step) *failure {
	w.outputs, w.log = nil, nil
	w.claim(s.Want)
	w.server.ResetLog()
	if s.Lose {
		if f := w.loseDir(); f != nil {
			return f
		}
	}
	if s.Outside != nil && !s.Between {
		w.outside(s)
	}
	if s.Duplicate != nil {
		if f := w.duplicate(s); f != nil {
			return f
		}
	}
	if f := w.prepare(s); f != nil {
		return f
	}
	if f := w.configure(s.Want, s.Trigger, s.Dependent); f != nil {
		return f
	}
	before := w.state()
	out, f := w.firstApply(s)
	if f != nil {
		return f
	}
	if f := w.checkUnseen(s); f != nil {
		return f
	}
	if f := w.checkClaims(s); f != nil {
		return f
	}
	if s.LoseAfter {
		if f := w.loseDir(); f != nil {
			return f
		}
	}
	if out.ExitCode != 0 || !s.whole() || s.LoseAfter {
		if out, f = w.converge(s); f != nil {
			return f
		}
	}
	f = w.judge(s, before, out)
	w.have, w.trigger = s.Want, s.Trigger
	return f
}

// outside performs the change of the outsider, and records what must not change. An archived
// object may stay archived, also at a new key, but not with other bytes.
func (w *world) outside(s step) {
	o := s.Outside
	o.act(w.server)
	if object, ok := w.server.Object(o.Place.bucket(), o.Place.key()); ok && o.Do == outsideArchives {
		w.archived = append(w.archived, object.CRC64)
	}
	w.strange = slices.DeleteFunc(w.strange, func(p place) bool { return p == o.Place })
	if o.Do == outsidePut && !slices.Contains(placesOf(w.have), o.Place) {
		w.strange = append(w.strange, o.Place)
	}
	w.claim(s.Want)
}

// claim records that instances own their keys, so objects of outsiders there may be replaced.
func (w *world) claim(want []instance) {
	w.strange = slices.DeleteFunc(w.strange, func(p place) bool { return slices.Contains(placesOf(want), p) })
}

// converge applies until it succeeds.
func (w *world) converge(s step) (out terraform.Output, f *failure) {
	if f := w.configure(s.Want, s.Trigger, ""); f != nil {
		return out, f
	}
	for range retries {
		if out, f = w.apply(nil); f != nil || out.ExitCode == 0 {
			return out, f
		}
		if f = w.checkClaims(s); f != nil {
			return out, f
		}
	}
	return out, failed(neverDone, "%d applies without new faults have failed", retries)
}

// prepare runs the commands before the apply.
func (w *world) prepare(s step) *failure {
	var args []string
	if i, ok := find(w.have, s.Taint); ok {
		args = []string{"taint", w.setup.address(i)}
	}
	from, ok := find(w.have, s.Move[0])
	if to, ok2 := find(s.Want, s.Move[1]); ok && ok2 {
		args = []string{"state", "mv", w.setup.address(from), w.setup.address(to)}
	}
	if args == nil {
		return nil
	}
	out, f := w.terraform(nil, args...)
	if f == nil && out.ExitCode != 0 {
		return failed(broken, "terraform %v: %s", args, out.Text)
	}
	return f
}

// configure writes main.tf and the files of its instances. It does not touch files whose
// bytes do not change.
func (w *world) configure(want []instance, trigger int, dependent string) *failure {
	err := w.Configure(w.setup.config(want, trigger, dependent))
	for _, i := range want {
		path, bytes := filepath.Join(w.Dir, i.Name+".bin"), content(i.Content)
		if there, readErr := os.ReadFile(path); readErr == nil && slices.Equal(there, bytes) || err != nil {
			continue
		}
		if err = os.WriteFile(path+".new", bytes, 0o600); err == nil {
			err = os.Rename(path+".new", path)
		}
	}
	if err != nil {
		return failed(broken, "%v", err)
	}
	return nil
}

// loseDir removes the checkpoints, as on another machine. Open uploads may then stay open.
func (w *world) loseDir() *failure {
	err := os.RemoveAll(w.dir)
	if err == nil {
		err = w.others.plantFiles(w.dir)
	}
	if err != nil {
		return failed(broken, "%v", err)
	}
	for n := range buckets {
		for _, upload := range w.server.OpenUploads(place{Bucket: n}.bucket()) {
			w.spare = append(w.spare, upload.UploadID)
		}
	}
	return nil
}
