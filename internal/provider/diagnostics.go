// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"io/fs"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/escape"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// operation is what the provider was doing.
type operation struct {
	noun    escape.Text // begins a summary
	timeout escape.Text // its argument in the timeouts block
}

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
	object resumable.Object
	size   int64 // of the bytes to send; 0 when not known
}

func (op operation) of(m *objectModel) attempt {
	return attempt{op, m.object(), m.ContentLength.ValueInt64()}
}

// diagnose says what happened, to which object, what is safe, and what to do
// next. ctx is the operation's own: an error alone does not tell whose deadline
// has passed, because HTTP clients call their own the same.
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
	lines := []escape.Text{escape.Sprintf("  Object:     %v", a.object)}
	var up *resumable.UploadError
	if !errors.As(err, &up) {
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

// explanation is what the engine's error means to a user.
type explanation struct {
	err        error  // for errors.Is
	argument   string // the one to look at first, or ""
	summary    escape.Text
	next       escape.Text
	startsOver bool // what is stored in OSS is of no use to the next apply
}

func (e explanation) at() path.Path {
	if e.argument == "" {
		return path.Empty()
	}
	return path.Root(e.argument)
}

// explain takes the first that fits, so what wraps others comes before them.
func (a attempt) explain(ctx context.Context, err error) explanation {
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return explanation{
			summary: a.noun + " interrupted",
			next:    "Nothing is lost. Run terraform apply again to go on from here.",
		}
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return explanation{
			argument: "timeouts", summary: a.noun + " timed out",
			next: escape.Sprintf("The time that the timeouts block allows for %s is over. The checkpoint of an upload is kept. "+
				"Run terraform apply again to go on from here, or allow more time.", a.timeout),
		}
	}
	if why, known := explainFiles(err); known {
		return why
	}
	if why, known := explainRefusal(err); known {
		return why
	}
	for _, e := range explanations {
		if errors.Is(err, e.err) {
			if errors.Is(e.err, resumable.ErrObjectExists) {
				e.next += importHint(a.object)
			}
			return e
		}
	}
	if broken, ok := errors.AsType[*fs.PathError](err); ok {
		return explanation{
			argument: "source", summary: "File cannot be read",
			next: escape.Sprintf("The operating system reports an error of %s. What OSS already holds is kept. When the disk is well "+
				"again, run terraform apply to go on from here.", broken.Path),
		}
	}
	if why, known := explainNetwork(a.object, err); known {
		return why
	}
	if why, known := refusedForGood(err); known {
		return why
	}
	return explanation{
		summary: a.noun + " failed",
		next: "Run terraform apply again; what OSS already holds is used. If it fails the same way, ask Alibaba Cloud with the " +
			"request ID, or look at the log that TF_LOG=DEBUG writes.",
	}
}

var explanations = []explanation{
	{
		err: resumable.ErrSourceChanged, argument: "source", startsOver: true,
		summary: "Source file is being changed",
		next: "Nothing was published. Let whatever writes the file finish, then run terraform apply again; the new bytes " +
			"need a new plan.",
	},
	{
		err: resumable.ErrSourceNotPlanned, argument: "source", startsOver: true,
		summary: "Source file does not hold the planned bytes",
		next: "Nothing was published. Run terraform apply again to plan for the file as it is now; when source_hash is set " +
			"in the configuration, it must be the SHA-256 of the file.",
	},
	{
		err: resumable.ErrSourceNotRegular, argument: "source",
		summary: "Source is not a regular file",
		next:    "Only a regular file, or a link to one, can be uploaded. For a folder use for_each over fileset(), or archive it first.",
	},
	{
		err: resumable.ErrCheckpointLocked, argument: "checkpoint_dir",
		summary: "Another upload to this object is running",
		next: "Wait for it to end, or stop it, then run terraform apply again. The lock belongs to the process, not to a file: " +
			"nothing has to be removed by hand.",
	},
	{
		err: resumable.ErrCheckpointVersion, argument: "checkpoint_dir",
		summary: "Checkpoint was written by a newer version",
		next: "Nothing was sent. Apply with the provider version that began this upload, or set checkpoint_dir to another " +
			"directory to begin anew.",
	},
	{
		err: resumable.ErrCheckpointDir, argument: "checkpoint_dir",
		summary: "Checkpoint directory cannot be used",
		next: "Nothing was sent, because an interrupted upload could not be resumed. Make it a directory that this user and no " +
			"other may write to, or set checkpoint_dir to another one here or in the provider block. It needs free space and a file " +
			"system that supports locks.",
	},
	{
		err: resumable.ErrNoSuchBucket, argument: "bucket",
		summary: "Bucket does not exist",
		next: "Check its name, and the region and endpoint of the provider. If the same configuration makes the bucket, " +
			"refer to that resource, so that Terraform makes it first.",
	},
	{
		err: resumable.ErrObjectExists, argument: "key",
		summary: "Object exists and must not be overwritten",
		next:    "It was not touched. Choose another key, or set forbid_overwrite = false to replace the object. ",
	},
	{
		err: resumable.ErrObjectImmutable, argument: "key",
		summary: "Object is protected by a retention policy",
		next: "OSS lets nobody change or delete it before its retention ends, and it is as it was. Wait until then and run the " +
			"same again. To let Terraform forget the object now, set deletion_policy = \"retain\", apply that, and destroy; " +
			"new bytes need another key.",
	},
	{
		err: resumable.ErrPreconditionFailed, argument: "key",
		summary: "Object was changed by somebody else",
		next:    "It is no longer the object that the plan was made for. Run terraform apply again to plan for what is there now.",
	},
	{
		err:     resumable.ErrNoSuchKey,
		summary: "Object does not exist any more",
		next:    "It was deleted after the plan. Run terraform apply again to create it.",
	},
	{
		err:     resumable.ErrNoCredentials,
		summary: "No credentials to be had",
		next: "What OSS already holds is kept. Mend what is named above, in the provider block, in the environment or where " +
			"the credentials come from, then run terraform apply to go on from here.",
	},
	{
		err:     resumable.ErrCredentialsExpired,
		summary: "Credentials expired",
		next:    "The unfinished upload is kept. Renew the credentials and run terraform apply again to go on from here.",
	},
	{
		err:     resumable.ErrCredentials,
		summary: "Credentials refused",
		next: "OSS does not accept the AccessKey or its signature. Check access_key, secret_key and security_token, or the " +
			"environment variables that stand in for them, and the clock of this machine.",
	},
	{
		err: resumable.ErrRetention, argument: "object_worm_mode",
		summary: "Retention was not set",
		next: "The object itself is what it shall be; only its retention is missing. That needs a bucket with versioning and " +
			"object-level retention, the permission oss:PutObjectRetention, a date in the future that is not earlier than the one " +
			"the object has, and sign_version = \"v4\". Then run terraform apply again; no bytes are sent again.",
	},
	{
		err: resumable.ErrAccessDenied, argument: "bucket",
		summary: "Access denied",
		next: "The RAM policy must allow oss:PutObject, oss:GetObject, oss:DeleteObject, oss:ListParts and " +
			"oss:AbortMultipartUpload on the object, and oss:ListMultipartUploads on the bucket; for tags also " +
			"oss:GetObjectTagging, oss:PutObjectTagging and oss:DeleteObjectTagging; for acl, and for a change of headers, " +
			"storage class or encryption, also oss:GetObjectAcl and oss:PutObjectAcl; for the deletion policies " +
			"delete_version and delete_all_versions also oss:DeleteObjectVersion, and for the latter oss:ListObjectVersions " +
			"on the bucket; for retention oss:GetObjectRetention and oss:PutObjectRetention. OSS also answers so when the " +
			"bucket is in another region than the endpoint, and when a bucket policy or a retention rule forbids the change.",
	},
	{
		err: resumable.ErrArchived, argument: "storage_class",
		summary: "Object is archived",
		next:    "It was not touched. " + archivedText,
	},
	{
		err: resumable.ErrPublishedOther, argument: "key", startsOver: true,
		summary: "Object is not what was uploaded",
		next: "Another writer may have replaced it at the same time: make sure that nothing else writes this key. If the message " +
			"names a header that OSS shows otherwise, look for a proxy or a rule of the bucket that changes it. Then run terraform apply again.",
	},
	{
		err: resumable.ErrChecksumMismatch, startsOver: true,
		summary: "OSS holds other bytes than were sent",
		next: "The bytes were damaged on their way. Run terraform apply again; it compares what OSS holds with the file and " +
			"sends what differs. If it happens again, suspect the memory of this machine or a proxy.",
	},
	{
		err: fs.ErrNotExist, argument: "source",
		summary: "Source file does not exist",
		next: "Nothing was sent. The path is relative to Terraform's working directory; in a module write " +
			"\"${path.module}/file\". If another resource makes the file, refer to that resource.",
	},
	{
		err: fs.ErrPermission, argument: "source",
		summary: "Source file cannot be read",
		next:    "Make the file readable for the user that runs Terraform.",
	},
}
