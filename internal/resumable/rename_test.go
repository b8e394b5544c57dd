// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable_test

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// renameWorld has an object at another key, to be moved to the key of w.
type renameWorld struct {
	*world
	from  resumable.Object
	known resumable.ObjectInfo
	dst   resumable.Destination
}

// With the limits of this server, a copy from another bucket, and one that changes the
// storage class, is made in parts.
func newRenameWorld(t *testing.T, cfg osstest.Config, from resumable.Object) *renameWorld {
	t.Helper()
	cfg.CopyLimit, cfg.ConvertLimit = 1000, 1000
	w := &renameWorld{world: newWorldOn(t, cfg, scenarioSize), from: from}
	if from.Bucket != bucket {
		w.server.CreateBucket(from.Bucket)
	}
	req := w.request()
	req.Destination = w.full()
	w.dst = req.Destination
	req.Object, req.PartSize = from, 2*partSize // not as a copy is cut, whose ETag is another one then
	result, err := w.upload(req)
	if err != nil {
		t.Fatal(err)
	}
	w.known = result.ObjectInfo
	w.forget()
	w.server.ResetLog()
	return w
}

var (
	sameBucket  = resumable.Object{Bucket: bucket, Key: "old place/a+b"}
	otherBucket = resumable.Object{Bucket: "other-bucket", Key: key}
)

func (w *renameWorld) renaming() resumable.Request {
	req := w.request()
	req.Destination = w.dst
	return req
}

func (w *renameWorld) move() (resumable.Result, error) {
	w.t.Helper()
	return w.uploader(w.oss()).Rename(w.t.Context(), w.renaming(), w.from, w.known)
}

func (w *renameWorld) mustRename() resumable.Result {
	w.t.Helper()
	result, err := w.move()
	if err != nil {
		w.t.Fatalf("move: %v\nlog:\n%s", err, w.logged)
	}
	w.checkRenamed()
	if info := w.head(); result.ETag != info.ETag || result.Size != scenarioSize {
		w.t.Errorf("%+v, OSS says %+v", result.ObjectInfo, info)
	}
	return result
}

// checkRenamed checks that the object is at both keys, because another step removes
// the old one, and that nothing else is left.
func (w *renameWorld) checkRenamed() {
	w.t.Helper()
	w.checkObject()
	w.checkDestination(w.dst)
	w.checkDisk()
	for _, name := range []string{bucket, w.from.Bucket} {
		if open := w.server.OpenUploads(name); len(open) != 0 {
			w.t.Errorf("uploads left open: %+v", open)
		}
	}
	w.checkOld()
}

func (w *renameWorld) checkOld() {
	w.t.Helper()
	if old, exists := w.server.Object(w.from.Bucket, w.from.Key); !exists || strings.Trim(old.ETag, `"`) != w.known.ETag {
		w.t.Errorf("the old object is not what it was: %+v", old)
	}
}

func (w *renameWorld) bytesSent() (n int64) {
	for _, r := range w.server.Requests() {
		if r.Op == osstest.UploadPart || r.Op == osstest.PutObject {
			n += r.BodyBytes
		}
	}
	return n
}

// The copy is one request, or made in parts if OSS requires it. No bytes are sent, and
// the source need not exist.
func TestRename(t *testing.T) {
	for name, row := range map[string]struct {
		from  resumable.Object
		alter func(*renameWorld)
		parts int
	}{
		"within a bucket":                {sameBucket, func(*renameWorld) {}, 0},
		"from another bucket":            {otherBucket, func(*renameWorld) {}, scenarioParts},
		"with another class":             {sameBucket, func(w *renameWorld) { w.dst.Headers.StorageClass = "Standard" }, scenarioParts},
		"with other headers":             {sameBucket, func(w *renameWorld) { w.dst.Headers.CacheControl = "" }, 0},
		"with other tags and ACL":        {sameBucket, func(w *renameWorld) { w.dst.Tags, w.dst.ACL = nil, "" }, 0},
		"in parts with other tags, ACL":  {otherBucket, func(w *renameWorld) { w.dst.Tags, w.dst.ACL = map[string]string{"n": ""}, "private" }, scenarioParts},
		"over another object":            {sameBucket, func(w *renameWorld) { w.server.PutObject(bucket, key, []byte("old"), nil) }, 0},
		"over another object, in parts":  {otherBucket, func(w *renameWorld) { w.server.PutObject(bucket, key, []byte("old"), nil) }, scenarioParts},
		"over one of the same size":      {sameBucket, func(w *renameWorld) { w.server.PutObject(bucket, key, randomBytes(4, scenarioSize), nil) }, 0},
		"nothing there, must not be any": {sameBucket, func(w *renameWorld) { w.dst.ForbidOverwrite = true }, 0},
		"the same, in parts":             {otherBucket, func(w *renameWorld) { w.dst.ForbidOverwrite = true }, scenarioParts},
	} {
		for _, hides := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, CRC-64 hidden %v", name, hides), func(t *testing.T) {
				t.Parallel()
				w := newRenameWorld(t, osstest.Config{CopyWithoutCRC64: hides}, row.from)
				row.alter(w)
				file, err := os.ReadFile(w.source)
				if err := errors.Join(err, os.Remove(w.source)); err != nil {
					t.Fatal(err)
				}
				w.server.ResetLog()
				result, err := w.move()
				if err != nil {
					t.Fatalf("%v\n%s", err, w.logged)
				}
				w.write(file)
				w.checkRenamed()
				if w.bytesSent() != 0 || w.server.Count(osstest.UploadPartCopy) != row.parts || result.Stats.BytesCopied != scenarioSize {
					t.Errorf("%d bytes sent, %d parts copied; %+v", w.bytesSent(), w.server.Count(osstest.UploadPartCopy), result.Stats)
				}
				// The next run adopts the copy if it can be verified.
				proven := !hides || row.parts == 0
				again, err := w.move()
				if !proven && w.dst.ForbidOverwrite {
					if !errors.Is(err, resumable.ErrObjectExists) {
						t.Errorf("the next run: %v", err)
					}
					return
				}
				if err != nil || again.Stats.Adopted != proven {
					t.Errorf("the next run: %+v, %v", again.Stats, err)
				}
				w.checkRenamed()
			})
		}
	}
}

// An object that already has the bytes is adopted, and its attributes are set.
func TestRename_adopts(t *testing.T) {
	w := newRenameWorld(t, osstest.Config{}, otherBucket)
	w.server.PutObject(bucket, key, randomBytes(1, scenarioSize), http.Header{"X-Oss-Tagging": {"other=1"}})
	w.dst.ForbidOverwrite = true
	if result := w.mustRename(); !result.Stats.Adopted || w.bytesSent() != 0 {
		t.Errorf("%+v", result.Stats)
	}
}

// If OSS refuses the copy, the file is sent, unless that would fail as well.
func TestRename_refused(t *testing.T) {
	refuse := func(op osstest.Op, status int, code string) func(*renameWorld) {
		return func(w *renameWorld) { w.server.AddRule(osstest.Rule{Op: op, Fault: osstest.Refuse(status, code)}) }
	}
	for name, row := range map[string]struct {
		from    resumable.Object
		prepare func(*renameWorld)
		sent    bool
		err     error // of what is not sent; nil: any
	}{
		"denied":             {sameBucket, refuse(osstest.CopyObject, 403, "AccessDenied"), true, nil},
		"archived":           {sameBucket, refuse(osstest.CopyObject, 403, "InvalidObjectState"), true, nil},
		"denied in parts":    {otherBucket, refuse(osstest.UploadPartCopy, 403, "AccessDenied"), true, nil},
		"replaced":           {sameBucket, func(w *renameWorld) { w.known.ETag = "OTHER" }, true, nil},
		"replaced meanwhile": {sameBucket, refuse(osstest.CopyObject, 412, "PreconditionFailed"), true, nil},
		"gone":               {sameBucket, func(w *renameWorld) { w.from.Key = "never" }, true, nil},
		"bucket gone":        {otherBucket, func(w *renameWorld) { w.from.Bucket = "never" }, true, nil},
		"other bytes":        {sameBucket, func(w *renameWorld) { w.known.CRC64 = "1" }, true, nil},
		"not now":            {sameBucket, refuse(osstest.CopyObject, 503, "ServiceUnavailable"), false, nil},
		"retained":           {sameBucket, refuse(osstest.CopyObject, 409, "FileImmutable"), false, resumable.ErrObjectImmutable},
		"taken": {sameBucket, func(w *renameWorld) {
			w.dst.ForbidOverwrite = true
			w.server.PutObject(bucket, key, []byte("theirs"), nil)
		}, false, resumable.ErrObjectExists},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newRenameWorld(t, osstest.Config{}, row.from)
			from := w.from
			row.prepare(w)
			result, err := w.move()
			w.settle()
			if !row.sent {
				if err == nil || row.err != nil && !errors.Is(err, row.err) || w.bytesSent() != 0 {
					t.Errorf("%v; %d bytes sent", err, w.bytesSent())
				}
				return
			}
			if err != nil || w.bytesSent() != scenarioSize || result.Fingerprint.SHA256 == "" {
				t.Errorf("%v; %d bytes sent; %+v", err, w.bytesSent(), result)
			}
			w.from = from
			if w.known.ETag != "OTHER" {
				w.checkRenamed()
			}
		})
	}
}

// The file cannot be sent either. The error has both reasons.
func TestRename_refusedWithoutFile(t *testing.T) {
	w := newRenameWorld(t, osstest.Config{}, sameBucket)
	w.server.AddRule(osstest.Rule{Op: osstest.CopyObject, Fault: osstest.Refuse(403, "AccessDenied")})
	if err := os.Remove(w.source); err != nil {
		t.Fatal(err)
	}
	_, err := w.move()
	if !errors.Is(err, os.ErrNotExist) || errors.Is(err, resumable.ErrAccessDenied) || !containsAll(err, "AccessDenied", w.from.String()) {
		t.Error(err)
	}
}

// A request without a source never replaces the content that a refused copy has left.
func TestRename_refusedWithoutSource(t *testing.T) {
	w := newRenameWorld(t, osstest.Config{}, sameBucket)
	w.server.AddRule(osstest.Rule{Op: osstest.CopyObject, Fault: osstest.Refuse(403, "InvalidObjectState")})
	req := w.renaming()
	req.Source = ""
	_, err := w.uploader(w.oss()).Rename(t.Context(), req, w.from, w.known)
	if err == nil || !strings.Contains(err.Error(), "InvalidObjectState") {
		t.Errorf("error %v", err)
	}
	if n := w.bytesSent(); n != 0 {
		t.Errorf("sent %d bytes", n)
	}
	w.checkOld()
}

// failAt fails at the nth call of op: c is killed there, or run meets a fault, which it
// must survive unless it is a refusal.
func (w *renameWorld) failAt(op osstest.Op, nth int, what string, c child, run func() (resumable.Result, error)) {
	w.t.Helper()
	if when, killed := strings.CutPrefix(what, "killed "); killed {
		c.Request.Parallelism = 1
		c.Op, c.When, c.Nth = string(op), when, nth
		w.crashed(c)
		return
	}
	remove := w.server.AddRule(osstest.Rule{Op: op, Nth: nth, Times: 1, Fault: faultOf(what)})
	if _, err := run(); err != nil && what != "refused 403" {
		w.t.Errorf("the run did not survive: %v\n%s", err, w.logged)
	}
	remove()
	w.settle()
}

// Each call of a rename, by one copy and in parts, is a crash point, before and
// after OSS has acted; is refused; or loses its answer. The old object always
// exists, and nothing is sent unless OSS refuses to copy it.
func TestRename_failpoints(t *testing.T) {
	for name, from := range map[string]resumable.Object{"whole": sameBucket, "in parts": otherBucket} {
		probe := newRenameWorld(t, osstest.Config{}, from)
		if _, err := probe.move(); err != nil {
			t.Fatal(err)
		}
		count := map[osstest.Op]int{}
		for _, r := range probe.server.Requests() {
			count[r.Op]++
			nth := count[r.Op]
			for _, what := range failures {
				t.Run(fmt.Sprintf("%s, %s %d, %s", name, r.Op, nth, what), func(t *testing.T) {
					t.Parallel()
					w := newRenameWorld(t, osstest.Config{}, from)
					w.server.SetVersioning(bucket, "Enabled")
					w.server.PutObject(bucket, key, []byte("other"), nil)
					c := w.child()
					c.Request, c.Change, c.From = w.renaming(), &w.known, &w.from
					w.failAt(r.Op, nth, what, c, w.move)
					if got := w.objectBytes(); string(got) != "other" && !bytes.Equal(got, randomBytes(1, scenarioSize)) {
						t.Fatalf("a part of the object was published: %d bytes", len(got))
					}
					w.checkOld()
					w.mustRename()
					if n := w.bytesSent(); n != 0 && what != "refused 403" {
						t.Errorf("%d bytes were sent", n)
					}
					if got := len(w.server.Versions(bucket, key)); got != 2 {
						t.Errorf("%d versions, want the old and the new one", got)
					}
				})
			}
		}
	}
}

// Two objects with equal bytes exchange their keys. Their ETags are equal, too, so only
// the marks show that neither may be removed.
func TestRename_exchange(t *testing.T) {
	a, b := resumable.Object{Bucket: bucket, Key: "a"}, resumable.Object{Bucket: bucket, Key: "b"}
	for name, order := range map[string][]string{
		"one after the other": {"move a b", "remove a", "move b a", "remove b"},
		"both, then both":     {"move a b", "move b a", "remove a", "remove b"},
		"both, then reversed": {"move a b", "move b a", "remove b", "remove a"},
	} {
		for _, second := range []byte{1, 2} { // the seed of the other's bytes
			t.Run(fmt.Sprintf("%s, bytes %d", name, second), func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, scenarioSize)
				u := w.uploader(w.oss())
				files, known := map[resumable.Object]string{a: w.source, b: w.source + "2"}, map[resumable.Object]resumable.ObjectInfo{}
				if err := os.WriteFile(files[b], randomBytes(second, scenarioSize), 0o600); err != nil {
					t.Fatal(err)
				}
				request := func(obj resumable.Object, file string) resumable.Request {
					req := w.request()
					req.Object, req.Source = obj, file
					req.Owner, req.Headers.Mark = filepath.Base(file), filepath.Base(file)
					return req
				}
				for obj, file := range files {
					result, err := w.uploader(w.oss()).Upload(t.Context(), request(obj, file)) // an earlier apply
					if err != nil {
						t.Fatal(err)
					}
					known[obj] = result.ObjectInfo
				}
				for _, step := range order {
					from, to := a, b
					if strings.Fields(step)[1] == "b" {
						from, to = b, a
					}
					var err error
					if strings.HasPrefix(step, "move") {
						_, err = u.Rename(t.Context(), request(to, files[from]), from, known[from])
					} else {
						claim := resumable.Claim{Object: from, Owner: filepath.Base(files[from]), Renamed: true}
						_, err = u.Remove(t.Context(), claim, w.dir, w.remover(from, new(int)))
					}
					if err != nil {
						t.Fatalf("%s: %v", step, err)
					}
				}
				for to, seed := range map[resumable.Object]byte{a: second, b: 1} {
					info, exists := w.server.Object(to.Bucket, to.Key)
					if !exists {
						t.Fatalf("%s is lost", to)
					}
					file, err := info.Open()
					if err != nil {
						t.Fatal(err)
					}
					defer func() { _ = file.Close() }()
					var got bytes.Buffer
					if _, err := got.ReadFrom(file); err != nil || !bytes.Equal(got.Bytes(), randomBytes(seed, scenarioSize)) {
						t.Errorf("%s holds other bytes: %v", to, err)
					}
				}
			})
		}
	}
}
