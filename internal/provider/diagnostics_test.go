// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

func refused(code string) error {
	return &resumable.ServiceError{Op: "UploadPart", StatusCode: 403, Code: code, RequestID: "REQ1", EC: "0003-1"}
}

func TestDiagnose(t *testing.T) {
	live := context.Background()
	cancelled, cancel := context.WithCancel(live)
	cancel()
	late, cancelLate := context.WithTimeout(live, -time.Second)
	defer cancelLate()

	_, missing := os.Stat(filepath.Join(t.TempDir(), "absent"))
	refusedConnection := &url.Error{Op: "Put", URL: "http://127.0.0.1:1/", Err: &net.OpError{Op: "dial", Err: errors.New("connection refused")}}

	for _, test := range []struct {
		name     string
		ctx      context.Context
		err      error
		argument string
		summary  string
		says     string
	}{
		{"interrupted", cancelled, context.Canceled, "", "Upload interrupted", "Run terraform apply again"},
		{"interrupted, seen as a network error", cancelled, refusedConnection, "", "Upload interrupted", "Nothing is lost"},
		{"deadline", late, context.DeadlineExceeded, "timeouts", "Upload timed out", "checkpoint of the upload is kept"},
		{"an HTTP client's own deadline", live, fmt.Errorf("%w: %w", context.DeadlineExceeded, refusedConnection), "", "OSS cannot be reached", "HTTPS_PROXY"},
		{"source changed", live, resumable.ErrSourceChanged, "source", "Source file changed while it was read", "Nothing was published"},
		{"source moved away", live, fmt.Errorf("%w: %w", resumable.ErrSourceChanged, missing), "source", "Source file changed while it was read", "Nothing was published"},
		{"other hash", live, fmt.Errorf("%w: f has SHA-256 abc, planned was def", resumable.ErrSourceNotPlanned), "source", "Source file does not match the plan", "SHA-256 abc, planned was def"},
		{"missing file", live, missing, "source", "Source file does not exist", "path.module"},
		{"unreadable file", live, &fs.PathError{Op: "open", Path: "f", Err: fs.ErrPermission}, "source", "Source file cannot be read", "Allow the user"},
		{"directory", live, resumable.ErrSourceNotRegular, "source", "Source is not a regular file", "fileset()"},
		{"no bucket", live, refused("NoSuchBucket"), "bucket", "Bucket does not exist", "request ID REQ1, EC 0003-1"},
		{"denied", live, refused("AccessDenied"), "bucket", "Access denied", "oss:ListMultipartUploads"},
		{"wrong key", live, refused("InvalidAccessKeyId"), "", "Credentials refused", "secret_key"},
		{"wrong signature", live, refused("SignatureDoesNotMatch"), "", "Credentials refused", "clock"},
		{"expired", live, refused("SecurityTokenExpired"), "", "Credentials expired", "OSS keeps the parts"},
		{"no credentials", live, fmt.Errorf("HeadObject: credentials: %w", resumable.ErrNoCredentials), "", "No credentials available", "Correct the cause above"},
		{"expired, and no others", live, fmt.Errorf("%w; asking again: %w", refused("SecurityTokenExpired"), resumable.ErrNoCredentials), "", "No credentials available", "OSS keeps the parts"},
		{"exists", live, resumable.ErrObjectExists, "key", "Object already exists", "terraform import ADDRESS bucket/key"},
		{"retained", live, refused("FileImmutable"), "key", "Object is protected by a retention policy", "retain"},
		{"replaced since", live, refused("PreconditionFailed"), "key", "Object changed since the plan", "plan"},
		{"archived", live, refused("InvalidObjectState"), "storage_class", "Object is archived", "Restore the object"},
		{"deleted since", live, refused("NoSuchKey"), "", "Object no longer exists", "create it"},
		{"other writer", live, resumable.ErrPublishedOther, "key", "Stored object differs from the upload", "Another program"},
		{"locked", live, resumable.ErrCheckpointLocked, "checkpoint_dir", "Another upload to this object is running", "no lock file to remove"},
		{"checkpoint dir", live, fmt.Errorf("%w: %w", resumable.ErrCheckpointDir, fs.ErrPermission), "checkpoint_dir", "Checkpoint directory cannot be used", "Nothing was sent"},
		{"newer checkpoint", live, resumable.ErrCheckpointVersion, "checkpoint_dir", "Checkpoint was written by a newer version", "version of the provider"},
		{"checksum", live, resumable.ErrChecksumMismatch, "", "Checksum mismatch", "apply again"},
		{"unreachable", live, refusedConnection, "", "OSS cannot be reached", "connection refused"},
		{"no such host", live, &net.DNSError{Err: "no such host", Name: "oss-nowhere"}, "", "OSS cannot be reached", "endpoint"},
		{"refused for something new", live, refused("NewCode"), "", "Request refused", "troubleshoot?q=0003-1"},
		{"anything else", live, errors.New("something new"), "", "Upload failed", "request ID"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := testAttempt().diagnose(test.ctx, test.err)
			if got.Summary() != test.summary {
				t.Errorf("summary is %q, want %q", got.Summary(), test.summary)
			}
			for _, text := range []string{test.says, test.err.Error(), "oss://bucket/key"} {
				if !strings.Contains(got.Detail(), text) {
					t.Errorf("detail does not say %q:\n%s", text, got.Detail())
				}
			}
			if argument := argumentOf(got); argument != test.argument {
				t.Errorf("it points at %q, want %q", argument, test.argument)
			}
		})
	}
}

func TestDiagnose_saysWhatIsSafe(t *testing.T) {
	failed := &resumable.UploadError{
		Object: resumable.Object{Bucket: "bucket", Key: "key"}, UploadID: "UP1", PartNumber: 42,
		PartsStored: 41, Parts: 64, BytesStored: 41 * 8 << 20, Checkpoint: "/cache/x.journal",
		Err: refused("SecurityTokenExpired"),
	}
	detail := testAttempt().diagnose(context.Background(), failed).Detail()
	want := `upload part 42 of oss://bucket/key: UploadPart: OSS answered 403 SecurityTokenExpired (request ID REQ1, EC 0003-1)

  Object:     oss://bucket/key
  Safe:       41 of 64 parts (328.0 MiB of 512.0 MiB) are stored in OSS and will not be sent again
  Upload ID:  UP1
  Checkpoint: /cache/x.journal

OSS keeps the parts that it already holds. Renew the credentials. Then run terraform apply again.`
	if detail != want {
		t.Errorf("got:\n%s\n\nwant:\n%s", detail, want)
	}

	failed.Copy = true
	if detail := testAttempt().diagnose(context.Background(), failed).Detail(); !strings.Contains(detail, "copy part 42 of") || !strings.Contains(detail, "will not be copied again") {
		t.Errorf("it was no upload:\n%s", detail)
	}
	failed.Copy, failed.Err = false, resumable.ErrSourceChanged
	if detail := testAttempt().diagnose(context.Background(), failed).Detail(); strings.Contains(detail, "Safe:") {
		t.Errorf("parts of other bytes are no use to the next apply:\n%s", detail)
	}
}

func testAttempt() attempt {
	return creating.of(&objectModel{
		Bucket: types.StringValue("bucket"), Key: types.StringValue("key"), ContentLength: types.Int64Value(512 << 20),
	})
}

func argumentOf(d diag.Diagnostic) string {
	at, ok := d.(diag.DiagnosticWithPath)
	if !ok {
		return ""
	}
	step, _ := at.Path().Steps().LastStep()
	name, ok := step.(path.PathStepAttributeName)
	if !ok {
		return ""
	}
	return string(name)
}
