// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

// Package ossclient speaks to Alibaba Cloud OSS. It is the [resumable.OSS] of
// the provider and the only importer of the OSS Go SDK.
//
// The SDK is used for one thing: to address and sign a request. UploadPart goes
// round it, because what it costs counts there (upload_part.go). Everything a long
// upload has to be sure of is decided here instead:
//
//   - Transport. One try on the wire is one request and one whole answer, or
//     an error; it ends when nothing, or next to nothing, has moved for a
//     while. Redirects are not followed: credentials go to the configured
//     endpoint and nowhere else.
//   - Retries. Requests without a body that may be repeated (GET, HEAD,
//     DELETE) go through go-retryablehttp, a few times within seconds.
//     Everything else is sent once, straight from the file, buffered nowhere:
//     go-retryablehttp would read a part into memory, repeat a lost
//     InitiateMultipartUpload, and send the old signature again. The engine
//     repeats those, by the same back-off, with a new signature. DeleteObject
//     is in between: without an answer, it looks before it repeats itself.
//   - Signatures. A request that OSS refuses for its date or its credentials
//     has had no effect. It is signed anew and sent again, once, if there is
//     something new to sign it with: the time as OSS has just told it, or
//     other credentials.
//   - Answers. Success is what OSS documents as the answer, never just 200. An
//     error inside a 200, the HTML of a proxy, a list that never ends and a
//     document about another object are errors.
//   - Errors. What OSS answered is a [*resumable.ServiceError]. Any other
//     error leaves open whether the request took effect. No error and no log
//     line holds a URL, a signature or a secret.
//
// The way of a request:
//
//	operation (object.go, copy.go, versions.go, attributes.go, multipart.go, list*.go)
//	  → Client.do: what to sign with; once more if refused
//	    → sdkBucket, or partSender: address, headers, signature
//	      → split ─ GET, HEAD, DELETE ─→ retrying ─→ wire
//	              └ everything else ───────────────→ wire
//	  ← answer, or the error it means (errors.go)
package ossclient
