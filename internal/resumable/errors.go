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

// Errors for use with errors.Is. Answers of OSS are identified by their code,
// never by their message.
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

	// errDamagedAgain marks a part that was damaged in transit too often.
	errDamagedAgain = errors.New("part arrived damaged")

	// errStillCompleting marks NoSuchUpload after an unanswered request to
	// complete: the upload is gone because OSS is creating the object.
	errStillCompleting = errors.New("OSS is still completing the upload")
)

// ServiceError is an error answer of OSS.
type ServiceError struct {
	Op         string // operation of OSS, such as "UploadPart"
	StatusCode int
	Code       string // such as "NoSuchUpload"; "" if the answer had none
	Message    string // of OSS, shortened
	RequestID  string
	EC         string        // error number of OSS, such as "0015-00000104"
	RetryAfter time.Duration // from Retry-After or x-oss-qos-delay-time; 0: none
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

// Is matches the errors of this package by the error code of OSS.
func (e *ServiceError) Is(target error) bool {
	sentinel, known := sentinelByCode[e.Code]
	return known && sentinel == target
}

// UploadError is an upload that did not finish. Parts that OSS holds stay there,
// and the next Upload of the same request continues from them.
type UploadError struct {
	Object      Object
	UploadID    string // "" if no multipart upload was open
	PartNumber  int    // the part that failed; 0: none
	PartsStored int    // parts that OSS acknowledged in this and earlier runs
	Parts       int    // parts in the plan; 0 if no multipart upload was open
	BytesStored int64
	Checkpoint  string // path of the journal; "": none
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
