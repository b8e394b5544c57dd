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

// ownership is what the private state of an instance keeps: by which mark its
// object is its own. See [resumable.Claim].
//
// Terraform hands it to every operation, with two exceptions. A Create gets none
// and makes a new one; the Delete of a tainted instance gets none either.
type ownership struct {
	ID string `json:"id"` // "": the object does not carry a mark of this instance

	// Imported says that the next Read takes over whatever mark the object carries,
	// which is then From. The instance makes an ID of its own when it first writes.
	Imported bool   `json:"imported,omitempty"`
	From     string `json:"from,omitempty"`

	// Taken says that the last Read found the mark of another instance.
	Taken bool `json:"taken,omitempty"`

	// Copies are objects that renames made before they failed.
	Copies []ownCopy `json:"copies,omitempty"`
}

// ownCopy is an object of this instance beside the one in the state.
type ownCopy struct {
	Bucket string `json:"bucket"`
	Key    string `json:"key"`
	Mark   string `json:"mark"`
}

func (c ownCopy) object() resumable.Object { return resumable.Object{Bucket: c.Bucket, Key: c.Key} }

const ownershipKey = "owner"

// privateState is the part of the framework's type that a resource uses.
type privateState interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

// ownershipIn returns what the private state says, or false when it says nothing:
// the instance is new or tainted, or from a version without marks.
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

// owner is the instance by the name that the engine knows.
func (o ownership) owner() string {
	if o.ID == "" {
		return resumable.Unmarked
	}
	return o.ID
}

// sign makes the object that a request writes this instance's own.
func (o ownership) sign(dst *resumable.Destination) {
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

// wrote records the mark that an object carries after a request.
func (o *ownership) wrote(mark string) {
	o.ID, o.Taken, o.From = mark, false, ""
	if mark == resumable.Unmarked {
		o.ID = ""
	}
}

// copied remembers an object at a new place, for a rename that ends before the
// state names it.
func (o *ownership) copied(obj resumable.Object, mark string) {
	if mark == resumable.Unmarked {
		return // there is no telling later whose it is
	}
	*o = o.without(obj)
	o.Copies = append(o.Copies, ownCopy{obj.Bucket, obj.Key, mark})
}

// without is the ownership that does not remember a copy at obj.
func (o ownership) without(obj resumable.Object) ownership {
	o.Copies = slices.DeleteFunc(slices.Clone(o.Copies), func(c ownCopy) bool { return c.object() == obj })
	return o
}

// found decides what a Read keeps. An instance that has no ID recorded takes none
// later: a mark that appears on its object is another instance's. Only an
// import takes over the one that is there, without its ID: the instance that has
// it may still exist.
func (o ownership) found(known bool, mark string) ownership {
	if known && o.Imported {
		return ownership{From: mark}
	}
	o.Taken = mark != "" && mark != o.ID && mark != o.From
	return o
}
