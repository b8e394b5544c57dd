// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/escape"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// refusal is an answer of OSS that no retry turns into another, and what a user
// can do about it. It is told by code, by EC where many things have one code, or
// by status where the answer is not of OSS. Sources: the API's pages on HTTP
// status codes 400 and 403, and the pages of the ECs.
type refusal struct {
	codes  []string
	ec     string
	status int
	explanation
}

// explainRefusal knows the answers that mean one thing. Their explanations come
// before those of the engine's errors, which are wider: AccessDenied is the code
// of three of them.
func explainRefusal(err error) (explanation, bool) {
	answer, ok := errors.AsType[*resumable.ServiceError](err)
	if !ok {
		return explanation{}, false
	}
	for _, r := range refusals {
		if slices.Contains(r.codes, answer.Code) || r.ec != "" && r.ec == answer.EC || r.status != 0 && r.status == answer.StatusCode {
			return r.explanation, true
		}
	}
	return explanation{}, false
}

var refusals = []refusal{
	{codes: []string{"PublicEndpointForbidden"}, explanation: explanation{
		summary: "Public endpoint is not open to this account",
		next: "Accounts that activated OSS after 2025-03-20 may not use the public endpoint for objects in regions of mainland " +
			"China. Set one of these in the provider block: endpoint = \"files.example.com\" with use_cname = true, " +
			"for a domain of your own that is bound to the bucket (in mainland China it needs an ICP filing); or " +
			"use_internal_endpoint = true, where Terraform runs on Alibaba Cloud in the region of the bucket. Or use a bucket in " +
			"another region, such as cn-hongkong. Then run terraform apply again.",
	}},
	{ec: "0002-00000226", explanation: explanation{ // 400 InvalidArgument, "Invalid signing region in Authorization header."
		summary: "Region is not that of the endpoint",
		next: "Requests are signed for the region of the provider, and they went to another one. Set region to the region of the " +
			"bucket, and endpoint, if it is set, to an endpoint of that region. Both may come from the environment: see " +
			escape.Sprint(strings.Join(slices.Concat(regionVariables, endpointVariables), ", ")) + ". Buckets in two regions need two provider " +
			"blocks, one with an alias.",
	}},
	{codes: []string{"SecondLevelDomainForbidden"}, explanation: explanation{
		summary: "OSS does not take the bucket in the path",
		next: "The endpoints of OSS want the bucket in the host name. Remove use_path_style from the provider block, and write " +
			"endpoint as a name, not as an IP address.",
	}},
	{codes: []string{"UserDisable", "AbnormalBucketOwnerStatus", "InDebt", "InDebtOverdue"}, explanation: explanation{
		summary: "Account is suspended",
		next: "Alibaba Cloud has suspended OSS for this account, or for the owner of the bucket, usually for an overdue payment. " +
			"See the console of the account, or ask Alibaba Cloud with the request ID. When OSS is open again, run terraform apply.",
	}},
	{codes: []string{"QuotaExceeded"}, explanation: explanation{
		argument: "bucket", summary: "Quota is used up",
		next: "Delete what is not needed, the parts of unfinished uploads included (the data source ossresumable_incomplete_uploads " +
			"lists those), or have the quota of the bucket or account raised. Then run terraform apply to go on from here.",
	}},
	{codes: []string{"KmsServiceNotEnabled", "UbsmsInvalidBid"}, explanation: explanation{
		argument: "server_side_encryption", summary: "Key Management Service is not activated",
		next: "The object, or the bucket by default, is to be encrypted with a key of KMS. Activate KMS for the account in the " +
			"console, or set server_side_encryption = \"AES256\". Then run terraform apply again.",
	}},
	{codes: []string{"InvalidBucketName"}, explanation: explanation{
		argument: "bucket", summary: "Bucket name is not valid",
		next: "The name of a bucket has 3 to 63 lower-case letters, digits and hyphens. If this one has, OSS took something else for " +
			"it: look at endpoint, use_cname and use_path_style in the provider block.",
	}},
	{codes: []string{"InvalidTargetBucketForLogging"}, explanation: explanation{
		argument: "bucket", summary: "Logging of the bucket is not valid",
		next: "The bucket's access log goes to a bucket that does not exist, or that is in another region or account. Change that " +
			"setting of the bucket in the console, or where Terraform manages it; nothing is wrong with the object.",
	}},
	{ec: "0016-00000901", explanation: explanation{ // 403 AccessDenied, "Put public object acl is not allowed"
		argument: "acl", summary: "Public access is blocked",
		next: "Block Public Access is on, for the bucket or for the account, and OSS takes no public ACL then. Remove acl or set it to " +
			"\"private\", and let others read by signed URLs; or switch Block Public Access off in the console. No permission is missing.",
	}},
	{ec: "0003-00000703", explanation: explanation{ // 403 AccessDenied
		argument: "bucket", summary: "Bucket wants the requester to pay",
		next: "The bucket belongs to another account, which has enabled pay-by-requester. Set request_payer = \"requester\" in the " +
			"provider block to pay for requests and traffic yourself.",
	}},
	{status: http.StatusRequestEntityTooLarge, explanation: explanation{
		argument: "part_size", summary: "Request is too large for a proxy",
		next: "A proxy or gateway on the way takes no request of this size; OSS takes 5 GiB. Set part_size below the limit of the " +
			"proxy, and multipart_threshold to the same value, in the provider block or here; 102400 is the least. Or have the limit " +
			"raised: nginx calls it client_max_body_size. Then run terraform apply again.",
	}},
}

// refusedForGood explains an answer that no table knows. It is false of an
// answer that may pass by itself, or that the next apply knows to deal with.
func refusedForGood(err error) (explanation, bool) {
	answer, ok := errors.AsType[*resumable.ServiceError](err)
	if !ok || answer.StatusCode < 300 || answer.StatusCode >= 500 || resumable.Transient(answer) ||
		errors.Is(answer, resumable.ErrNoSuchUpload) || errors.Is(answer, resumable.ErrInvalidPart) {
		return explanation{}, false
	}
	why := explanation{summary: "Request refused"}
	lines := []escape.Text{escape.Sprintf("  Answer:     %d", answer.StatusCode)}
	if answer.Code != "" {
		lines[0] += escape.Sprintf(" %s", answer.Code)
	}
	if answer.RequestID == "" {
		why.next = "The same request will be refused again, so change something before the next terraform apply. The answer has no " +
			"request ID, so it is probably not from OSS but from a proxy or gateway: check HTTPS_PROXY, NO_PROXY, and proxy_url and " +
			"endpoint of the provider."
		return why, true
	}
	if answer.EC != "" {
		lines = append(lines, escape.Sprintf("  EC:         %s", answer.EC), escape.Sprintf("  Request ID: %s", answer.RequestID),
			escape.Sprintf("  Read:       https://api.aliyun.com/troubleshoot?q=%s", url.QueryEscape(answer.EC)))
	} else {
		lines = append(lines, escape.Sprintf("  Request ID: %s", answer.RequestID))
	}
	why.next = "The same request will be refused again, so change something before the next terraform apply. What OSS already " +
		"holds is kept.\n\n" + escape.Join(lines, "\n") + "\n\nIf it is not clear what to change, ask Alibaba Cloud with the " +
		"request ID, or look at the log that TF_LOG=DEBUG writes."
	return why, true
}
