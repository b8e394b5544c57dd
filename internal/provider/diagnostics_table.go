// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"io/fs"
	"net/http"
	"slices"
	"strings"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/escape"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

const (
	keptText    escape.Text = "OSS keeps the parts that it already holds."
	notSentText escape.Text = "Nothing was sent."
	notMadeText escape.Text = "Nothing was published."

	unchangedText escape.Text = "The object was not changed."
)

// explanations is the table of errors. The first row that matches is used, so a
// specific answer of OSS comes before the engine's error for its code, and an error
// before those that it can wrap. Sources of the codes: the API pages on the HTTP status
// codes 400 and 403, and the pages of the ECs.
var explanations = []explanation{
	{
		when: outOfFiles, summary: "Too many open files", safe: keptText, again: true,
		next: "The process has reached its limit of open files and connections. Raise the limit (ulimit -n in the shell that runs " +
			"Terraform, LimitNOFILE for a service), or use fewer: run terraform apply -parallelism=4, or reduce parallelism or " +
			"max_parallel_parts in the provider block.",
	},

	// Answers of OSS that have one cause.
	{
		when: hasCode("PublicEndpointForbidden"), again: true,
		summary: "Public endpoint not available to this account",
		next: "Accounts that activated OSS after 2025-03-20 cannot use the public endpoint for objects in regions of mainland " +
			"China. Set one of these in the provider block: endpoint = \"files.example.com\" with use_cname = true, for your own " +
			"domain that is bound to the bucket (in mainland China it needs an ICP filing); or use_internal_endpoint = true, if " +
			"Terraform runs on Alibaba Cloud in the region of the bucket. Or use a bucket in another region, such as cn-hongkong.",
	},
	{
		when:    hasEC("0002-00000226"), // 400 InvalidArgument, "Invalid signing region in Authorization header."
		summary: "Region does not match the endpoint",
		next: "The provider signs requests for its region, but the endpoint belongs to another region. Set region to the region of " +
			"the bucket. If endpoint is set, use an endpoint of that region. Both can come from the environment: " +
			escape.Sprint(strings.Join(slices.Concat(regionVariables, endpointVariables), ", ")) + ". Buckets in two regions need two " +
			"provider blocks, one of them with an alias.",
	},
	{
		when: hasCode("SecondLevelDomainForbidden"), summary: "OSS refuses path-style requests",
		next: "The endpoints of OSS require the bucket in the host name. Remove use_path_style from the provider block, and set " +
			"endpoint to a host name instead of an IP address.",
	},
	{
		when: hasCode("UserDisable", "AbnormalBucketOwnerStatus", "InDebt", "InDebtOverdue"), summary: "Account is suspended",
		safe: keptText, again: true,
		next: "Alibaba Cloud has suspended OSS for this account or for the owner of the bucket, usually because a payment is " +
			"overdue. Check the console of the account, or contact Alibaba Cloud with the request ID.",
	},
	{
		when: hasCode("QuotaExceeded"), argument: "bucket", summary: "Quota exceeded", safe: keptText, again: true,
		next: "Delete objects and unfinished uploads that you do not need (the data source ossresumable_incomplete_uploads lists " +
			"the uploads), or request a higher quota for the bucket or the account.",
	},
	{
		when: hasCode("KmsServiceNotEnabled", "UbsmsInvalidBid"), argument: "server_side_encryption",
		summary: "Key Management Service is not activated", again: true,
		next: "The resource, or the encryption rule of the bucket, requires a KMS key. Activate KMS for the account in the " +
			"console, or set server_side_encryption = \"AES256\".",
	},
	{
		when: hasCode("InvalidBucketName"), argument: "bucket", summary: "Invalid bucket name",
		next: "A bucket name has 3 to 63 lowercase letters, digits and hyphens. If this name is valid, OSS has read another part of " +
			"the address as the bucket: check endpoint, use_cname and use_path_style in the provider block.",
	},
	{
		when: hasCode("InvalidTargetBucketForLogging"), argument: "bucket", summary: "Invalid logging target of the bucket",
		next: "The access log of the bucket goes to a bucket that does not exist or that is in another region or account. Correct " +
			"this setting of the bucket. The object is not the cause.",
	},
	{
		when:     hasEC("0016-00000901"), // 403 AccessDenied, "Put public object acl is not allowed"
		argument: "acl", summary: "Public access is blocked",
		next: "Block Public Access is enabled for the bucket or the account, so OSS refuses public ACLs. Remove acl or set it to " +
			"\"private\", and use signed URLs for other readers; or disable Block Public Access in the console. No permission is missing.",
	},
	{
		when:     hasEC("0003-00000703"), // 403 AccessDenied
		argument: "bucket", summary: "Bucket requires the requester to pay",
		next: "The bucket belongs to another account that has enabled pay-by-requester. To pay for requests and traffic yourself, set " +
			"request_payer = \"requester\" in the provider block.",
	},
	{
		when: hasStatus(http.StatusRequestEntityTooLarge), argument: "part_size", summary: "Request too large for a proxy", again: true,
		next: "A proxy or gateway refuses requests of this size; OSS itself accepts 5 GiB. Set part_size and multipart_threshold " +
			"below the limit of the proxy, but to at least 102400, here or in the provider block. Or raise the limit of the proxy, " +
			"which is client_max_body_size in nginx.",
	},

	// Errors of the source object.
	{
		when: isSource(resumable.ErrNotCopyable), argument: "source_object",
		summary: "Source object cannot be copied", safe: unchangedText,
		next: "OSS copies only normal objects of at most 48.8 TiB. To publish an object that a symbolic link leads to, set source_object " +
			"to that object. Upload the content of an appendable object as a normal object first.",
	},
	{
		when: isSource(resumable.ErrNoSuchKey, resumable.ErrNoSuchVersion, resumable.ErrNoSuchBucket), argument: "source_object",
		summary: "Source object does not exist", safe: unchangedText,
		next: "Check bucket, key and version_id of source_object. If the same configuration creates the source object, refer to that " +
			"resource, so that Terraform creates it first.",
	},
	{
		when: isSource(resumable.ErrSourceNotPlanned, resumable.ErrPreconditionFailed), argument: "source_object", startsOver: true,
		summary: "Source object does not match the plan", safe: unchangedText,
		next: "It was replaced after the plan, or it does not have the crc64 in source_object. Correct crc64, or run terraform apply " +
			"again to plan with the current source object.",
	},
	{
		when: isSource(resumable.ErrArchived), argument: "source_object", again: true,
		summary: "Source object is archived", safe: unchangedText,
		next: "OSS can copy an archived object only while it is restored. Restore the source object, for example with ossutil restore, " +
			"and wait until it is restored.",
	},
	{
		when: isSource(resumable.ErrAccessDenied), argument: "source_object",
		summary: "Access to the source object denied", safe: unchangedText,
		next: "OSS makes the copy with one identity: the credentials of this provider configuration need oss:GetObject on the source " +
			"object, with version_id also oss:GetObjectVersion, and oss:PutObject on the object. OSS also denies access if the source " +
			"bucket is in another region, from which it cannot be copied, and may do so if the source object does not exist.",
	},

	// Errors of the engine.
	{
		when: is(resumable.ErrSourceChanged), argument: "source", startsOver: true, again: true,
		summary: "Source file changed while it was read", safe: notMadeText,
		next: "Wait until the program that writes the file has finished.",
	},
	{
		when: is(resumable.ErrSourceNotPlanned), argument: "source", startsOver: true,
		summary: "Source file does not match the plan", safe: notMadeText,
		next: "Run terraform apply again to plan with the current file. If the configuration sets source_hash, it must be the " +
			"SHA-256 of the file.",
	},
	{
		when: is(resumable.ErrSourceNotRegular), argument: "source",
		summary: "Source is not a regular file",
		next: "Set source to a regular file or a link to one. For a directory, use for_each with fileset(), or create an archive first. " +
			"For an empty object, set content = \"\" instead of source. For a file that a device, a pipe or the system generates, " +
			"copy its bytes to a file first.",
	},
	{
		when: is(resumable.ErrCheckpointLocked), argument: "checkpoint_dir", again: true,
		summary: "Another upload to this object is running",
		next:    "Wait for the other process, or stop it. The lock ends with that process; there is no lock file to remove.",
	},
	{
		when: is(resumable.ErrCheckpointVersion), argument: "checkpoint_dir",
		summary: "Checkpoint was written by a newer version", safe: notSentText,
		next: "Apply with the version of the provider that started the upload. To start over, set checkpoint_dir to another directory.",
	},
	{
		when: is(resumable.ErrCheckpointDir), argument: "checkpoint_dir",
		summary: "Checkpoint directory cannot be used", safe: notSentText,
		next: "Without a checkpoint, an interrupted upload cannot be resumed. Make the directory writable for the user that runs " +
			"Terraform and for no other user, or set checkpoint_dir to another directory, here or in the provider block. The " +
			"directory needs free space and a file system that supports locks.",
	},
	{
		when: is(resumable.ErrNoSuchBucket), argument: "bucket",
		summary: "Bucket does not exist",
		next: "Check the name of the bucket, and region and endpoint of the provider. If the same configuration creates the bucket, " +
			"refer to that resource, so that Terraform creates the bucket first.",
	},
	{
		when: is(resumable.ErrObjectExists), argument: "key",
		summary: "Object already exists", safe: "The existing object was not changed.",
		next: "Choose another key, or set forbid_overwrite = false to replace the object. ",
		more: func(a attempt, _ error) escape.Text { return importHint(a.object) },
	},
	{
		when: is(resumable.ErrObjectImmutable), argument: "key",
		summary: "Object is protected by a retention policy", safe: "The object was not changed.",
		next: "OSS does not allow this version to be changed or deleted before its retention ends. Wait until then, and run the same " +
			"command again. To remove the resource from the state now, apply deletion_policy = \"retain\", then destroy: the object " +
			"remains in OSS. To store new content now, use another key.",
	},
	{
		when: is(resumable.ErrPreconditionFailed), argument: "key",
		summary: "Object changed since the plan",
		next:    "The object is no longer the one that the plan was made for. Run terraform apply again to plan with the current object.",
	},
	{
		when:    is(resumable.ErrNoSuchKey),
		summary: "Object no longer exists",
		next:    "It was deleted after the plan. Run terraform apply again to create it.",
	},
	{
		when:    is(resumable.ErrNoCredentials),
		summary: "No credentials available", safe: keptText, again: true,
		next: "Correct the cause above, in the provider block, in the environment, or in the source of the credentials.",
	},
	{
		when:    is(resumable.ErrCredentialsExpired),
		summary: "Credentials expired", safe: keptText, again: true,
		next: "Renew the credentials.",
	},
	{
		when:    is(resumable.ErrCredentials),
		summary: "Credentials refused",
		next: "OSS does not accept the AccessKey or its signature. Check access_key, secret_key and security_token, or the " +
			"environment variables that replace them, and the clock of this machine.",
	},
	{
		when: is(resumable.ErrRetention), argument: "object_worm_mode", again: true,
		summary: "Retention was not set", safe: "The object is up to date; only its retention could not be set. The next apply sends no data.",
		next: "Setting a retention requires a bucket with versioning and object-level retention, the permission " +
			"oss:PutObjectRetention, a date in the future that is not before the current date of the object, and " +
			"sign_version = \"v4\".",
	},
	{
		when: is(resumable.ErrAccessDenied), argument: "bucket",
		summary: "Access denied",
		next:    "The RAM policy must allow ",
		more:    permissionsText,
	},
	{
		when: is(resumable.ErrArchived), argument: "storage_class",
		summary: "Object is archived", safe: "The object was not changed.",
		next: archivedText,
	},
	{
		when: is(resumable.ErrPublishedOther), argument: "key", startsOver: true, again: true,
		summary: "Stored object differs from the upload",
		next: "Another program may have replaced the object at the same time: make sure that nothing else writes to this key. If the " +
			"message names a header with a different value, look for a proxy or a rule of the bucket that changes the header.",
	},
	{
		when: is(resumable.ErrChecksumMismatch), startsOver: true,
		summary: "Checksum mismatch", safe: notMadeText,
		next: "The data was damaged on its way to OSS. Run terraform apply again: it compares the data in OSS with the file, and sends " +
			"what differs. If this happens again, check the memory of this machine and the proxy.",
	},
	{
		when: isFile(fs.ErrNotExist), argument: "source",
		summary: "Source file does not exist", safe: notSentText,
		next: "A relative path is relative to the working directory of Terraform; in a module, write \"${path.module}/file\". If another " +
			"resource creates the file, refer to that resource.",
	},
	{
		when: isFile(fs.ErrPermission), argument: "source",
		summary: "Source file cannot be read",
		next:    "Allow the user that runs Terraform to read the file.",
	},
	{
		when: anyFile, argument: "source", summary: "File cannot be read", safe: keptText, again: true,
		next: "The operating system reports the error above. Correct its cause, such as a disk error.",
	},

	// Requests without an answer.
	{
		when: untrusted, summary: "Certificate of OSS is not trusted",
		next: "The certificate is signed by an authority that this machine does not trust. This is normal for a private " +
			"installation, and for a proxy that decrypts the traffic (see HTTPS_PROXY, and proxy_url in the provider block). Add the " +
			"certificate authority to the trust store of the system, or set the environment variable SSL_CERT_FILE to its file (not on " +
			"macOS and Windows). If you expect neither, the connection may be intercepted: do not set insecure.",
	},
	{
		when: otherHost, summary: "Certificate does not match the host",
		next: "Check endpoint in the provider block. The provider connects to BUCKET.ENDPOINT. If the certificate is for the endpoint " +
			"alone, set use_path_style = true. If the endpoint is a domain bound to the bucket, set use_cname = true.",
	},
	{
		when: bucketInEndpoint, summary: "Endpoint already contains the bucket",
		next: "The provider puts the bucket in front of the endpoint. ",
		more: func(a attempt, err error) escape.Text {
			return escape.Sprintf("In the provider block, set endpoint = %q. Or, if the endpoint is a domain bound to the bucket, add "+
				"use_cname = true.", endpointWithoutBucket(a, err))
		},
	},
	{
		when: unreachable, summary: "OSS cannot be reached", safe: keptText, again: true,
		next: "Check the network, the environment variables HTTPS_PROXY and NO_PROXY, and endpoint and region of the provider.",
	},

	// All other answers.
	{when: hasAnswer(permanent), summary: "Request refused", safe: keptText, more: refusedText},
}

func permissionsText(a attempt, _ error) escape.Text {
	const otherCauses = " OSS also denies access if the bucket is in another region than the endpoint"
	if !a.byResource() {
		return a.permission + "." + otherCauses + ", or if a bucket policy forbids the request."
	}
	return "oss:PutObject, oss:GetObject, oss:DeleteObject, oss:ListParts and oss:AbortMultipartUpload on the object, and " +
		"oss:ListMultipartUploads on the bucket; for tags also oss:GetObjectTagging, oss:PutObjectTagging and " +
		"oss:DeleteObjectTagging; for acl, and for a change of headers, storage class or encryption, also oss:GetObjectAcl and " +
		"oss:PutObjectAcl; for the deletion policies delete_version and delete_all_versions also oss:DeleteObjectVersion, and for " +
		"the latter oss:ListObjectVersions on the bucket; for retention oss:GetObjectRetention and oss:PutObjectRetention." +
		otherCauses + ", or if a bucket policy or a retention rule forbids the change."
}
