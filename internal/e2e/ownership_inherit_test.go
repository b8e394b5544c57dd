// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package e2e

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
)

const (
	classHeader      = "X-Oss-Storage-Class"
	encryptionHeader = "X-Oss-Server-Side-Encryption"
	keyIDHeader      = "X-Oss-Server-Side-Encryption-Key-Id"
)

// What was done to the old object, by a lifecycle rule or by a person, is not
// done to new bytes: these have what is configured, else what the bucket
// chooses.
func TestOwnership_newBytesInheritNothing(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(w *world)
		more   string            // in the configuration
		want   map[string]string // headers of the new object
	}{
		{
			"archived by a lifecycle rule",
			func(w *world) { w.server.SetHeader(bucket, key, classHeader, "Archive") },
			"",
			map[string]string{classHeader: "Standard"},
		},
		{
			"archived, and another class configured",
			func(w *world) { w.server.SetHeader(bucket, key, classHeader, "Archive") },
			`storage_class = "IA"`,
			map[string]string{classHeader: "IA"},
		},
		{
			"encrypted by an outsider",
			func(w *world) { w.copyBy(http.Header{encryptionHeader: {"KMS"}, keyIDHeader: {"key-of-an-outsider"}}) },
			"",
			map[string]string{encryptionHeader: "", keyIDHeader: ""},
		},
		{
			"encrypted by an outsider with another key than the bucket's",
			func(w *world) {
				w.server.SetEncryption(bucket, "KMS", "key-of-the-bucket")
				w.copyBy(http.Header{encryptionHeader: {"KMS"}, keyIDHeader: {"key-of-an-outsider"}})
			},
			"",
			map[string]string{encryptionHeader: "KMS", keyIDHeader: "key-of-the-bucket"},
		},
		{
			"encrypted when the bucket had another key",
			func(w *world) {
				w.server.SetHeader(bucket, key, encryptionHeader, "AES256")
				w.server.SetEncryption(bucket, "KMS", "key-of-the-bucket")
			},
			"",
			map[string]string{encryptionHeader: "KMS", keyIDHeader: "key-of-the-bucket"},
		},
	} {
		for _, size := range []string{"small", "in parts"} {
			t.Run(c.name+", "+size, func(t *testing.T) {
				w := newOwners(t, osstest.Config{})
				w.content = w.content[:3*partSize]
				if size == "small" {
					w.content = w.content[:1000]
				}
				w.resize(len(w.content))
				if err := w.Configure(w.config(c.more)); err != nil {
					t.Fatal(err)
				}
				w.mustApply()
				c.change(w)
				for i := range w.content {
					w.content[i] ^= 1
				}
				if err := os.WriteFile(w.source, w.content, 0o600); err != nil {
					t.Fatal(err)
				}
				w.converge()
				object, _ := w.server.Object(bucket, key)
				for name, want := range c.want {
					if got := object.Header.Get(name); got != want {
						t.Errorf("%s of the new bytes is %q, want %q", strings.ToLower(name), got, want)
					}
				}
				w.outsider(http.MethodGet, "/"+bucket+"/"+key, nil)
			})
		}
	}
}

// copyBy stores the bytes that are there anew, with other headers.
func (w *world) copyBy(header http.Header) {
	object, _ := w.server.Object(bucket, key)
	header.Set("Content-Type", object.Header.Get("Content-Type"))
	for name, values := range object.Header {
		if strings.HasPrefix(name, "X-Oss-Meta-") {
			header[name] = values
		}
	}
	w.server.PutObject(bucket, key, w.object(), header)
}

// The object exists with the same bytes, archived and with other headers. OSS
// refuses the copy that would change the headers, so the file is uploaded.
func TestOwnership_createOverAnArchivedObject(t *testing.T) {
	for _, size := range []int{1000, 3 * partSize} {
		t.Run(fmt.Sprintf("%d bytes", size), func(t *testing.T) {
			w := newOwners(t, osstest.Config{})
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
