// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable

import (
	"cmp"
	"context"
	"errors"
	"fmt"
)

// SourceObject is an object whose bytes become those of another one. OSS copies
// them; none are sent. Headers, tags and ACL of the source are not copied.
type SourceObject struct {
	Object
	VersionID string // "": the current version

	// CRC64 and Size describe the object in the plan. An object that differs is not
	// copied.
	CRC64 string // "": any
	Size  *int64 // nil: any
}

// SourceObjectError is a failure to read or copy a [SourceObject].
type SourceObjectError struct {
	Object Object
	Err    error
}

func (e *SourceObjectError) Error() string {
	return fmt.Sprintf("source object %s: %v", e.Object, e.Err)
}

func (e *SourceObjectError) Unwrap() error { return e.Err }

// ErrNotCopyable reports an object that OSS cannot copy, or whose copy would not
// be an object with its bytes.
var ErrNotCopyable = errors.New("object cannot be copied")

// CheckCopyable returns an error if info describes an object that cannot be
// copied, whatever its state. Source: API pages CopyObject and UploadPartCopy.
func CheckCopyable(info ObjectInfo) error {
	switch {
	case info.Symlink:
		return fmt.Errorf("%w: it is a symbolic link to another object", ErrNotCopyable)
	case info.Appendable:
		return fmt.Errorf("%w: it is an appendable object", ErrNotCopyable)
	case info.Size > MaxPartSize*MaxParts:
		return fmt.Errorf("%w: it has %d bytes, and a copy in parts has at most %d", ErrNotCopyable, info.Size, int64(MaxPartSize*MaxParts))
	}
	return nil
}

// find describes the object, if it is the one in the plan and can be copied.
func (s SourceObject) find(ctx context.Context, oss OSS) (ObjectInfo, error) {
	info, err := oss.HeadObjectVersion(ctx, s.Object, s.VersionID)
	if err == nil {
		err = CheckCopyable(info)
	}
	switch {
	case err != nil:
	case s.CRC64 != "" && info.CRC64 != s.CRC64, s.Size != nil && info.Size != *s.Size:
		planned := "any size"
		if s.Size != nil {
			planned = fmt.Sprintf("size %d", *s.Size)
		}
		err = fmt.Errorf("%w: it has %s, but the plan has %s, CRC-64 %q", ErrSourceNotPlanned, info.identity(), planned, s.CRC64)
	}
	if err != nil {
		return ObjectInfo{}, &SourceObjectError{s.Object, err}
	}
	return info, nil
}

// copySource is [Uploader.Upload] for a [SourceObject].
func (u *Uploader) copySource(ctx context.Context, req Request) (Result, error) {
	from := req.SourceObject
	known, err := from.find(ctx, u.cfg.OSS)
	if err != nil {
		return Result{}, err
	}
	result, err := u.makeByCopy(ctx, req, original{Object: from.Object, version: from.VersionID, known: known})
	if err != nil {
		return Result{}, err
	}
	result.CopiedFrom = known
	result.Fingerprint.Size, result.Fingerprint.CRC64 = known.Size, cmp.Or(known.CRC64, result.CRC64)
	return result, nil
}

// blame names the source object in an error that it may have caused.
func (o original) blame(err error) error {
	if o.own {
		return err
	}
	for _, kind := range []error{ErrNoSuchKey, ErrNoSuchVersion, ErrPreconditionFailed, ErrArchived, ErrAccessDenied} {
		if errors.Is(err, kind) {
			return &SourceObjectError{o.Object, err}
		}
	}
	return err
}
