// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
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

	"github.com/ossresumable/terraform-provider-ossresumable/internal/escape"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// An answer with one known cause says what to change, and not only to apply again.
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
		{answer(400, "PublicEndpointForbidden", "0048-00000401"), "", "Public endpoint not available to this account", []string{"use_cname", "use_internal_endpoint", "another region"}},
		{answer(400, "InvalidArgument", "0002-00000226"), "", "Region does not match the endpoint", []string{"Set region", "endpoint", "ALICLOUD_REGION", "OSS_ENDPOINT"}},
		{answer(403, "SecondLevelDomainForbidden", ""), "", "OSS refuses path-style requests", []string{"use_path_style"}},
		{answer(403, "UserDisable", "0003-00000801"), "", "Account is suspended", []string{"payment is overdue"}},
		{answer(403, "QuotaExceeded", ""), "bucket", "Quota exceeded", []string{"unfinished uploads"}},
		{answer(403, "KmsServiceNotEnabled", ""), "server_side_encryption", "Key Management Service is not activated", []string{"AES256"}},
		{answer(400, "InvalidBucketName", ""), "bucket", "Invalid bucket name", []string{"3 to 63", "use_cname"}},
		{answer(400, "InvalidTargetBucketForLogging", ""), "bucket", "Invalid logging target of the bucket", []string{"access log"}},
		{answer(403, "AccessDenied", "0016-00000901"), "acl", "Public access is blocked", []string{"Block Public Access", "Remove acl"}},
		{answer(403, "AccessDenied", "0003-00000703"), "bucket", "Bucket requires the requester to pay", []string{`request_payer = "requester"`}},
		{answer(413, "", ""), "part_size", "Request too large for a proxy", []string{"part_size", "multipart_threshold", "client_max_body_size"}},
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
		requested := listingUploads(resumable.Object{Bucket: "bucket"}).diagnose(t.Context(), test.err)
		if requested.Summary() != test.summary || argumentOf(requested) != "" && argumentOf(requested) != "bucket" {
			t.Errorf("request: %q at %q", requested.Summary(), argumentOf(requested))
		}
	}
}

// An unknown answer says to apply again only if it may be temporary, or if the
// next apply handles it.
func TestDiagnose_permanent(t *testing.T) {
	const again, never = "Upload failed", "Request refused"
	for _, test := range []struct {
		answer  resumable.ServiceError
		summary string
		says    string
	}{
		{resumable.ServiceError{StatusCode: 400, Code: "InvalidArgument", EC: "0017-00000105", RequestID: "REQ1"}, never, "  Answer:     400 InvalidArgument\n  EC:         0017-00000105\n  Request ID: REQ1\n  Read:       https://api.aliyun.com/troubleshoot?q=0017-00000105\n"},
		{resumable.ServiceError{StatusCode: 409, Code: "ObjectNotAppendable", RequestID: "REQ1"}, never, "  Answer:     409 ObjectNotAppendable\n  Request ID: REQ1\n\n"},
		{resumable.ServiceError{StatusCode: 405, EC: "a b&c", RequestID: "REQ1"}, never, "  Answer:     405\n  EC:         a b&c\n  Request ID: REQ1\n  Read:       https://api.aliyun.com/troubleshoot?q=a+b%26c\n"},
		{resumable.ServiceError{StatusCode: 407, Message: "Proxy Authentication Required"}, never, "and not from OSS"},
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
		if requested := listingUploads(resumable.Object{Bucket: "bucket"}).diagnose(t.Context(), &test.answer); (requested.Summary() == never) != (test.summary == never) {
			t.Errorf("%v: request: %s", &test.answer, requested.Summary())
		}
	}
}

// The limit of open files is not an error of the source, the checkpoint directory or the
// network.
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

func TestDiagnose_noAnswer(t *testing.T) {
	verification := func(err error) error { return &tls.CertificateVerificationError{Err: err} }
	for _, test := range []struct {
		err     error
		summary string
		says    []string
	}{
		{verification(x509.UnknownAuthorityError{}), "Certificate of OSS is not trusted", []string{"SSL_CERT_FILE", "HTTPS_PROXY", "proxy_url"}},
		{verification(x509.HostnameError{Certificate: &x509.Certificate{}, Host: "x"}), "Certificate does not match the host", []string{"use_path_style", "use_cname"}},
		{&net.DNSError{Name: "bucket.bucket.oss-cn-hangzhou.example.com.", IsNotFound: true}, "Endpoint already contains the bucket", []string{`endpoint = "oss-cn-hangzhou.example.com"`, "use_cname"}},
		{&net.DNSError{Name: "bucket.bucketeer.example.com", IsNotFound: true}, "OSS cannot be reached", []string{"HTTPS_PROXY"}},
		{errors.Join(errors.New("x"), &net.OpError{Op: "dial", Err: errors.New("refused")}), "OSS cannot be reached", nil},
	} {
		got := testAttempt().diagnose(t.Context(), test.err)
		requested := listingUploads(resumable.Object{Bucket: "bucket"}).diagnose(t.Context(), test.err)
		if got.Summary() != test.summary || requested.Summary() != test.summary {
			t.Errorf("%v: %q, %q", test.err, got.Summary(), requested.Summary())
		}
		for _, text := range test.says {
			if !strings.Contains(got.Detail(), text) {
				t.Errorf("%s: no %q in:\n%s", test.summary, text, got.Detail())
			}
		}
	}
}

// A search for the summary of an error finds it in the guide.
func TestExplain_isInTheGuide(t *testing.T) {
	guide, err := os.ReadFile("../../templates/guides/when-an-upload-fails.md")
	if err != nil {
		t.Fatal(err)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	late, cancel := context.WithTimeout(t.Context(), 0)
	defer cancel()
	upload := attempt{operation: creating, object: resumable.Object{Bucket: "bucket"}}
	summaries := []escape.Text{
		upload.explain(cancelled, context.Canceled).summary,
		upload.explain(late, context.DeadlineExceeded).summary,
		upload.explain(t.Context(), errors.New("something new")).summary,
	}
	for _, e := range explanations {
		summaries = append(summaries, e.summary)
	}
	for _, summary := range summaries {
		if !strings.Contains(string(guide), "`"+string(summary)+"`") {
			t.Errorf("the guide says nothing about %q", summary)
		}
	}
}
