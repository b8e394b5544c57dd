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
	mu   sync.Mutex
	from map[resumable.Object]escape.Text // where the content is, for messages
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
		return diags
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

// warnOtherWriter warns of an upload to an object that another instance was the last to
// write.
func warnOtherWriter(ctx context.Context, plan *objectModel, private privateState) diag.Diagnostics {
	if owned, _ := ownershipIn(ctx, private); !owned.Taken {
		return nil
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
