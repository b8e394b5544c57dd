// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// What is refused for one known reason says what to write, and never only to
// apply again.
func TestDiagnose_refusals(t *testing.T) {
	answer := func(status int, code, ec string) error {
		return &resumable.UploadError{Err: fmt.Errorf("wrapped: %w", &resumable.ServiceError{
			Op: "PutObject", StatusCode: status, Code: code, EC: ec, RequestID: "REQ1",
		})}
	}
	for _, test := range []struct {
		err               error
		argument, summary string
		says              []string
	}{
		{answer(400, "PublicEndpointForbidden", "0048-00000401"), "", "Public endpoint is not open to this account", []string{"use_cname", "use_internal_endpoint", "another region"}},
		{answer(400, "InvalidArgument", "0002-00000226"), "", "Region is not that of the endpoint", []string{"Set region", "endpoint", "ALICLOUD_REGION", "OSS_ENDPOINT"}},
		{answer(403, "SecondLevelDomainForbidden", ""), "", "OSS does not take the bucket in the path", []string{"use_path_style"}},
		{answer(403, "UserDisable", "0003-00000801"), "", "Account is suspended", []string{"overdue payment"}},
		{answer(403, "QuotaExceeded", ""), "bucket", "Quota is used up", []string{"unfinished uploads"}},
		{answer(403, "KmsServiceNotEnabled", ""), "server_side_encryption", "Key Management Service is not activated", []string{"AES256"}},
		{answer(400, "InvalidBucketName", ""), "bucket", "Bucket name is not valid", []string{"3 to 63", "use_cname"}},
		{answer(400, "InvalidTargetBucketForLogging", ""), "bucket", "Logging of the bucket is not valid", []string{"access log"}},
		{answer(403, "AccessDenied", "0016-00000901"), "acl", "Public access is blocked", []string{"Block Public Access", "Remove acl"}},
		{answer(403, "AccessDenied", "0003-00000703"), "bucket", "Bucket wants the requester to pay", []string{`request_payer = "requester"`}},
		{answer(413, "", ""), "part_size", "Request is too large for a proxy", []string{"part_size", "multipart_threshold", "client_max_body_size"}},
		{answer(403, "AccessDenied", "0003-00000001"), "bucket", "Access denied", []string{"oss:PutObject"}},
	} {
		got := testAttempt().diagnose(t.Context(), test.err)
		if got.Summary() != test.summary || argumentOf(got) != test.argument {
			t.Errorf("%v: %q at %q", test.err, got.Summary(), argumentOf(got))
		}
		for _, text := range append(test.says, "REQ1", "oss://bucket/key") {
			if !strings.Contains(got.Detail(), text) {
				t.Errorf("%s: no %q in:\n%s", test.summary, text, got.Detail())
			}
		}
		inquired := listingUploads(resumable.Object{Bucket: "bucket"}).diagnose(t.Context(), test.err)
		if inquired.Summary() != test.summary || argumentOf(inquired) != "" && argumentOf(inquired) != "bucket" {
			t.Errorf("inquiry: %q at %q", inquired.Summary(), argumentOf(inquired))
		}
	}
}

// Of the answers that nothing is known about, those that may pass, or that the
// next apply deals with, say to apply again. The others do not.
func TestDiagnose_refusedForGood(t *testing.T) {
	const again, never = "Upload failed", "Request refused"
	for _, test := range []struct {
		answer  resumable.ServiceError
		summary string
		says    string
	}{
		{resumable.ServiceError{StatusCode: 400, Code: "InvalidArgument", EC: "0017-00000105", RequestID: "REQ1"}, never, "  Answer:     400 InvalidArgument\n  EC:         0017-00000105\n  Request ID: REQ1\n  Read:       https://api.aliyun.com/troubleshoot?q=0017-00000105\n"},
		{resumable.ServiceError{StatusCode: 409, Code: "ObjectNotAppendable", RequestID: "REQ1"}, never, "  Answer:     409 ObjectNotAppendable\n  Request ID: REQ1\n\n"},
		{resumable.ServiceError{StatusCode: 405, EC: "a b&c", RequestID: "REQ1"}, never, "  Answer:     405\n  EC:         a b&c\n  Request ID: REQ1\n  Read:       https://api.aliyun.com/troubleshoot?q=a+b%26c\n"},
		{resumable.ServiceError{StatusCode: 407, Message: "Proxy Authentication Required"}, never, "not from OSS"},
		{resumable.ServiceError{StatusCode: 301, RequestID: "REQ1"}, never, "301"},
		{resumable.ServiceError{StatusCode: 400, Code: "RequestTimeout", RequestID: "REQ1"}, again, "terraform apply again"},
		{resumable.ServiceError{StatusCode: 429, RequestID: "REQ1"}, again, "terraform apply again"},
		{resumable.ServiceError{StatusCode: 404, Code: "NoSuchUpload", RequestID: "REQ1"}, again, "terraform apply again"},
		{resumable.ServiceError{StatusCode: 400, Code: "InvalidPart", RequestID: "REQ1"}, again, "terraform apply again"},
		{resumable.ServiceError{StatusCode: 500, Code: "InternalError", RequestID: "REQ1"}, again, "terraform apply again"},
		{resumable.ServiceError{StatusCode: 203, Code: "CallbackFailed", RequestID: "REQ1"}, again, "terraform apply again"},
	} {
		got := testAttempt().diagnose(t.Context(), &test.answer)
		if got.Summary() != test.summary || !strings.Contains(got.Detail(), test.says) {
			t.Errorf("%v: %s\n%s", &test.answer, got.Summary(), got.Detail())
		}
		if test.summary == never && (!strings.Contains(got.Detail(), "will be refused again") || strings.Contains(got.Detail(), "apply again")) {
			t.Errorf("%v:\n%s", &test.answer, got.Detail())
		}
		if inquired := listingUploads(resumable.Object{Bucket: "bucket"}).diagnose(t.Context(), &test.answer); (inquired.Summary() == never) != (test.summary == never) {
			t.Errorf("%v: inquiry: %s", &test.answer, inquired.Summary())
		}
	}
}

// A full table of open files is neither the source's fault, nor that of the
// checkpoint directory or the network.
func TestDiagnose_tooManyOpenFiles(t *testing.T) {
	full := func(errno syscall.Errno) error {
		return &fs.PathError{Op: "open", Path: "/a/file", Err: errno}
	}
	for name, err := range map[string]error{
		"source":     full(syscall.EMFILE),
		"machine":    full(syscall.ENFILE),
		"checkpoint": fmt.Errorf("%w: lock /a/file: %w", resumable.ErrCheckpointDir, full(syscall.EMFILE)),
		"connection": &net.OpError{Op: "dial", Err: os.NewSyscallError("socket", syscall.EMFILE)},
	} {
		got := testAttempt().diagnose(t.Context(), err)
		if got.Summary() != "Too many open files" || argumentOf(got) != "" {
			t.Errorf("%s: %q at %q", name, got.Summary(), argumentOf(got))
		}
		for _, text := range []string{"ulimit -n", "-parallelism=", "max_parallel_parts"} {
			if !strings.Contains(got.Detail(), text) {
				t.Errorf("%s: no %q in:\n%s", name, text, got.Detail())
			}
		}
	}
}

func TestDiagnose_unanswered(t *testing.T) {
	verification := func(err error) error { return &tls.CertificateVerificationError{Err: err} }
	for _, test := range []struct {
		err     error
		summary string
		says    []string
	}{
		{verification(x509.UnknownAuthorityError{}), "Certificate of OSS is not trusted", []string{"SSL_CERT_FILE", "HTTPS_PROXY", "proxy_url"}},
		{verification(x509.HostnameError{Certificate: &x509.Certificate{}, Host: "x"}), "Certificate is not for this host", []string{"use_path_style", "use_cname"}},
		{&net.DNSError{Name: "bucket.bucket.oss-cn-hangzhou.example.com.", IsNotFound: true}, "Bucket is in the endpoint", []string{`endpoint = "oss-cn-hangzhou.example.com"`, "use_cname"}},
		{&net.DNSError{Name: "bucket.bucketeer.example.com", IsNotFound: true}, "OSS cannot be reached", []string{"HTTPS_PROXY"}},
		{errors.Join(errors.New("x"), &net.OpError{Op: "dial", Err: errors.New("refused")}), "OSS cannot be reached", nil},
	} {
		got := testAttempt().diagnose(t.Context(), test.err)
		inquired := listingUploads(resumable.Object{Bucket: "bucket"}).diagnose(t.Context(), test.err)
		if got.Summary() != test.summary || inquired.Summary() != test.summary {
			t.Errorf("%v: %q, %q", test.err, got.Summary(), inquired.Summary())
		}
		for _, text := range test.says {
			if !strings.Contains(got.Detail(), text) {
				t.Errorf("%s: no %q in:\n%s", test.summary, text, got.Detail())
			}
		}
	}
}
