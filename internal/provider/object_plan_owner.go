// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/escape"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// plannedObjects are the objects of the resource instances that were planned since
// Configure. Terraform plans each instance once in a walk, but a replacement twice.
type plannedObjects struct {
	mu    sync.Mutex
	from  map[resumable.Object]escape.Text // where the content is, for messages
	moved map[resumable.Object]bool        // objects with content of others that a rename copies
}

// take records obj. If it was planned before, it returns where that content is.
func (p *plannedObjects) take(obj resumable.Object, from escape.Text) (before escape.Text, taken bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if before, taken = p.from[obj]; taken {
		return before, true
	}
	if p.from == nil {
		p.from = map[resumable.Object]escape.Text{}
	}
	p.from[obj] = from
	return "", false
}

// move records that a rename copies the content of old, which only OSS has, and reports
// whether an instance is planned at old.
func (p *plannedObjects) move(old resumable.Object) (overwritten bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.moved == nil {
		p.moved = map[resumable.Object]bool{}
	}
	p.moved[old] = true
	_, overwritten = p.from[old]
	return overwritten
}

// overwrites reports whether a rename copies the content of obj.
func (p *plannedObjects) overwrites(obj resumable.Object) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.moved[obj]
}

// planOwnership refuses a plan in which two instances manage the same object. At each
// apply, the last one would replace the object of the other.
//
// A nil state with an ownership is the second plan of a replacement. Terraform passes
// it the private state of the first plan, which therefore stores an ownership.
func (r *objectResource) planOwnership(ctx context.Context, plan, state *objectModel, private privateState) diag.Diagnostics {
	owned, known := ownershipIn(ctx, private)
	if state == nil && known {
		return nil
	}
	var diags diag.Diagnostics
	if state != nil && !known {
		diags.Append(owned.keepIn(ctx, private)...)
	}
	if r.service == nil || plan.ID.IsUnknown() {
		return diags
	}
	now := plan.bytesFrom()
	before, taken := r.service.planned.take(plan.object(), now)
	if !taken {
		return append(diags, r.planMove(plan, state)...)
	}
	which := escape.Text("")
	if before != now {
		which = escape.Sprintf(" The content of this instance is %s, and that of the other is %s.", now, before)
	}
	return append(diags, errorAt(path.Root("key"), "Two resources for one object", escape.Sprintf(
		"Another ossresumable_object of this configuration has the same bucket and key, %s.%s Only one resource instance can manage an "+
			"object.\n\nNothing was sent. Search the configuration for this key. With for_each or count, make sure that each instance has "+
			"a different key. To remove one of the two and keep the object, use a removed block with destroy = false.",
		plan.object(), which)))
}

// planMove refuses a plan in which one instance takes the key from which another one
// renames content that only OSS has. Terraform does not say which it applies first.
func (r *objectResource) planMove(plan, state *objectModel) diag.Diagnostics {
	object := plan.object()
	lost := r.service.planned.overwrites(object)
	if state != nil && plan.keepsRemote() && plan.renames(state) && r.service.planned.move(state.object()) {
		object, lost = state.object(), true
	}
	if !lost {
		return nil
	}
	return diag.Diagnostics{errorAt(path.Root("key"), "Content in OSS would be lost", escape.Sprintf(
		"One resource renames %s, and another one takes its key in the same apply. With remote_changes = \"keep\", the content at this key "+
			"may exist only in OSS, and the apply could replace it before it is copied.\n\nNothing was sent. Change the keys in two applies: "+
			"first rename this object, and then assign its key to the other resource. To exchange two keys, use a third key in between.",
		object))}
}

// warnOtherWriter warns of an upload to an object that another instance was the last to
// write.
func warnOtherWriter(ctx context.Context, plan *objectModel, private privateState) diag.Diagnostics {
	owned, _ := ownershipIn(ctx, private)
	switch {
	case !owned.Taken:
		return nil
	case owned.ID == "":
		return diag.Diagnostics{warningAt(path.Root("key"), "Object was written by another resource", escape.Sprintf(
			"%s may be that of another resource: %s. This apply replaces the object. If another configuration manages it, too, that one may "+
				"replace it again.", plan.object(), markLost))}
	}
	return diag.Diagnostics{warningAt(path.Root("key"), "Object was written by another resource", escape.Sprintf(
		"%s was last written by another ossresumable_object, in another configuration or of another provider configuration. This apply "+
			"replaces the object, and the next apply of the other configuration may replace it again. Manage the object in one configuration.",
		plan.object()))}
}

// bytesFrom says where the content is, for messages.
func (m *objectModel) bytesFrom() escape.Text {
	switch {
	case !m.SourceObject.IsNull():
		return escape.Sprintf("in the source object %s", sourceObjectOf(m.SourceObject).object())
	case m.isSecret():
		return "in content_wo"
	case m.Source.IsUnknown():
		return "in a source that is not known yet"
	case !m.Source.IsNull():
		return escape.Sprintf("in the source %q", m.Source.ValueString())
	case !m.Content.IsNull():
		return "in content"
	case !m.hasContent():
		return "already in OSS"
	}
	return "in content_base64"
}
