// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

// Package ossclient is the client of Alibaba Cloud OSS. It implements
// [resumable.OSS] and is the only package that imports the OSS Go SDK.
//
// The SDK addresses and signs requests. UploadPart bypasses it to save CPU time
// (upload_part.go). This package adds what a long upload needs:
//
//   - Transport. Each attempt returns either a complete answer or an error. It
//     is canceled if it makes almost no progress for some time. Redirects are not
//     followed: credentials are sent to the configured endpoint only.
//   - Retries. Requests that have no body and the same effect however often they
//     are sent (GET, HEAD, DELETE) are retried with go-retryablehttp, a few times
//     within seconds. All other requests are sent once, and bodies are read
//     directly from the file: go-retryablehttp would read a part into memory,
//     repeat a lost InitiateMultipartUpload, and reuse the signature. The engine
//     repeats them with a new signature. DeleteObject is special: if it gets no
//     answer, it checks whether the object still exists before it is sent again.
//   - Signatures. A request that OSS refuses because of its date or its
//     credentials had no effect. It is signed and sent once more if the date of
//     OSS is now known, or if there are new credentials.
//   - Answers. Only the answer that OSS documents counts as success, not just the
//     status 200. An error in a 200, the HTML page of a proxy, an endless list and
//     a document about another object are errors.
//   - Errors. An error answer of OSS is a [*resumable.ServiceError]. With any
//     other error, it is unknown whether the request took effect. Errors and log
//     lines contain no URL, no signature and no secret.
//
// The path of a request:
//
//	operation (object.go, copy.go, versions.go, attributes.go, multipart.go, list*.go)
//	  → Client.do: credentials and clock; a second attempt if OSS refuses them
//	    → sdkBucket or partSender: address, headers, signature
//	      → split ─ retryAlways, retryRefused ─→ retrying ─→ wire
//	              └ retryNever ────────────────────────────→ wire
//	  ← answer or error (errors.go)
package ossclient
