// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"crypto/x509"
	"errors"
	"io/fs"
	"net"
	"net/url"
	"slices"
	"strings"
	"syscall"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/escape"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// condition reports whether a row of the table explains an error.
type condition func(a attempt, err error) bool

func is(target error) condition {
	return func(_ attempt, err error) bool { return errors.Is(err, target) }
}

// isSource is [is] for the object that source_object names.
func isSource(targets ...error) condition {
	return func(_ attempt, err error) bool {
		source, ok := errors.AsType[*resumable.SourceObjectError](err)
		return ok && slices.ContainsFunc(targets, func(target error) bool { return errors.Is(source, target) })
	}
}

// isFile is [is] for a file of the resource.
func isFile(target error) condition {
	return func(a attempt, err error) bool { return a.byResource() && errors.Is(err, target) }
}

func anyFile(a attempt, err error) bool {
	_, ok := errors.AsType[*fs.PathError](err)
	return ok && a.byResource()
}

func hasType[E error](_ attempt, err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

// hasAnswer reports on the answer of OSS, or of a proxy, if there was one.
func hasAnswer(with func(*resumable.ServiceError) bool) condition {
	return func(_ attempt, err error) bool {
		answer, ok := errors.AsType[*resumable.ServiceError](err)
		return ok && with(answer)
	}
}

func hasCode(codes ...string) condition {
	return hasAnswer(func(answer *resumable.ServiceError) bool { return slices.Contains(codes, answer.Code) })
}

// hasEC distinguishes errors that have the same code. Source: the page of each EC.
func hasEC(ec string) condition {
	return hasAnswer(func(answer *resumable.ServiceError) bool { return answer.EC == ec })
}

func hasStatus(status int) condition {
	return hasAnswer(func(answer *resumable.ServiceError) bool { return answer.StatusCode == status })
}

// permanent reports whether the same request would get the same answer again. It is
// false for temporary errors, and for those after which the next apply sends other
// requests.
func permanent(answer *resumable.ServiceError) bool {
	return answer.StatusCode >= 300 && answer.StatusCode < 500 && !resumable.Transient(answer) &&
		!errors.Is(answer, resumable.ErrNoSuchUpload) && !errors.Is(answer, resumable.ErrInvalidPart)
}

// outOfFiles reports on the limit of open files. The error can occur for any file or
// connection, and neither is its cause.
func outOfFiles(_ attempt, err error) bool {
	return errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE)
}

// bucketInEndpoint recognizes a lookup of BUCKET.BUCKET.ENDPOINT.
func bucketInEndpoint(a attempt, err error) bool { return endpointWithoutBucket(a, err) != "" }

func endpointWithoutBucket(a attempt, err error) string {
	lookup, ok := errors.AsType[*net.DNSError](err)
	if !ok || a.object.Bucket == "" {
		return ""
	}
	endpoint, twice := strings.CutPrefix(lookup.Name, a.object.Bucket+"."+a.object.Bucket+".")
	if !twice {
		return ""
	}
	return strings.TrimSuffix(endpoint, ".")
}

// unreachable looks for the concrete types. The interface net.Error would match
// every error of the file system as well.
func unreachable(a attempt, err error) bool {
	return hasType[*net.OpError](a, err) || hasType[*net.DNSError](a, err) || hasType[*url.Error](a, err)
}

// untrusted and otherHost are the errors of a TLS certificate.
var (
	untrusted = hasType[x509.UnknownAuthorityError]
	otherHost = hasType[x509.HostnameError]
)

// refusedText is the advice for a permanent answer that no row explains.
func refusedText(_ attempt, err error) escape.Text {
	answer, _ := errors.AsType[*resumable.ServiceError](err)
	const change escape.Text = "The same request will be refused again, so change something before the next terraform apply."
	if answer.RequestID == "" {
		return change + " The answer has no request ID, so it probably came from a proxy or gateway and not from OSS. Check HTTPS_PROXY, " +
			"NO_PROXY, and proxy_url and endpoint in the provider block."
	}
	status := escape.Sprintf("  Answer:     %d", answer.StatusCode)
	if answer.Code != "" {
		status += escape.Sprintf(" %s", answer.Code)
	}
	lines := []escape.Text{status}
	if answer.EC != "" {
		lines = append(lines, escape.Sprintf("  EC:         %s", answer.EC))
	}
	lines = append(lines, escape.Sprintf("  Request ID: %s", answer.RequestID))
	if answer.EC != "" {
		lines = append(lines, escape.Sprintf("  Read:       https://api.aliyun.com/troubleshoot?q=%s", url.QueryEscape(answer.EC)))
	}
	return change + "\n\n" + escape.Join(lines, "\n") + "\n\nIf the cause is not clear, contact Alibaba Cloud with the request ID, or look at " +
		"the log that TF_LOG=DEBUG writes."
}
