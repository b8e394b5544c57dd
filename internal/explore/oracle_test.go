// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package explore

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/terraform"
)

// The kinds of failure.
const (
	lost           = "an object in the state is not in OSS"
	differs        = "an object does not have the bytes of its file"
	unreadable     = "an object is archived although the configuration is not"
	overRemoved    = "an object was deleted after the same step had written it"
	notRemoved     = "the object of a removed resource stays without a warning"
	notEmpty       = "the next plan is not empty"
	neverDone      = "no apply succeeds"
	endless        = "a command does not end"
	uploadOpen     = "an upload is left open"
	fileTouched    = "a file of the user was changed"
	outsideTouched = "an object of another program was changed"
	outsideLost    = "an object of another program was deleted after the last refresh"
	uploadTouched  = "an upload of another program was changed"
	duplicateSent  = "two resources with the same key are not an error at plan"
	illegal        = "an invalid request"
	broken         = "an error of the test"
)

// judge checks the result of a step whose last apply, out, succeeded. before is the state
// before the step.
func (w *world) judge(s step, before []claim, out terraform.Output) *failure {
	claims := w.state()
	checks := []func() *failure{
		func() *failure { return w.checkObjects(s, claims) },
		func() *failure { return w.checkDeletes(s) },
		w.others.checkFiles,
		func() *failure { return w.others.checkObjects(w.server) },
		w.checkStrange,
		func() *failure { return w.others.checkUploads(w.server) },
		func() *failure { return w.checkRemoved(s, before, out) },
		w.checkUploads,
		w.checkPlan,
		func() *failure {
			if violations := w.server.Violations(); len(violations) > 0 {
				return failed(illegal, "%s", strings.Join(violations, "\n"))
			}
			return nil
		},
	}
	for _, check := range checks {
		if f := check(); f != nil && !(f.Kind == fileTouched && ignores(f.Kind)) {
			return f
		}
	}
	return nil
}

// claim is an object that the state names.
type claim struct {
	Name    string // of the instance
	Place   place
	Deposed bool
}

// state reads the objects from the state.
func (w *world) state() (claims []claim) {
	var state struct {
		Resources []struct {
			Type, Name string
			Instances  []struct {
				IndexKey   string `json:"index_key"`
				Deposed    string
				Attributes struct{ Bucket, Key string }
			}
		}
	}
	text, err := os.ReadFile(filepath.Join(w.Dir, "terraform.tfstate"))
	if err != nil {
		return nil // before the first apply
	}
	if err := json.Unmarshal(text, &state); err != nil {
		panic(err)
	}
	for _, r := range state.Resources {
		for _, i := range r.Instances {
			c := claim{Name: r.Name, Deposed: i.Deposed != ""}
			if w.setup.ForEach {
				c.Name = i.IndexKey
			}
			for _, p := range allPlaces() {
				if p.is(i.Attributes.Bucket, i.Attributes.Key) {
					c.Place = p
				}
			}
			if r.Type == "ossresumable_object" {
				claims = append(claims, c)
			}
		}
	}
	return claims
}

// checkObjects checks that every object in the state exists, is readable and has the bytes
// of its file, and that the state matches the configuration.
func (w *world) checkObjects(s step, claims []claim) *failure {
	if len(claims) != len(s.Want) {
		return failed(notEmpty, "the state claims %+v", claims)
	}
	for _, c := range claims {
		i, ok := find(s.Want, c.Name)
		if !ok || c.Deposed || c.Place != i.Place {
			return failed(notEmpty, "the state claims %+v", c)
		}
		object, ok := w.server.Object(i.Place.bucket(), i.Place.key())
		if !ok {
			return failed(lost, "%s", i)
		}
		if !bytes.Equal(read(object), content(i.Content)) {
			return failed(differs, "%s", i)
		}
		if strings.Contains(object.Header.Get("X-Oss-Storage-Class"), "Archive") && !slices.Contains(w.archived, object.CRC64) {
			return failed(unreadable, "%s", i)
		}
	}
	return nil
}

// checkClaims checks the state after a failed or partial apply: the objects that should stay
// must exist. A later apply would create them again and hide the loss. The state may lack
// changes of a killed apply.
func (w *world) checkClaims(s step) *failure {
	if s.killed() {
		return nil
	}
	for _, c := range w.state() {
		i, ok := find(s.Want, c.Name)
		if !ok || c.Deposed || c.Place != i.Place || s.Outside != nil && s.Outside.Place == i.Place {
			continue
		}
		if _, ok := w.server.Object(i.Place.bucket(), i.Place.key()); !ok {
			return failed(lost, "%s, before the end of the step", i)
		}
	}
	return nil
}

func wrote(r osstest.Request) bool {
	return r.Done && (r.Op == osstest.PutObject || r.Op == osstest.CopyObject || r.Op == osstest.CompleteMultipartUpload)
}

// checkDeletes finds objects that were written for one resource and deleted by another, even
// if a later apply has created them again. A replacement deletes before it writes; after a
// kill, it may do both again.
func (w *world) checkDeletes(s step) *failure {
	if s.killed() && (s.Taint != "" || s.Trigger != w.trigger) {
		return nil
	}
	for _, deleted := range w.log {
		if deleted.Op != osstest.DeleteObject || !deleted.Done {
			continue
		}
		for _, p := range placesOf(s.Want) {
			if !p.is(deleted.Bucket, deleted.Key) {
				continue
			}
			for _, r := range w.log {
				if wrote(r) && p.is(r.Bucket, r.Key) && !r.Ended.IsZero() && r.Ended.Before(deleted.Time) {
					return failed(overRemoved, "%s\nwas followed by\n%s", r, deleted)
				}
			}
		}
	}
	return nil
}

// checkUnseen checks an apply that could not know about an object of an outsider. It may
// overwrite the object, but not delete it.
func (w *world) checkUnseen(s step) *failure {
	if !s.unseen() || s.Outside.Do != outsidePut {
		return nil
	}
	for _, r := range w.log {
		if !s.Outside.Place.is(r.Bucket, r.Key) {
			continue
		}
		if wrote(r) {
			return nil
		}
		if r.Op == osstest.DeleteObject && r.Done {
			return failed(outsideLost, "%s", r)
		}
	}
	return nil
}

// checkStrange checks the objects of outsiders at keys that no instance has used since.
func (w *world) checkStrange() *failure {
	for _, p := range w.strange {
		if object, ok := w.server.Object(p.bucket(), p.key()); !ok || !bytes.Equal(read(object), foreign) {
			return failed(outsideTouched, "%s was changed", p)
		}
	}
	return nil
}

// stays matches the warnings about an object that a destroy or rename does not delete.
var stays = regexp.MustCompile(`(?i)stays in OSS|belongs to another|was not deleted|was left alone`)

// checkRemoved checks that the objects which a plain apply removed do not exist.
func (w *world) checkRemoved(s step, before []claim, out terraform.Output) *failure {
	if !s.plain() || s.Duplicate != nil || stays.MatchString(out.Text) {
		return nil
	}
	for _, c := range before {
		if _, there := w.server.Object(c.Place.bucket(), c.Place.key()); there && !slices.Contains(placesOf(s.Want), c.Place) {
			return failed(notRemoved, "%s of %s", c.Place, c.Name)
		}
	}
	return nil
}

// checkUploads finds uploads that the provider has neither completed nor aborted.
func (w *world) checkUploads() *failure {
	for n := range buckets {
		for _, upload := range w.server.OpenUploads(place{Bucket: n}.bucket()) {
			if !slices.Contains(w.others.uploads, upload.UploadID) && !slices.Contains(w.spare, upload.UploadID) {
				return failed(uploadOpen, "%s: %+v", place{Bucket: n}.bucket(), upload)
			}
		}
	}
	return nil
}

// checkPlan checks that a plan has no changes and sends no write requests.
func (w *world) checkPlan() *failure {
	from := len(w.log)
	out, f := w.terraform(nil, "plan", "-input=false", "-no-color", "-detailed-exitcode")
	if f != nil {
		return f
	}
	if out.ExitCode != 0 {
		return failed(notEmpty, "exit status %d", out.ExitCode)
	}
	for _, r := range w.log[from:] {
		if r.Op.Writes() {
			return failed(notEmpty, "a plan sent %s", r)
		}
	}
	return nil
}

// duplicate adds a second resource with the same key. That must be an error at plan, before
// any request is sent.
func (w *world) duplicate(s step) *failure {
	if ignores(duplicateSent) {
		return nil
	}
	if f := w.configure(append(slices.Clone(s.Want), *s.Duplicate), s.Trigger, ""); f != nil {
		return f
	}
	from := len(w.log)
	out, f := w.apply(nil)
	if f != nil {
		return f
	}
	for _, r := range w.log[from:] {
		if r.Op.Writes() {
			return failed(duplicateSent, "%s", r)
		}
	}
	if out.ExitCode == 0 || !strings.Contains(out.Text, s.Duplicate.Place.key()) {
		return failed(duplicateSent, "exit status %d", out.ExitCode)
	}
	return nil
}
