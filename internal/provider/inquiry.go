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

// inquiry is what the provider asks of OSS for something other than the
// resource: to describe an object, to list, to abort. Every block that asks has
// an argument "bucket".
type inquiry struct {
	noun       escape.Text      // begins a summary
	about      resumable.Object // its key may be a prefix
	permission escape.Text      // that the RAM policy must give
}

// diagnose says what happened, to what, and what to do next. ctx is the
// inquiry's own.
func (q inquiry) diagnose(ctx context.Context, err error) diag.Diagnostic {
	why := q.explain(ctx, err)
	return q.diagnostic(err, why)
}

func (q inquiry) diagnostic(err error, why explanation) diag.Diagnostic {
	return errorAt(why.at(), why.summary, escape.Sprintf("%v\n\n  About:  %v\n\n%v", err, q.about, why.next))
}

// explain takes an argument of the resource away, since another block need not
// have it.
func (q inquiry) explain(ctx context.Context, err error) explanation {
	why := q.meaning(ctx, err)
	if why.argument != "bucket" {
		why.argument = ""
	}
	return why
}

func (q inquiry) meaning(ctx context.Context, err error) explanation {
	_, outOfFiles := explainFiles(err)
	_, refused := explainRefusal(err)
	_, unanswered := explainNetwork(q.about, err)
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return explanation{summary: q.noun + " interrupted", next: "Run Terraform again."}
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return explanation{
			summary: q.noun + " timed out",
			next:    escape.Sprintf("OSS has not answered within %v. Check the network, then run Terraform again.", requestTimeout),
		}
	case outOfFiles, refused:
		return attempt{object: q.about}.explain(ctx, err)
	case errors.Is(err, resumable.ErrAccessDenied):
		return explanation{
			argument: "bucket", summary: "Access denied",
			next: "The RAM policy must allow " + q.permission + ". OSS also answers so when the bucket is in another region than " +
				"the endpoint, and when a bucket policy forbids it.",
		}
	case errors.Is(err, resumable.ErrCredentialsExpired):
		return explanation{summary: "Credentials expired", next: "Renew the credentials and run Terraform again."}
	case errors.Is(err, resumable.ErrNoSuchBucket), errors.Is(err, resumable.ErrCredentials), unanswered:
		return attempt{object: q.about}.explain(ctx, err)
	}
	if why, known := refusedForGood(err); known {
		return why
	}
	return explanation{
		summary: q.noun + " failed",
		next: "Run Terraform again. If it fails the same way, ask Alibaba Cloud with the request ID, or look at the log that " +
			"TF_LOG=DEBUG writes.",
	}
}

// checkReady complains when OSS cannot be asked yet.
func (s *service) checkReady() diag.Diagnostics {
	if s != nil && s.client != nil {
		return nil
	}
	return diag.Diagnostics{errorAt(path.Empty(), "Provider is not configured yet",
		"An argument of the provider \"ossresumable\" block is not known before the apply, so OSS cannot be asked now. Give the "+
			"provider values that are known at plan, make what they come from first with terraform apply -target=ADDRESS, plan "+
			"with -refresh=false, or let a data source wait with depends_on.")}
}
