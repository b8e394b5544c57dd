// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable

import "context"

// OSS is the interface to the object store.
//
// Each call is one attempt at one operation, except that calls that only read
// may retry. A call returns nil only if OSS reported success. An error answer of
// OSS is a [*ServiceError]. After any other error, the request may have taken
// effect, and the engine finds out by reading. If such an error has a method
// Transient() bool, it reports whether a retry may help. Calls return soon after
// ctx is done.
type OSS interface {
	// HeadObject describes the current version. It fails with ErrNoSuchKey if
	// the object does not exist.
	HeadObject(ctx context.Context, obj Object) (ObjectInfo, error)

	// HeadObjectVersion is HeadObject for one version; "" is the current one. It
	// fails with ErrNoSuchVersion if no version has this ID.
	HeadObjectVersion(ctx context.Context, obj Object, versionID string) (ObjectInfo, error)

	// PutObject stores a whole object and returns its ETag. md5 is the base64
	// digest with which OSS checks the body before it stores anything.
	PutObject(ctx context.Context, dst Destination, body Body, md5 string) (etag string, err error)

	// CopyObject copies an object to dst inside OSS, with the headers
	// and the ACL of dst, and returns the new ETag. An object that is copied
	// onto itself keeps its tags; a new one gets those of dst. It fails with
	// ErrPreconditionFailed if from has another ETag, and with
	// ErrEntityTooLarge if the object can only be copied in parts.
	CopyObject(ctx context.Context, dst Destination, from CopySource) (etag string, err error)

	// GetObjectACL returns the ACL; DefaultACL is that of the bucket.
	GetObjectACL(ctx context.Context, obj Object) (string, error)

	// PutObjectACL replaces the ACL.
	PutObjectACL(ctx context.Context, obj Object, acl string) error

	// GetObjectTagging returns all tags.
	GetObjectTagging(ctx context.Context, obj Object) (map[string]string, error)

	// PutObjectTagging replaces all tags. Empty tags remove them.
	PutObjectTagging(ctx context.Context, obj Object, tags map[string]string) error

	// PutObjectRetention sets the retention of the current version. OSS refuses
	// to shorten it.
	PutObjectRetention(ctx context.Context, obj Object, retention Retention) error

	InitiateMultipartUpload(ctx context.Context, dst Destination) (Upload, error)

	// UploadPart stores one part and replaces an earlier one of the same number.
	// It returns what OSS reports, which the engine checks.
	UploadPart(ctx context.Context, up Upload, number int, body Body) (StoredPart, error)

	// UploadPartCopy stores one part from a range of an object in OSS, and
	// replaces an earlier one of the same number. It fails with
	// ErrPreconditionFailed if the ETag of that object has changed.
	UploadPartCopy(ctx context.Context, up Upload, number int, from Range) (StoredPart, error)

	// ListParts returns all pages, in order of part number.
	ListParts(ctx context.Context, up Upload) ([]StoredPart, error)

	// ListMultipartUploads returns the open uploads of exactly this key.
	ListMultipartUploads(ctx context.Context, obj Object) ([]OpenUpload, error)

	// CompleteMultipartUpload publishes the parts as the object and returns its
	// ETag, or "" if a callback answered instead of OSS. The ETags of the parts
	// make it a compare-and-swap: OSS refuses a part with another ETag.
	CompleteMultipartUpload(ctx context.Context, up Upload, parts []StoredPart) (etag string, err error)

	// AbortMultipartUpload deletes an upload and its parts. It fails with
	// ErrNoSuchUpload if there is no such upload.
	AbortMultipartUpload(ctx context.Context, up Upload) error
}
