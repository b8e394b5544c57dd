// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package e2e

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
)

const (
	classHeader      = "X-Oss-Storage-Class"
	encryptionHeader = "X-Oss-Server-Side-Encryption"
	keyIDHeader      = "X-Oss-Server-Side-Encryption-Key-Id"
)

// New bytes do not inherit what a lifecycle rule or another program has set on the old
// object. They have what is configured, or the default of the bucket.
func TestOwnership_newBytesInheritNothing(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(w *world, key string)
		more   string            // in the configuration
		want   map[string]string // headers of the new object
	}{
		{
			"archived by a lifecycle rule",
			func(w *world, key string) { w.server.SetHeader(bucket, key, classHeader, "Archive") },
			"",
			map[string]string{classHeader: "Standard"},
		},
		{
			"archived, and another class configured",
			func(w *world, key string) { w.server.SetHeader(bucket, key, classHeader, "Archive") },
			`storage_class = "IA"`,
			map[string]string{classHeader: "IA"},
		},
		{
			"encrypted by an outsider",
			func(w *world, key string) {
				w.copyBy(key, http.Header{encryptionHeader: {"KMS"}, keyIDHeader: {"key-of-an-outsider"}})
			},
			"",
			map[string]string{encryptionHeader: "", keyIDHeader: ""},
		},
		{
			"encrypted by an outsider with another key than the bucket's",
			func(w *world, key string) {
				w.server.SetEncryption(bucket, "KMS", "key-of-the-bucket")
				w.copyBy(key, http.Header{encryptionHeader: {"KMS"}, keyIDHeader: {"key-of-an-outsider"}})
			},
			"",
			map[string]string{encryptionHeader: "KMS", keyIDHeader: "key-of-the-bucket"},
		},
		{
			"encrypted when the bucket had another key",
			func(w *world, key string) {
				w.server.SetHeader(bucket, key, encryptionHeader, "AES256")
				w.server.SetEncryption(bucket, "KMS", "key-of-the-bucket")
			},
			"",
			map[string]string{encryptionHeader: "KMS", keyIDHeader: "key-of-the-bucket"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newOwners(t, osstest.Config{})
			defer w.serve()()
			sizes := map[string]int{"small": 1000, "parts": 3 * partSize}
			var blocks []string
			for name := range sizes {
				blocks = append(blocks, block(name, name, filepath.Join(filepath.Dir(w.source), name),
					fmt.Sprintf("part_size = %d", partSize), "multipart_threshold = 102400", c.more))
			}
			write := func(xor byte) {
				for name, size := range sizes {
					changed := slices.Clone(w.content[:size])
					for i := range changed {
						changed[i] ^= xor
					}
					if err := os.WriteFile(filepath.Join(filepath.Dir(w.source), name), changed, 0o600); err != nil {
						t.Fatal(err)
					}
				}
			}
			write(0)
			w.begin(blocks...)
			for key := range sizes {
				c.change(w, key)
			}
			write(1)
			w.converge()
			if sent := w.server.Count(osstest.UploadPart); sent != 3 {
				t.Errorf("%d parts sent, want 3 of the large file", sent)
			}
			for key := range sizes {
				object, _ := w.server.Object(bucket, key)
				for name, want := range c.want {
					if got := object.Header.Get(name); got != want {
						t.Errorf("%s: %s of the new bytes is %q, want %q", key, strings.ToLower(name), got, want)
					}
				}
				w.outsider(http.MethodGet, "/"+bucket+"/"+key, nil)
			}
		})
	}
}

// copyBy replaces the object by one with the same bytes and other headers.
func (w *world) copyBy(key string, header http.Header) {
	object, _ := w.server.Object(bucket, key)
	header.Set("Content-Type", object.Header.Get("Content-Type"))
	for name, values := range object.Header {
		if strings.HasPrefix(name, "X-Oss-Meta-") {
			header[name] = values
		}
	}
	w.server.PutObject(bucket, key, w.objectAt(key), header)
}

// The object exists with the same bytes, archived and with other headers. OSS
// refuses the copy that would change the headers, so the file is uploaded.
func TestOwnership_createOverAnArchivedObject(t *testing.T) {
	for _, size := range []int{1000, 3 * partSize} {
		t.Run(fmt.Sprintf("%d bytes", size), func(t *testing.T) {
			w := newOwners(t, osstest.Config{})
			defer w.serve()()
			w.resize(size)
			w.server.PutObject(bucket, key, w.content, http.Header{classHeader: {"Archive"}, "Content-Type": {"text/plain"}})
			if err := w.Configure(w.config(`content_type = "application/x-disk"`)); err != nil {
				t.Fatal(err)
			}
			if out := w.apply(); out.ExitCode != 0 {
				t.Fatalf("exit status %d\n%s", out.ExitCode, out.Text)
			}
			w.checkOwned()
			object, _ := w.server.Object(bucket, key)
			if class, kind := object.Header.Get(classHeader), object.Header.Get("Content-Type"); class != "Standard" || kind != "application/x-disk" {
				t.Errorf("the object has class %q and type %q", class, kind)
			}
			w.outsider(http.MethodGet, "/"+bucket+"/"+key, nil)
		})
	}
}
