// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/checkpoint"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/source"
)

// What can go wrong, for errors.Is. The answers of OSS are told apart by
// their code only, never by their text.
var (
	ErrNoSuchKey          = errors.New("object does not exist")
	ErrNoSuchVersion      = errors.New("object has no such version")
	ErrNoSuchBucket       = errors.New("bucket does not exist")
	ErrNoSuchUpload       = errors.New("multipart upload does not exist")
	ErrInvalidPart        = errors.New("OSS does not hold the named parts")
	ErrObjectExists       = errors.New("object exists and must not be overwritten")
	ErrObjectImmutable    = errors.New("object cannot be changed until its retention ends")
	ErrPreconditionFailed = errors.New("object was changed by another writer")
	ErrEntityTooLarge     = errors.New("object is too large for one request")
	ErrRetention          = errors.New("the object is up to date; only its retention could not be set")
	ErrArchived           = errors.New("object is archived and has not been restored")
	ErrAccessDenied       = errors.New("access denied")
	ErrCredentials        = errors.New("credentials were rejected")
	ErrCredentialsExpired = errors.New("credentials expired")
	ErrNoCredentials      = errors.New("no credentials available")
	ErrChecksumMismatch   = errors.New("the bytes that OSS stored differ from those sent")
	ErrPublishedOther     = errors.New("the object differs from what was uploaded")
	ErrSourceChanged      = source.ErrChanged
	ErrSourceNotRegular   = source.ErrNotRegular
	ErrSourceNotPlanned   = errors.New("source differs from the plan")
	ErrCheckpointLocked   = checkpoint.ErrLocked
	ErrCheckpointDir      = checkpoint.ErrDir
	ErrCheckpointVersion  = checkpoint.ErrVersion

	// errDamagedAgain marks a part that does not arrive whole.
	errDamagedAgain = errors.New("part arrived damaged")

	// errStillCompleting marks NoSuchUpload after a request to complete that
	// was not answered: the upload is gone because OSS is making the object.
	errStillCompleting = errors.New("OSS is still completing the upload")
)

// ServiceError is an answer of OSS that is not success.
type ServiceError struct {
	Op         string // OSS's name of the operation, such as "UploadPart"
	StatusCode int
	Code       string // such as "NoSuchUpload"; "" when the answer had none
	Message    string // OSS's own, shortened
	RequestID  string
	EC         string        // OSS's error number, such as "0015-00000104"
	RetryAfter time.Duration // what Retry-After or x-oss-qos-delay-time asked for; 0: nothing
}

func (e *ServiceError) Error() string {
	text := fmt.Sprintf("%s: OSS answered %d", e.Op, e.StatusCode)
	if e.Code != "" {
		text += " " + e.Code
	}
	if e.Message != "" {
		text += ": " + e.Message
	}
	if e.RequestID != "" {
		text += " (request ID " + e.RequestID
		if e.EC != "" {
			text += ", EC " + e.EC
		}
		text += ")"
	}
	return text
}

var sentinelByCode = map[string]error{
	"NoSuchKey":             ErrNoSuchKey,
	"NoSuchVersion":         ErrNoSuchVersion,
	"NoSuchBucket":          ErrNoSuchBucket,
	"NoSuchUpload":          ErrNoSuchUpload,
	"InvalidPart":           ErrInvalidPart,
	"InvalidPartOrder":      ErrInvalidPart,
	"FilePartNotExist":      ErrInvalidPart,
	"FileAlreadyExists":     ErrObjectExists,
	"FileImmutable":         ErrObjectImmutable,
	"PreconditionFailed":    ErrPreconditionFailed,
	"EntityTooLarge":        ErrEntityTooLarge,
	"InvalidObjectState":    ErrArchived,
	"AccessDenied":          ErrAccessDenied,
	"InvalidAccessKeyId":    ErrCredentials,
	"SignatureDoesNotMatch": ErrCredentials,
	"InvalidSecurityToken":  ErrCredentials,
	"SecurityTokenExpired":  ErrCredentialsExpired,
}

// Is matches the sentinels of this package by OSS's error code.
func (e *ServiceError) Is(target error) bool {
	sentinel, known := sentinelByCode[e.Code]
	return known && sentinel == target
}

// UploadError is an upload that did not finish. What OSS holds by then stays
// there, and the next Upload of the same request goes on from it.
type UploadError struct {
	Object      Object
	UploadID    string // "" when no multipart upload was open
	PartNumber  int    // the part that failed; 0 when it was none
	PartsStored int    // parts that OSS acknowledged, of this and earlier runs
	Parts       int    // parts in the plan; 0 when no multipart upload was open
	BytesStored int64
	Checkpoint  string // path of the journal; "" when there is none
	Copy        bool   // parts are copied inside OSS; no bytes are sent
	Err         error
}

func (e *UploadError) Error() string {
	what := "upload"
	if e.Copy {
		what = "copy"
	}
	if e.PartNumber > 0 {
		what += fmt.Sprintf(" part %d of", e.PartNumber)
	}
	if errors.Is(e.Err, context.Canceled) {
		return fmt.Sprintf("%s %s: interrupted", what, e.Object)
	}
	return fmt.Sprintf("%s %s: %v", what, e.Object, e.Err)
}

func (e *UploadError) Unwrap() error { return e.Err }
