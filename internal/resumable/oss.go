// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable

import "context"

// OSS is what the engine asks of the object store.
//
// Every call is one attempt to do one thing, unless it only reads: calls that
// only read may retry by themselves. A call returns nil only when OSS said
// that it is done. An error that OSS answered is a [*ServiceError]; any other
// error leaves open whether the request took effect, and the engine finds out
// by reading; if it has a method Transient() bool, that tells whether sending
// the same again may help. Calls stop soon after ctx is done.
type OSS interface {
	// HeadObject describes the current version. ErrNoSuchKey: there is none.
	HeadObject(ctx context.Context, obj Object) (ObjectInfo, error)

	// PutObject stores a whole object, and returns its ETag. md5 is the base64
	// digest that OSS checks the body against before it stores anything.
	PutObject(ctx context.Context, dst Destination, body Body, md5 string) (etag string, err error)

	// CopyObject makes dst of the object at from without sending its bytes, with
	// the headers and the ACL of dst, and returns its ETag. An object that is copied onto itself keeps
	// its tags, a new one has those of dst. It fails with ErrPreconditionFailed
	// when the ETag of from is no longer etag, and with ErrEntityTooLarge when
	// this takes a copy in parts.
	CopyObject(ctx context.Context, dst Destination, from Object, etag string) (newETag string, err error)

	// GetObjectACL returns OSS's name of the ACL; DefaultACL is the bucket's.
	GetObjectACL(ctx context.Context, obj Object) (string, error)

	// PutObjectACL replaces the ACL.
	PutObjectACL(ctx context.Context, obj Object, acl string) error

	// GetObjectTagging returns all tags.
	GetObjectTagging(ctx context.Context, obj Object) (map[string]string, error)

	// PutObjectTagging replaces all tags; no tags remove them.
	PutObjectTagging(ctx context.Context, obj Object, tags map[string]string) error

	// PutObjectRetention keeps the current version as it is for some time. OSS
	// refuses to make that shorter.
	PutObjectRetention(ctx context.Context, obj Object, retention Retention) error

	InitiateMultipartUpload(ctx context.Context, dst Destination) (Upload, error)

	// UploadPart stores one part, replacing an earlier one of that number.
	// What OSS says it stored is returned as it is; the engine judges it.
	UploadPart(ctx context.Context, up Upload, number int, body Body) (StoredPart, error)

	// UploadPartCopy stores one part, replacing an earlier one of that number,
	// of bytes that OSS has already. It fails with ErrPreconditionFailed when
	// they are no longer those of from.
	UploadPartCopy(ctx context.Context, up Upload, number int, from Range) (StoredPart, error)

	// ListParts returns all pages, in order of part number.
	ListParts(ctx context.Context, up Upload) ([]StoredPart, error)

	// ListMultipartUploads returns the open uploads of exactly this key.
	ListMultipartUploads(ctx context.Context, obj Object) ([]OpenUpload, error)

	// CompleteMultipartUpload publishes the named parts as the object, and returns
	// its ETag; "" when a callback has answered in place of OSS. The ETags of the
	// parts make it a compare-and-swap: OSS refuses a part that has another.
	CompleteMultipartUpload(ctx context.Context, up Upload, parts []StoredPart) (etag string, err error)

	// AbortMultipartUpload gives up the parts. ErrNoSuchUpload: there are none.
	AbortMultipartUpload(ctx context.Context, up Upload) error
}
