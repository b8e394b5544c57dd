// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package osstest

// Op is the name of an operation of OSS's REST API, as the API pages spell it.
type Op string

// The operations that this server supports.
const (
	ListBuckets         Op = "ListBuckets"
	PutBucket           Op = "PutBucket"
	DeleteBucket        Op = "DeleteBucket"
	GetBucketInfo       Op = "GetBucketInfo"
	GetBucketLocation   Op = "GetBucketLocation"
	GetBucketStat       Op = "GetBucketStat"
	GetBucketACL        Op = "GetBucketAcl"
	PutBucketACL        Op = "PutBucketAcl"
	GetBucketVersioning Op = "GetBucketVersioning"
	PutBucketVersioning Op = "PutBucketVersioning"
	ListLiveChannel     Op = "ListLiveChannel"

	ListObjects        Op = "ListObjects"
	ListObjectsV2      Op = "ListObjectsV2"
	ListObjectVersions Op = "ListObjectVersions"

	PutObject             Op = "PutObject"
	AppendObject          Op = "AppendObject"
	SealAppendObject      Op = "SealAppendObject"
	CopyObject            Op = "CopyObject"
	GetObject             Op = "GetObject"
	HeadObject            Op = "HeadObject"
	GetObjectMeta         Op = "GetObjectMeta"
	DeleteObject          Op = "DeleteObject"
	DeleteMultipleObjects Op = "DeleteMultipleObjects"
	GetObjectACL          Op = "GetObjectAcl"
	PutObjectACL          Op = "PutObjectAcl"
	GetObjectTagging      Op = "GetObjectTagging"
	PutObjectTagging      Op = "PutObjectTagging"
	DeleteObjectTagging   Op = "DeleteObjectTagging"
	GetObjectRetention    Op = "GetObjectRetention"
	PutObjectRetention    Op = "PutObjectRetention"
	PutSymlink            Op = "PutSymlink"
	GetSymlink            Op = "GetSymlink"
	RestoreObject         Op = "RestoreObject"
	CleanRestoredObject   Op = "CleanRestoredObject"

	InitiateMultipartUpload Op = "InitiateMultipartUpload"
	UploadPart              Op = "UploadPart"
	UploadPartCopy          Op = "UploadPartCopy"
	CompleteMultipartUpload Op = "CompleteMultipartUpload"
	AbortMultipartUpload    Op = "AbortMultipartUpload"
	ListParts               Op = "ListParts"
	ListMultipartUploads    Op = "ListMultipartUploads"
)

// Writes reports whether the operation changes anything on the server.
func (op Op) Writes() bool {
	switch op {
	case PutBucket, DeleteBucket, PutBucketACL, PutBucketVersioning,
		PutObject, AppendObject, SealAppendObject, CopyObject, DeleteObject, DeleteMultipleObjects,
		PutObjectACL, PutObjectTagging, DeleteObjectTagging, PutObjectRetention, PutSymlink, RestoreObject, CleanRestoredObject,
		InitiateMultipartUpload, UploadPart, UploadPartCopy,
		CompleteMultipartUpload, AbortMultipartUpload:
		return true
	}
	return false
}
