// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// Every text of this package escapes names and answers with control characters. This
// test creates the texts that need no running server. TestPrinted checks the whole
// program.
func TestReport_hostile(t *testing.T) {
	object := resumable.Object{Bucket: hostile, Key: hostile}
	model := &objectModel{
		Bucket: types.StringValue(hostile), Key: types.StringValue(hostile), Source: types.StringValue(hostile),
		ContentDisposition: types.StringValue(hostile), DeletionPolicy: types.StringValue(policyRetain),
		PartSize: types.Int64Null(), Tags: oneText(hostile), Metadata: oneText(hostile),
	}
	answer := func(code, ec string, status int) error {
		return fmt.Errorf("tag %q of host %s: %w", hostile, hostile, &resumable.UploadError{
			Object: object, UploadID: hostile, PartsStored: 1, Parts: 2, Checkpoint: hostile,
			Err: &resumable.ServiceError{Op: hostile, StatusCode: status, Code: code, Message: hostile, RequestID: hostile, EC: ec},
		})
	}
	errs := []error{
		answer(hostile, hostile, 400), answer(hostile, "", 409), answer("AccessDenied", hostile, 403), answer(hostile, hostile, 500),
		answer("NoSuchVersion", hostile, 404), answer("MethodNotAllowed", hostile, 405), answer("NoSuchKey", hostile, 404),
		&fs.PathError{Op: "read", Path: hostile, Err: errors.New(hostile)}, &fs.PathError{Op: "open", Path: hostile, Err: syscall.EMFILE},
		&net.OpError{Op: hostile, Err: errors.New(hostile)}, &net.DNSError{Err: hostile, Name: hostile + "." + hostile + ".x"},
		errors.New(hostile),
	}
	for _, sentinel := range []error{
		resumable.ErrSourceChanged, resumable.ErrSourceNotPlanned, resumable.ErrSourceNotRegular, resumable.ErrCheckpointLocked,
		resumable.ErrCheckpointVersion, resumable.ErrCheckpointDir, resumable.ErrNoSuchBucket, resumable.ErrObjectExists,
		resumable.ErrObjectImmutable, resumable.ErrPreconditionFailed, resumable.ErrNoCredentials, resumable.ErrCredentialsExpired,
		resumable.ErrCredentials, resumable.ErrRetention, resumable.ErrArchived, resumable.ErrPublishedOther, resumable.ErrChecksumMismatch,
		fs.ErrNotExist, fs.ErrPermission,
		x509.UnknownAuthorityError{},
		x509.HostnameError{Certificate: &x509.Certificate{}, Host: hostile},
	} {
		errs = append(errs, fmt.Errorf("%w: %s", sentinel, hostile))
	}
	for _, sentinel := range []error{
		resumable.ErrNotCopyable, resumable.ErrNoSuchKey, resumable.ErrSourceNotPlanned, resumable.ErrArchived, resumable.ErrAccessDenied,
	} {
		errs = append(errs, &resumable.SourceObjectError{Object: object, Err: fmt.Errorf("%w: %s", sentinel, hostile)})
	}
	for _, code := range []string{
		"PublicEndpointForbidden", "SecondLevelDomainForbidden", "UserDisable", "QuotaExceeded", "KmsServiceNotEnabled", "InvalidBucketName",
		"InvalidTargetBucketForLogging",
	} {
		errs = append(errs, answer(code, hostile, 400))
	}
	errs = append(errs, answer(hostile, "0002-00000226", 400), answer(hostile, "0016-00000901", 403), answer(hostile, "0003-00000703", 403),
		answer(hostile, ecInvalidVersionID, 400), answer(hostile, hostile, 413))
	for _, e := range explanations {
		explained := func(err error) bool { return e.when(attempt{object: object}, err) }
		if !slices.ContainsFunc(errs, explained) {
			t.Errorf("no error for the row %q", e.summary)
		}
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()

	var said []string
	add := func(diags ...diag.Diagnostic) {
		for _, d := range diags {
			said = append(said, d.Summary(), d.Detail())
		}
	}
	for _, err := range errs {
		for _, ctx := range []context.Context{t.Context(), cancelled} {
			for _, op := range []operation{planning, creating, updating, reading, deleting} {
				add(op.of(model).diagnose(ctx, err))
			}
			add(listingObjects(object).diagnose(ctx, err), listingUploads(object).diagnose(ctx, err))
			add(readingObject(object, "oss:GetObject", hostile).diagnose(ctx, err))
			add(notAborted(ctx, object, 1, 2, []error{err, err}))
			add((*objectResource)(nil).oldObjectRemains(ctx, model, model, err))
		}
		said = append(said, string(unreadable(err)))
		add(warnCheckpointDir(t.TempDir(), false, err)...)
	}
	add(warnRetained(model)...)
	add(warnNotRemoved(resumable.Claim{Object: object}, resumable.ObjectInfo{}))
	add(model.warnHidden(resumable.Headers{DispositionHidden: true})...)
	add(warnings(resumable.Result{Warnings: []string{hostile, hostile}})...)
	add(invalid(path.Root("metadata").AtMapKey(hostile), hostile, errors.New(hostile)))
	_, diags := importedObject(t.Context(), resource.ImportStateRequest{ID: hostile})
	add(diags...)
	var moved resource.MoveStateResponse
	takeOverFromAlicloud(t.Context(), resource.MoveStateRequest{
		SourceTypeName: alicloudObject, SourceProviderAddress: "x/aliyun/alicloud",
		SourceRawState: &tfprotov6.RawState{JSON: []byte(`{"bucket":"` + "a\\u001b[2J" + `"}`)},
	}, &moved)
	add(moved.Diagnostics...)
	said = append(said, shownID(object))

	for _, text := range said {
		if strings.ContainsAny(text, controlRunes) || strings.Contains(text, "\nError: c") {
			t.Errorf("it says %q", text)
		}
		if strings.Contains(text, "%!") {
			t.Errorf("a verb without argument: %q", text)
		}
	}
	t.Logf("texts: %d", len(said))
	if len(said) < 500 {
		t.Error("texts are missing")
	}
}

func oneText(text string) types.Map {
	return mapOf(map[string]string{text: text}, types.MapNull(types.StringType))
}

// A line of the log contains only the visible characters of a name.
func TestReport_log(t *testing.T) {
	fields := map[string]any{}
	addField(fields, "", slog.Any("error", errors.New(hostile)))
	addField(fields, "", slog.Duration("wait", time.Second))
	if got := fmt.Sprint(fields); strings.ContainsAny(got, controlRunes+"\n") {
		t.Errorf("got %q", got)
	}
}

// The hint is a command if its ID needs no quotes in a shell, or else an import block.
func TestImportHint(t *testing.T) {
	for key, want := range map[string]string{
		"dir/file-1.zip": "terraform import ADDRESS bucket/dir/file-1.zip",
		"a b":            "import {\n    to = ADDRESS\n    id = \"bucket/a b\"\n  }",
		"%PATH%":         `id = "bucket/%PATH%"`,
		"$(touch x)'`":   "id = \"bucket/$(touch x)'`\"",
		"a\x1b\n\"${b}":  `id = "bucket/a\u001b\u000a\"$${b}"`,
		"a\u202eb":       `id = "bucket/a\u202eb"`,
		"-x\\":           `id = "bucket/-x\\"`,
		"~":              `id = "bucket/~"`,
		"日本":             `id = "bucket/日本"`,
	} {
		got := string(importHint(resumable.Object{Bucket: "bucket", Key: key}))
		if !strings.HasSuffix(got, want) && !strings.Contains(got, want+"\n") {
			t.Errorf("%q: %s", key, got)
		}
		if strings.Contains(got, "terraform import") != (key == "dir/file-1.zip") {
			t.Errorf("%q: %s", key, got)
		}
	}
}
