// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/escape"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// operation is what the provider was doing when an error occurred.
type operation struct {
	noun    escape.Text // begins a summary, such as "Upload failed"
	timeout escape.Text // its argument in the timeouts block; "" for requestTimeout
}

// The operations of the resource ossresumable_object.
var (
	planning = operation{"Plan", ""}
	creating = operation{"Upload", "create"}
	updating = operation{"Update", "update"}
	reading  = operation{"Refresh", "read"}
	deleting = operation{"Deletion", "delete"}
)

// attempt is an operation on one object.
type attempt struct {
	operation
	object resumable.Object // for a list, the key is a prefix
	size   int64            // of the bytes to send; 0 if unknown

	// permission is what RAM must allow for a request of a data source, a list
	// or an action. It is "" for the resource. The schemas of those blocks have
	// an argument bucket; other arguments appear only in own.
	permission escape.Text
	own        []explanation // take precedence over the table
}

func (op operation) of(m *objectModel) attempt {
	if op == creating && !m.SourceObject.IsNull() {
		op.noun = "Copy"
	}
	return attempt{operation: op, object: m.object(), size: m.ContentLength.ValueInt64()}
}

// request is an attempt of a data source, a list or an action.
func request(noun escape.Text, object resumable.Object, permission escape.Text) attempt {
	return attempt{operation: operation{noun: noun}, object: object, permission: permission}
}

func (a attempt) byResource() bool { return a.permission == "" }

// diagnose says what happened, to which object, what is safe, and what to do
// next. ctx is the context of the operation. The error alone does not show whose
// deadline expired, because HTTP clients return the same error for their own.
func (a attempt) diagnose(ctx context.Context, err error) diag.Diagnostic {
	why := a.explain(ctx, err)
	return errorAt(why.at(), why.summary, a.detail(err, why))
}

func (a attempt) detail(err error, why explanation) escape.Text {
	return escape.Sprintf("%v\n\n%v\n\n%v", err, a.facts(err, why.startsOver), why.next)
}

// facts are lines to copy from. They are indented because Terraform wraps
// every line that is not.
func (a attempt) facts(err error, startsOver bool) escape.Text {
	if !a.byResource() {
		return escape.Sprintf("  URL:        %v", a.object)
	}
	lines := []escape.Text{escape.Sprintf("  Object:     %v", a.object)}
	up, ok := errors.AsType[*resumable.UploadError](err)
	if !ok {
		return lines[0]
	}
	if up.PartsStored > 0 && !startsOver {
		size := resumable.ByteSize(up.BytesStored)
		if a.size > 0 {
			size += " of " + resumable.ByteSize(a.size)
		}
		again := escape.Text("sent")
		if up.Copy {
			again = "copied"
		}
		lines = append(lines, escape.Sprintf("  Safe:       %d of %d parts (%s) are stored in OSS and will not be %s again",
			up.PartsStored, up.Parts, size, again))
	}
	if up.UploadID != "" {
		lines = append(lines, escape.Sprintf("  Upload ID:  %s", up.UploadID))
	}
	if up.Checkpoint != "" {
		lines = append(lines, escape.Sprintf("  Checkpoint: %s", up.Checkpoint))
	}
	return escape.Join(lines, "\n")
}

// explanation is a row of the table: what an error means to a user.
type explanation struct {
	when       condition                              // which errors it explains
	argument   string                                 // the argument to check first, or ""
	summary    escape.Text                            // what happened
	safe       escape.Text                            // what is safe, for the resource
	next       escape.Text                            // what to do
	more       func(a attempt, err error) escape.Text // the end of next that depends on the error, or nil
	again      bool                                   // to do last: run the same command again
	startsOver bool                                   // the next apply cannot use what OSS holds
}

func (e explanation) at() path.Path {
	if e.argument == "" {
		return path.Empty()
	}
	return path.Root(e.argument)
}

// explain returns the row for an error. Its next is the whole advice.
func (a attempt) explain(ctx context.Context, err error) explanation {
	e := a.find(ctx, err)
	next := e.next
	if e.more != nil {
		next += e.more(a, err)
	}
	var advice []escape.Text
	if e.safe != "" && a.byResource() {
		advice = append(advice, e.safe)
	}
	if next != "" {
		advice = append(advice, next)
	}
	switch {
	case e.again && next != "":
		advice = append(advice, "Then run "+a.command()+" again.")
	case e.again:
		advice = append(advice, "Run "+a.command()+" again to continue.")
	}
	e.next = escape.Join(advice, " ")
	return e
}

// find returns the first row that fits. The end of the operation itself, by an
// interrupt or its time limit, comes before any error.
func (a attempt) find(ctx context.Context, err error) explanation {
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return explanation{summary: a.noun + " interrupted", safe: "Nothing is lost.", again: true}
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return a.timedOut()
	}
	for _, e := range a.own {
		if e.when(a, err) {
			return e
		}
	}
	for _, e := range explanations {
		if e.when(a, err) {
			if !a.byResource() && e.argument != "bucket" {
				e.argument = ""
			}
			return e
		}
	}
	return explanation{
		summary: a.noun + " failed", safe: keptText,
		next: "Run " + a.command() + " again. If it fails in the same way, contact Alibaba Cloud with the request ID, or look at the log that TF_LOG=DEBUG writes.",
	}
}

func (a attempt) command() escape.Text {
	if a.byResource() {
		return "terraform apply"
	}
	return "Terraform"
}

func (a attempt) timedOut() explanation {
	if a.byResource() {
		return explanation{
			argument: "timeouts", summary: a.noun + " timed out", safe: "The checkpoint of the upload is kept.", again: true,
			next: escape.Sprintf("The limit for %s in the timeouts block was reached; raise it if it is too short.", a.timeout),
		}
	}
	return explanation{
		summary: a.noun + " timed out", again: true,
		next: escape.Sprintf("OSS did not answer within %v. Check the network.", requestTimeout),
	}
}
