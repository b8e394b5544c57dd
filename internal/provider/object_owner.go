// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/escape"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// ownership is stored in the private state of an instance. It names the mark by
// which the instance recognizes its object. See [resumable.Claim].
//
// Terraform passes it to every operation except two: a Create starts with none and
// makes a new one, and the Delete of a tainted instance gets none either.
type ownership struct {
	ID string `json:"id"` // "": the object has no mark of this instance

	// Imported means that the next Read accepts any mark on the object and stores it
	// in From. The instance gets its own ID at its first write.
	Imported bool   `json:"imported,omitempty"`
	From     string `json:"from,omitempty"`

	// Taken means that the last Read found the mark of another instance.
	Taken bool `json:"taken,omitempty"`

	// Foreign means that the object may have other content than source_hash in the state
	// says, because remote_changes keeps what other programs write.
	Foreign bool `json:"foreign,omitempty"`

	// CopiedFrom is the ETag of the source_object that was copied last. It identifies
	// a source without CRC-64.
	CopiedFrom string `json:"copied_from,omitempty"`

	// Copies are the objects that failed renames have left.
	Copies []ownCopy `json:"copies,omitempty"`
}

// ownCopy is an object of this instance that is not in the state.
type ownCopy struct {
	Bucket string `json:"bucket"`
	Key    string `json:"key"`
	Mark   string `json:"mark"`
}

func (c ownCopy) object() resumable.Object { return resumable.Object{Bucket: c.Bucket, Key: c.Key} }

const ownershipKey = "owner"

// privateState is the part of the framework's private state that a resource uses.
type privateState interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

// ownershipIn returns the ownership in the private state. It returns false if the
// instance is new or tainted, or from a version without marks.
func ownershipIn(ctx context.Context, private privateState) (o ownership, known bool) {
	text, _ := private.GetKey(ctx, ownershipKey)
	if len(text) == 0 || json.Unmarshal(text, &o) != nil {
		return ownership{}, false
	}
	return o, true
}

func (o ownership) keepIn(ctx context.Context, private privateState) diag.Diagnostics {
	text, err := json.Marshal(o)
	if err != nil {
		return diag.Diagnostics{errorAt(path.Empty(), "Private state cannot be encoded", escape.Sprint(err))}
	}
	return private.SetKey(ctx, ownershipKey, text)
}

// owner returns the name of the instance in the engine.
func (o ownership) owner() string {
	if o.ID == "" {
		return resumable.Unmarked
	}
	return o.ID
}

// setMark marks the object that a request writes as owned by this instance.
func (o ownership) setMark(dst *resumable.Destination) {
	dst.Owner, dst.Headers.Mark = o.owner(), o.ID
	for _, c := range o.Copies {
		if o.ID == "" && c.object() == dst.Object {
			dst.Headers.Mark = c.Mark
		}
	}
	if dst.Headers.Mark == "" {
		dst.Headers.Mark = resumable.NewMark()
	}
}

// wrote records the mark of an object after a request.
func (o *ownership) wrote(mark string) {
	o.ID, o.Taken, o.From = mark, false, ""
	if mark == resumable.Unmarked {
		o.ID = ""
	}
}

// uploaded records the mark of an object after an upload or a rename.
func (o *ownership) uploaded(result resumable.Result) {
	o.wrote(result.Owner)
	if from := result.CopiedFrom.ETag; from != "" {
		o.CopiedFrom = from
	}
}

// copied records an object at a new key, for a rename that fails before the state
// names it.
func (o *ownership) copied(obj resumable.Object, mark string) {
	if mark == resumable.Unmarked {
		return // without a mark, its owner could not be determined later
	}
	*o = o.without(obj)
	o.Copies = append(o.Copies, ownCopy{obj.Bucket, obj.Key, mark})
}

// without returns the ownership without a copy at obj.
func (o ownership) without(obj resumable.Object) ownership {
	o.Copies = slices.DeleteFunc(slices.Clone(o.Copies), func(c ownCopy) bool { return c.object() == obj })
	return o
}

// found returns the ownership after a Read. An instance without an ID does not adopt
// a mark later: a mark that appears on its object belongs to another instance. Only
// an import accepts the existing mark, and not as its ID, because the instance with
// that ID may still exist.
func (o ownership) found(known bool, mark string) ownership {
	if known && o.Imported {
		return ownership{From: mark}
	}
	o.Taken = mark != "" && mark != o.ID && mark != o.From
	return o
}
