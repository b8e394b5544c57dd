// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package explore

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
)

// What other programs do to an object.
const (
	outsidePut      = "puts other bytes at"
	outsidePutSame  = "puts the same bytes again at"
	outsideCopy     = "copies onto itself"
	outsideDelete   = "deletes"
	outsideArchives = "makes an archive of"
)

type outside struct {
	Do    string
	Place place
}

func (o *outside) String() string { return o.Do + " " + o.Place.String() }

// act performs the change. Most changes do nothing if the object does not exist.
func (o *outside) act(server *osstest.Server) {
	bucket, key := o.Place.bucket(), o.Place.key()
	there, ok := server.Object(bucket, key)
	switch {
	case o.Do == outsidePut:
		server.PutObject(bucket, key, foreign, nil)
	case !ok:
	case o.Do == outsidePutSame:
		server.PutObject(bucket, key, read(there), nil)
	case o.Do == outsideCopy:
		server.PutObject(bucket, key, read(there), there.Header)
	case o.Do == outsideDelete:
		server.DeleteObject(bucket, key)
	case o.Do == outsideArchives:
		server.SetHeader(bucket, key, "X-Oss-Storage-Class", "Archive")
	}
}

func read(o osstest.ObjectInfo) []byte {
	body, err := o.Open()
	if err != nil {
		panic(err)
	}
	defer func() { _ = body.Close() }()
	all, err := io.ReadAll(body)
	if err != nil {
		panic(err)
	}
	return all
}

// content returns the bytes of a file. Two files are below the multipart threshold, two have
// four and five parts.
func content(n int) []byte {
	b := make([]byte, [contents]int{2_000, 50_000, 330_000, 450_000}[n])
	_, _ = rand.NewChaCha8([32]byte{byte(n)}).Read(b)
	return b
}

// foreign is the content of objects of outsiders.
var foreign = bytes.Repeat([]byte("not yours\n"), 200)

const foreignKey = "holiday.jpg"

// foreigners are the objects and files of outsiders and of the user, which must not change.
type foreigners struct {
	objects []osstest.ObjectInfo
	uploads []string // IDs
	files   map[string]time.Time
}

// plant creates them on the server and in the checkpoint directory.
func plant(server *osstest.Server, dir string) (*foreigners, error) {
	f := &foreigners{}
	for n := range buckets {
		bucket := place{Bucket: n}.bucket()
		server.CreateBucket(bucket)
		f.objects = append(f.objects, server.PutObject(bucket, foreignKey, foreign, nil))
		for _, key := range []string{foreignKey, place{Key: n}.key()} {
			f.uploads = append(f.uploads, server.BeginUpload(bucket, key, foreign))
		}
	}
	return f, f.plantFiles(dir)
}

// userFiles are the paths of the user's files in the checkpoint directory. They were
// created before the provider used it.
var userFiles = []string{
	"fingerprints/holiday.txt",
	"fingerprints/0123456789abcdef0123456789abcdef",
	"0123456789abcdef0123456789abcdef",
	"diary.txt",
}

func (f *foreigners) plantFiles(dir string) error {
	f.files = map[string]time.Time{}
	old := time.Now().Add(-200 * 24 * time.Hour).Truncate(time.Second)
	for _, name := range userFiles {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(path, foreign, 0o600); err != nil {
			return err
		}
		if err := os.Chtimes(path, old, old); err != nil {
			return err
		}
		f.files[path] = old
	}
	return nil
}

// checkFiles checks that the user's files have not changed.
func (f *foreigners) checkFiles() *failure {
	for path, modified := range f.files {
		there, err := os.ReadFile(path)
		if err != nil {
			return failed(fileTouched, "%v", err)
		}
		if info, err := os.Stat(path); err != nil || !info.ModTime().Equal(modified) || !bytes.Equal(there, foreign) {
			return failed(fileTouched, "%s was changed", path)
		}
	}
	return nil
}

// checkObjects checks that objects at keys without an instance have not changed.
func (f *foreigners) checkObjects(server *osstest.Server) *failure {
	for _, was := range f.objects {
		is, ok := server.Object(was.Bucket, was.Key)
		if !ok || !is.LastModified.Equal(was.LastModified) || !bytes.Equal(read(is), foreign) || fmt.Sprint(is.Header) != fmt.Sprint(was.Header) {
			return failed(outsideTouched, "%s/%s was changed", was.Bucket, was.Key)
		}
	}
	return nil
}

// checkUploads checks that the uploads of outsiders are still open and have their part.
func (f *foreigners) checkUploads(server *osstest.Server) *failure {
	open := map[string]osstest.UploadInfo{}
	for n := range buckets {
		for _, upload := range server.OpenUploads(place{Bucket: n}.bucket()) {
			open[upload.UploadID] = upload
		}
	}
	for _, id := range f.uploads {
		upload, ok := open[id]
		if !ok || len(upload.Parts) != 1 || upload.Parts[0].Size != int64(len(foreign)) {
			return failed(uploadTouched, "upload %s was changed: %+v", id, upload)
		}
	}
	return nil
}
