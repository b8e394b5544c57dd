// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/escape"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// plannedObjects are the objects that resource instances were planned for since
// Configure. Terraform plans each instance once in a walk, except that it plans a
// replacement twice.
type plannedObjects struct {
	mu sync.Mutex
	by map[resumable.Object]plannedBy
}

type plannedBy struct {
	id    string // of the instance; "": none recorded
	bytes string // where they come from, for people
}

// take returns who has planned for obj before, if it is another instance.
func (p *plannedObjects) take(obj resumable.Object, now plannedBy) (before plannedBy, taken bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	before, taken = p.by[obj]
	if taken {
		return before, before.id == "" || before.id != now.id
	}
	if p.by == nil {
		p.by = map[resumable.Object]plannedBy{}
	}
	p.by[obj] = now
	return before, false
}

// planOwnership refuses a plan in which two instances have one object: the last
// to be applied would replace what the other has made, at each apply.
//
// A state of nil with an ownership is the second plan of a replacement, which
// Terraform gives the private state of the first. So the first leaves one there.
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
	now := plannedBy{owned.ID, plan.bytesFrom()}
	before, taken := r.service.planned.take(plan.object(), now)
	if !taken {
		return diags
	}
	return append(diags, diag.NewAttributeErrorDiagnostic(path.Root("key"), "Two resources for one object", escape.Text(fmt.Sprintf(
		"%s is the object of two ossresumable_object resource instances: of this one, whose bytes are %s, and of another one, "+
			"whose bytes are %s. Each apply would replace the bytes of one by those of the other.\n\nNothing was sent. Give one of them "+
			"another key or bucket, or remove it from the configuration; to remove it and keep the object, use a removed block with "+
			"destroy = false.", escape.Line(plan.object().String()), escape.Line(now.bytes), escape.Line(before.bytes)))))
}

// bytesFrom says where the bytes come from.
func (m *objectModel) bytesFrom() string {
	switch {
	case m.Source.IsUnknown():
		return "in a source that is not known yet"
	case !m.Source.IsNull():
		return fmt.Sprintf("in the source %q", m.Source.ValueString())
	case !m.Content.IsNull():
		return "in content"
	}
	return "in content_base64"
}
