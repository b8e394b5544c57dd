// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package status

import (
	"cmp"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/escape"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/checkpoint"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/partplan"
)

// condition is the condition of an upload. It determines order and colour.
type condition int

const (
	live condition = iota
	interrupted
	stale
	broken // the journal cannot be read
	done
)

// upload describes one journal to the user.
type upload struct {
	entry     checkpoint.Entry
	name      escape.Text // of the object, or else of the journal
	condition condition
	state     escape.Text

	// progress is nil if the journal does not have it.
	progress *resumable.Progress
}

// look lists the journals in dir: first those that a process works on, in a stable
// order, then the others, the last written first.
func look(dir string, now time.Time) ([]upload, error) {
	entries, err := checkpoint.List(dir)
	if err != nil {
		return nil, err
	}
	var uploads []upload
	for _, e := range entries {
		uploads = append(uploads, describe(e, now))
	}
	slices.SortStableFunc(uploads, func(a, b upload) int {
		if a.condition == live || b.condition == live {
			return cmp.Or(cmp.Compare(a.condition, b.condition), cmp.Compare(a.name, b.name))
		}
		return b.entry.Modified.Compare(a.entry.Modified)
	})
	return uploads, nil
}

func describe(e checkpoint.Entry, now time.Time) upload {
	u := upload{entry: e, name: escape.Sprint(filepath.Base(e.Path)), progress: progressOf(e, now)}
	if begin := e.State.Begin; begin != nil {
		u.name = escape.Sprint(resumable.Object{Bucket: begin.Bucket, Key: begin.Object})
	}
	untouched := now.Sub(e.Modified)
	switch {
	case e.Held:
		u.condition, u.state = live, liveState(e, now)
	case untouched > resumable.StaleAfter:
		u.condition, u.state = stale, escape.Sprintf("%s %s ago, stale", pastState(e), age(untouched))
	default:
		u.condition, u.state = interrupted, escape.Sprintf("%s %s ago", pastState(e), age(untouched))
	}
	if u.found() {
		u.state += "; another process may have begun it"
	}
	switch {
	case e.Err == nil:
	case e.State.Begin == nil && errors.Is(e.Err, checkpoint.ErrDamaged):
		u.condition, u.state = broken, escape.Sprintf("%s, %s ago", reason(e.Err), age(untouched))
	case e.State.Begin == nil:
		u.condition, u.state = broken, reason(e.Err)
	default:
		u.state += "; " + reason(e.Err)
	}
	return u
}

// found reports whether another process may have begun the upload: it was found in OSS, or is
// of another resource.
func (u upload) found() bool {
	begin := u.entry.State.Begin
	return begin != nil && begin.Found && u.entry.State.UploadID != ""
}

// progressOf returns nil if the journal has no valid plan.
func progressOf(e checkpoint.Entry, now time.Time) *resumable.Progress {
	begin := e.State.Begin
	if begin == nil || e.State.UploadID == "" && len(e.State.PendingAborts) > 0 {
		return nil
	}
	parts, valid := partsOf(begin)
	if !valid {
		return nil
	}
	p := resumable.Progress{Size: begin.Size, Parts: parts, PartsStored: len(e.State.Parts)}
	for _, part := range e.State.Parts {
		p.Stored += part.Size
		if part.Copied && e.Held {
			p.Copied += part.Size
		}
	}
	if !e.Held {
		p.Kept = p.Stored // for the next run
		return &p
	}
	p.Kept = max(0, cmp.Or(begin.BytesKept, int64(begin.PartsKept)*begin.PartSize)) // an earlier version has only equal parts
	moved := p.Stored - p.Kept
	if begin.CopyOf == "" {
		moved -= p.Copied // not through the network
	}
	p.Rate = float64(max(0, moved)) / max(now.Sub(begin.Time).Seconds(), 1)
	return &p
}

// partsOf returns the number of parts of an upload, and whether it can be right. A journal
// of an earlier version does not have it: all parts have the same size.
func partsOf(begin *checkpoint.Begin) (parts int, valid bool) {
	if begin.Parts == 0 {
		plan, err := partplan.New(begin.Size, begin.PartSize)
		return plan.Len(), err == nil
	}
	return begin.Parts, begin.Size >= 0 && begin.Parts > 0 && begin.Parts <= partplan.MaxParts
}

// maxHost is the maximum length of a host name. Source: RFC 1035, 2.3.4.
const maxHost = 253

// reason says why a journal cannot be used.
func reason(err error) escape.Text { return escape.Cut(escape.Sprint(err), maxColumns) }

// liveState says what the process is doing, which process it is, and since when.
func liveState(e checkpoint.Entry, now time.Time) escape.Text {
	doing := escape.Text("uploading")
	switch {
	case e.State.UploadID == "":
		doing = "starting"
	case e.State.Begin != nil && complete(e.State):
		doing = "finishing"
	case e.State.Begin != nil && e.State.Begin.CopyOf != "":
		doing = "copying inside OSS"
	}
	if e.Holder == nil {
		return doing + " by an unknown process"
	}
	who := escape.Sprintf("pid %d", e.Holder.PID)
	if host, err := os.Hostname(); err != nil || host != e.Holder.Host {
		who += " on " + escape.Cut(escape.Sprint(e.Holder.Host), maxHost)
	}
	return escape.Sprintf("%s, %s, for %s", doing, who, age(now.Sub(e.Holder.Since)))
}

func complete(s checkpoint.State) bool {
	parts, valid := partsOf(s.Begin)
	return valid && len(s.Parts) == parts
}

// pastState says how the upload ended.
func pastState(e checkpoint.Entry) escape.Text {
	switch {
	case e.State.UploadID != "":
		return "interrupted"
	case len(e.State.PendingAborts) > 0:
		return "abandoned but not aborted yet,"
	}
	return "interrupted before it had an upload ID,"
}
