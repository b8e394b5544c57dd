// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/ossclient"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// A list of parts may be malformed. It is used only if it is complete, and
// nothing is sent twice.
func TestUpload_malformedList(t *testing.T) {
	const parts = 6
	page := func(more, text string) string {
		return `<?xml version="1.0" encoding="UTF-8"?><ListPartsResult><Bucket>bucket</Bucket><Key>dir%2Fimage.qcow2</Key><UploadId>%s</UploadId><EncodingType>url</EncodingType>` + more + text + `</ListPartsResult>`
	}
	part := func(n int) string {
		return fmt.Sprintf("<Part><PartNumber>%d</PartNumber><Size>%d</Size><ETag>E</ETag><HashCrc64ecma>1</HashCrc64ecma></Part>", n, partSize)
	}
	answers := map[string]string{
		"truncated XML":         `<?xml version="1.0" encoding="UTF-8"?><ListPartsResult><UploadId>%s</UploadId><Part><PartNumber>1`,
		"same marker for ever":  page("<IsTruncated>true</IsTruncated><NextPartNumberMarker>0</NextPartNumberMarker>", ""),
		"same page for ever":    page("<IsTruncated>true</IsTruncated><NextPartNumberMarker>1</NextPartNumberMarker>", part(1)),
		"unsorted":              page("<IsTruncated>false</IsTruncated>", part(2)+part(1)),
		"one part twice":        page("<IsTruncated>false</IsTruncated>", part(1)+part(1)),
		"part 10,001":           page("<IsTruncated>false</IsTruncated>", part(10001)),
		"nothing but the start": `<ListPartsResult>`,
	}
	for name, answer := range answers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, parts*partSize)
			id := w.interrupted(w.request(), 3).UploadID
			answer = strings.Replace(answer, "%s", id, 1)
			remove := w.server.AddRule(osstest.Rule{Op: osstest.ListParts, Fault: osstest.Garbage(200, "application/xml", answer)})
			w.server.ResetLog()
			started := time.Now()
			if _, err := w.upload(w.request()); err == nil || w.server.Count(osstest.UploadPart) != 0 {
				t.Errorf("%d parts sent, %v", w.server.Count(osstest.UploadPart), err)
			}
			if took := time.Since(started); took > 10*time.Second || w.server.Count(osstest.ListParts) > 5 {
				t.Errorf("%d lists in %v", w.server.Count(osstest.ListParts), took)
			}
			remove()
			w.mustUpload(w.request())
			if got := len(sent(w.server)); got != parts-3 {
				t.Errorf("%d parts sent", got)
			}
		})
	}
	t.Logf("FAULT F60: list of parts truncated, endless, unsorted, doubled: error, no loop; then 0 parts sent again")
}

// The answer is late. The client waits, or it has given up and then finds that
// OSS is still completing.
func TestUpload_completeIsSlow(t *testing.T) {
	const parts = 3
	t.Run("the client waits", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, parts*partSize)
		w.server.AddRule(osstest.Rule{Op: osstest.CompleteMultipartUpload, Times: 1, Fault: osstest.Delay(2 * time.Second)})
		w.mustUpload(w.request())
		if got := w.server.Count(osstest.CompleteMultipartUpload); got != 1 {
			t.Errorf("completed %d times", got)
		}
	})
	t.Run("the client gives up", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, parts*partSize)
		w.server.SetVersioning(bucket, "Enabled")
		// The upload is gone at once, the object is there half a second later.
		var object atomic.Bool
		w.server.AddRule(osstest.Rule{Op: osstest.CompleteMultipartUpload, Times: 1, Fault: osstest.Delay(time.Minute)})
		w.server.AddRule(osstest.Rule{Op: osstest.HeadObject, Nth: 2, Fault: osstest.Func(func(osstest.Request) osstest.Fault {
			if object.Load() {
				return osstest.Fault{}
			}
			return osstest.Garbage(404, "", "")
		})})
		time.AfterFunc(500*time.Millisecond, func() { object.Store(true) })
		oss := &impatientOSS{OSS: w.oss(), busyTimeout: 100 * time.Millisecond}
		u := resumable.New(resumable.Config{OSS: oss, Endpoint: "oss.example.com", Retry: resumable.RetryPolicy{Attempts: 30, Base: 40 * time.Millisecond, Cap: 50 * time.Millisecond}})
		result, err := u.Upload(t.Context(), w.request())
		if err != nil {
			t.Fatal(err)
		}
		w.check(result)
		if got := len(w.server.Versions(bucket, key)); got != 1 || len(sent(w.server)) != parts {
			t.Errorf("%d versions, %d parts sent", got, len(sent(w.server)))
		}
	})
	t.Log("FAULT F52: CompleteMultipartUpload answers late, or after the client gave up: one object, verified; 0 parts sent again")
}

// impatientOSS limits how long CompleteMultipartUpload may take.
type impatientOSS struct {
	resumable.OSS
	busyTimeout time.Duration
}

func (o *impatientOSS) CompleteMultipartUpload(ctx context.Context, up resumable.Upload, parts []resumable.StoredPart) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, o.busyTimeout)
	defer cancel()
	etag, err := o.OSS.CompleteMultipartUpload(ctx, up, parts)
	if err != nil && ctx.Err() != nil {
		err = errors.New("nothing moved for long")
	}
	return etag, err
}

// Whatever OSS answers to CompleteMultipartUpload, only HeadObject decides on
// success, and after an error the object is never wrong.
func TestUpload_completeAnswers(t *testing.T) {
	const parts = 4
	rows := []struct {
		name   string
		fault  osstest.Fault
		times  int // 0: always
		finish bool
		resent int
		id     string // of the catalogue
	}{
		{"500, then 200", osstest.Refuse(500, "InternalError"), 1, true, 0, "F63"},
		{"203 CallbackFailed", osstest.GarbageAfter(203, "application/xml", "<Error><Code>CallbackFailed</Code><Message>m</Message></Error>"), 1, true, 0, "F63"},
		{"200 and an error, done", osstest.GarbageAfter(200, "application/xml", "<Error><Code>InternalError</Code></Error>"), 1, true, 0, "F63"},
		{"200 and an error, not done", osstest.Garbage(200, "application/xml", "<Error><Code>InternalError</Code></Error>"), 1, true, 0, "F63"},
		{"200 and HTML, always", osstest.Garbage(200, "text/html", "<html>"), 0, false, 0, "F63"},
		{"200 and nothing, always", osstest.Garbage(200, "application/xml", ""), 0, false, 0, "F63"},
		{"InvalidPart once", osstest.Refuse(400, "InvalidPart"), 1, true, 0, "F65"},
		{"InvalidPartOrder once", osstest.Refuse(400, "InvalidPartOrder"), 1, true, 0, "F65"},
		{"InvalidPart always", osstest.Refuse(400, "InvalidPart"), 0, false, 0, "F65"},
		{"EntityTooSmall always", osstest.Refuse(400, "EntityTooSmall"), 0, false, 0, "F65"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, parts*partSize)
			w.server.PutObject(bucket, key, []byte("old"), nil)
			remove := w.server.AddRule(osstest.Rule{Op: osstest.CompleteMultipartUpload, Times: row.times, Fault: row.fault})
			_, err := w.upload(w.request())
			remove()
			switch {
			case row.finish && err != nil:
				t.Errorf("got %v\n%s", err, w.logged)
			case !row.finish && err == nil:
				t.Error("no error")
			case !row.finish && !w.objectIs([]byte("old")):
				t.Error("published")
			}
			if got := w.server.Count(osstest.CompleteMultipartUpload); got > 3*quick.Attempts {
				t.Errorf("asked %d times to complete", got)
			}
			w.mustUpload(w.request())
			if got := len(sent(w.server)) - parts; got != row.resent {
				t.Errorf("%d parts sent again", got)
			}
			t.Logf("FAULT %s: Complete answers %s; %d parts sent again", row.id, row.name, len(sent(w.server))-parts)
		})
	}
}

// Completing fails because another writer replaced a part. Only that part is
// sent again.
func TestUpload_partReplacedBeforeComplete(t *testing.T) {
	const parts = 4
	w := newWorld(t, parts*partSize)
	var once sync.Once
	w.server.AddRule(osstest.Rule{Op: osstest.CompleteMultipartUpload, Fault: osstest.Func(func(r osstest.Request) osstest.Fault {
		once.Do(func() { w.server.ReplacePart(r.UploadID, 3, randomBytes(9, partSize)) })
		return osstest.Fault{}
	})})
	result, err := w.upload(w.request())
	if err != nil {
		t.Fatal(err)
	}
	w.checkObject()
	if got := fmt.Sprint(sent(w.server)[parts:]); got != "[3]" || result.Stats.PartsKept != 0 {
		t.Errorf("sent again: %s; %+v", got, result.Stats)
	}
	t.Log("FAULT F65: Complete answers InvalidPart because part 3 was exchanged; 1 parts sent again")
}

// OSS must acknowledge the part that was sent. Other answers never get into the
// journal, even if they repeat.
func TestUpload_wrongAcknowledgements(t *testing.T) {
	const parts = 4
	for name, fault := range map[string]osstest.Fault{
		"wrong CRC":             osstest.OverrideHeader("X-Oss-Hash-Crc64ecma", "1"),
		"no CRC and wrong ETag": osstest.GarbageAfter(200, "", ""),
		"no ETag":               osstest.OverrideHeader("ETag", ""),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, parts*partSize)
			req := w.request()
			req.Parallelism = 1
			remove := w.server.AddRule(osstest.Rule{Op: osstest.UploadPart, Nth: 3, Fault: fault})
			_, err := w.upload(req)
			remove()
			failed := asUploadError(t, err)
			if failed.PartNumber != 3 || failed.PartsStored != 2 || w.server.Count(osstest.UploadPart) > 2+quick.Attempts {
				t.Errorf("%d requests: %+v", w.server.Count(osstest.UploadPart), failed)
			}
			text, err := os.ReadFile(failed.Checkpoint)
			if err != nil || strings.Contains(string(text), `"n":3`) {
				t.Errorf("journal %s, %v", text, err)
			}
			w.mustUpload(w.request())
		})
	}
	t.Run("ETag that OSS does not know later", func(t *testing.T) { // the CRC is right, so that CompleteMultipartUpload is the first to see it
		w := newWorld(t, parts*partSize)
		w.server.AllowViolations()
		w.server.AddRule(osstest.Rule{Op: osstest.UploadPart, Nth: 2, Times: 1, Fault: osstest.OverrideHeader("ETag", `"0123456789ABCDEF0123456789ABCDEF"`)})
		w.mustUpload(w.request())
	})
	t.Log("FAULT F64: wrong CRC, no CRC, no ETag, ETag that is no MD5: retried, then an error; no such part is journaled")
}

// OSS is unavailable for a while, with and without a hint how long. The number
// of requests is limited, and the run continues when OSS is back.
func TestUpload_everythingAnswers503(t *testing.T) {
	const parts, away = 4, time.Second
	for name, header := range map[string][]string{"": nil, ", Retry-After": {"Retry-After", "1"}, ", x-oss-qos-delay-time": {"X-Oss-Qos-Delay-Time", "300"}} {
		t.Run("503"+name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, parts*partSize)
			var since atomic.Int64
			w.server.AddRule(osstest.Rule{Fault: osstest.Func(func(r osstest.Request) osstest.Fault {
				if r.Op == osstest.UploadPart { // away from the first part on
					since.CompareAndSwap(0, time.Now().UnixNano())
				}
				if start := since.Load(); start != 0 && time.Since(time.Unix(0, start)) < away {
					return osstest.Refuse(503, "ServiceUnavailable", header...)
				}
				return osstest.Fault{}
			})})
			u := resumable.New(resumable.Config{OSS: w.oss(), Endpoint: "oss.example.com", Retry: resumable.RetryPolicy{Attempts: 12, Base: 50 * time.Millisecond, Cap: 500 * time.Millisecond}})
			result, err := u.Upload(t.Context(), w.request())
			if err != nil {
				t.Fatal(err)
			}
			w.check(result)
			if got := len(w.server.Requests()); got > 60 {
				t.Errorf("%d requests", got)
			}
		})
	}
	t.Run("longer than all attempts", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, parts*partSize)
		w.interrupted(w.request(), 2)
		w.server.ResetLog()
		remove := w.server.AddRule(osstest.Rule{Fault: osstest.Refuse(503, "ServiceUnavailable")})
		if _, err := w.upload(w.request()); err == nil {
			t.Error("no error")
		}
		if got := len(w.server.Requests()); got > 2*quick.Attempts {
			t.Errorf("%d requests", got)
		}
		remove()
		w.mustUpload(w.request())
		if got := len(sent(w.server)); got != parts-2 {
			t.Errorf("%d parts sent", got)
		}
	})
	t.Log("FAULT F55: 503 on everything, with and without Retry-After and x-oss-qos-delay-time: bounded requests, then done; 0 stored parts sent again")
}

// OSS throttles all the time. The upload takes longer and succeeds.
func TestUpload_alwaysThrottled(t *testing.T) {
	const parts = 30
	for _, status := range []int{429, 503} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, parts*partSize)
			var n atomic.Int64
			w.server.AddRule(osstest.Rule{Fault: osstest.Func(func(osstest.Request) osstest.Fault {
				if n.Add(1)%3 == 0 {
					return osstest.Refuse(status, "QpsLimitExceeded")
				}
				return osstest.Fault{}
			})})
			req := w.request()
			req.Parallelism = 8
			u := resumable.New(resumable.Config{OSS: w.oss(), Endpoint: "oss.example.com", Retry: resumable.RetryPolicy{Attempts: 20, Base: time.Millisecond, Cap: 5 * time.Millisecond}})
			result, err := u.Upload(t.Context(), req)
			if err != nil {
				t.Fatal(err)
			}
			w.check(result)
			if got := len(sentOK(w.server)); got != parts {
				t.Errorf("%d parts acknowledged", got)
			}
			t.Logf("FAULT F56: every third request answered %d; finished, %d parts refused, 0 stored parts sent again", status, len(sent(w.server))-parts)
		})
	}
}

// Credentials expire in the middle of an upload. The next run resumes with
// others, even under another access key.
func TestUpload_credentialsExpire(t *testing.T) {
	const parts = 9
	w := newWorld(t, parts*partSize)
	req := w.request()
	req.Parallelism = 1
	remove := w.server.AddRule(osstest.Rule{Op: osstest.UploadPart, Nth: 6, Fault: osstest.Refuse(403, "SecurityTokenExpired")})
	_, err := w.upload(req)
	remove()
	if failed := asUploadError(t, err); !errors.Is(err, resumable.ErrCredentialsExpired) || failed.PartsStored != 5 || w.server.Count(osstest.UploadPart) != 6 {
		t.Errorf("%d requests: %+v", w.server.Count(osstest.UploadPart), failed)
	}
	w.server.RemoveCredential(osstest.AccessKeyID)
	if _, err := w.upload(req); !errors.Is(err, resumable.ErrCredentials) {
		t.Errorf("got %v", err)
	}
	w.server.AddCredential(osstest.Credential{AccessKeyID: "other", AccessKeySecret: "secret", SecurityToken: "token"})
	w.server.ResetLog()
	other := resumable.Config{Endpoint: "oss.example.com", Retry: quick, OSS: newOSSAs(t, w.server.URL(), ossclient.Credentials{AccessKeyID: "other", AccessKeySecret: "secret", SecurityToken: "token"})}
	result, err := resumable.New(other).Upload(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	w.check(result)
	if result.Stats.PartsKept != 5 {
		t.Errorf("stats %+v", result.Stats)
	}
	t.Logf("FAULT F74: SecurityTokenExpired at part 6 of %d, resumed under another access key; %d parts sent again", parts, len(sent(w.server))-(parts-5))
}

// A configuration that is wrong from the start fails before anything is sent,
// and leaves no checkpoint.
func TestUpload_refusedFromTheStart(t *testing.T) {
	for name, row := range map[string]struct {
		change func(w *world) resumable.OSS
		want   error
	}{
		"no such bucket": {func(w *world) resumable.OSS { return &otherBucketOSS{w.oss()} }, resumable.ErrNoSuchBucket},
		"unknown access key": {func(w *world) resumable.OSS {
			return newOSSAs(w.t, w.server.URL(), ossclient.Credentials{AccessKeyID: "unknown", AccessKeySecret: "x"})
		}, resumable.ErrCredentials},
		"wrong secret": {func(w *world) resumable.OSS {
			return newOSSAs(w.t, w.server.URL(), ossclient.Credentials{AccessKeyID: osstest.AccessKeyID, AccessKeySecret: "x"})
		}, resumable.ErrCredentials},
		"not allowed": {func(w *world) resumable.OSS {
			w.server.AddRule(osstest.Rule{Fault: osstest.Refuse(403, "AccessDenied")})
			return w.oss()
		}, resumable.ErrAccessDenied},
		"another region": {func(w *world) resumable.OSS {
			client, err := ossclient.New(ossclient.Config{
				Endpoint: w.server.URL(), Region: "cn-shanghai", Retry: quick,
				Credentials: ossclient.Static(ossclient.Credentials{AccessKeyID: osstest.AccessKeyID, AccessKeySecret: osstest.AccessKeySecret}),
			})
			if err != nil {
				w.t.Fatal(err)
			}
			return client
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, 3*partSize)
			w.server.AllowViolations()
			_, err := w.uploader(row.change(w)).Upload(t.Context(), w.request())
			if err == nil || row.want != nil && !errors.Is(err, row.want) {
				t.Errorf("got %v", err)
			}
			for _, r := range w.server.Requests() {
				if r.Op.Writes() || len(w.server.Requests()) > 4 {
					t.Errorf("asked for %s", r)
				}
			}
			w.checkDisk()
		})
	}
	t.Log("FAULT F76: no bucket, wrong access key, secret, region: error before anything is sent, no checkpoint left")
}

// otherBucketOSS calls HeadObject for a bucket that does not exist.
type otherBucketOSS struct{ resumable.OSS }

func (o *otherBucketOSS) HeadObject(ctx context.Context, obj resumable.Object) (resumable.ObjectInfo, error) {
	obj.Bucket = "no-such-bucket"
	return o.OSS.HeadObject(ctx, obj)
}

// The permission to read the object is revoked during the upload. Success that
// cannot be verified is not reported, and the error names the missing
// permission. With the permission, the next run finds the object and sends
// nothing. Without it from the start, nothing is sent.
func TestUpload_headDeniedAfterComplete(t *testing.T) {
	const parts = 3
	w := newWorld(t, parts*partSize)
	w.server.SetVersioning(bucket, "Enabled")
	remove := w.server.AddRule(osstest.Rule{Op: osstest.HeadObject, Nth: 2, Fault: osstest.Refuse(403, "AccessDenied")})
	_, err := w.upload(w.request())
	if !errors.Is(err, resumable.ErrAccessDenied) || !strings.Contains(err.Error(), "HeadObject") {
		t.Errorf("got %v", err)
	}
	w.checkObject() // it exists with the right bytes
	remove()
	if got := w.mustUpload(w.request()).Stats; !got.Adopted || len(w.server.Versions(bucket, key)) != 1 {
		t.Errorf("stats %+v, %d versions", got, len(w.server.Versions(bucket, key)))
	}
	t.Logf("FAULT F77: HeadObject denied after Complete: error, not silent success; the next run adopts the object; %d parts sent again", len(sent(w.server))-parts)
}
