// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package e2e

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/terraform"
)

// The tests of ownership have several resources whose keys change. Each has its own file,
// and its object exists after each successful apply.

// newOwners returns a world for several small resources, which configure adds.
func newOwners(t *testing.T, cfg osstest.Config) *world {
	t.Helper()
	t.Parallel()
	return newWorldWith(t, cfg)
}

func (w *world) configure(blocks ...string) {
	w.t.Helper()
	if err := w.Configure(settings + strings.Join(blocks, "\n")); err != nil {
		w.t.Fatal(err)
	}
}

// block returns one resource of the configuration.
func block(name, key, source string, more ...string) string {
	return fmt.Sprintf("resource \"ossresumable_object\" %q {\n  bucket = %q\n  key    = %q\n  source = %q\n  %s\n}\n",
		name, bucket, key, source, strings.Join(more, "\n  "))
}

// file writes a small file whose bytes depend on its name, and returns its path.
func (w *world) file(name string) string {
	w.t.Helper()
	path := filepath.Join(filepath.Dir(w.source), name)
	if err := os.WriteFile(path, bytesOf(name), 0o600); err != nil {
		w.t.Fatal(err)
	}
	return path
}

func bytesOf(name string) []byte {
	var seed [32]byte
	copy(seed[:], name)
	b := make([]byte, 1000)
	_, _ = rand.NewChaCha8(seed).Read(b)
	return b
}

// begin applies a first configuration, which must succeed.
func (w *world) begin(blocks ...string) {
	w.t.Helper()
	defer w.serve()()
	w.configure(blocks...)
	if out := w.apply(); out.ExitCode != 0 {
		w.t.Fatalf("the first apply: exit status %d\n%s", out.ExitCode, out.Text)
	}
	w.checkOwned()
	w.server.ResetLog()
}

// converge applies up to three times, until an apply succeeds, and then checks all objects.
func (w *world) converge() terraform.Output {
	w.t.Helper()
	defer w.serve()()
	var out terraform.Output
	for range 3 {
		if out = w.apply(); out.ExitCode == 0 {
			w.checkOwned()
			return out
		}
	}
	w.t.Fatalf("three applies have failed, the last one with exit status %d\n%s", out.ExitCode, out.Text)
	return out
}

// checkOwned checks the result of a successful apply: the object of each resource in the
// state has the bytes of its file, the next plan is empty, and no upload is open. It asks
// OSS first, because a plan would notice a missing object.
func (w *world) checkOwned() {
	w.t.Helper()
	resources := w.resources()
	if len(resources) == 0 {
		w.t.Error("the state has no object")
	}
	for _, r := range resources {
		want, err := os.ReadFile(r.source)
		if err != nil {
			w.t.Fatal(err)
		}
		switch got := w.objectAt(r.key); {
		case got == nil:
			w.t.Errorf("%s: the object %s is gone", r.address, r.key)
		case !bytes.Equal(got, want):
			w.t.Errorf("%s: the object %s has %d bytes that are not those of %s", r.address, r.key, len(got), r.source)
		}
	}
	w.checkNoChanges()
	if open := w.server.OpenUploads(bucket); len(open) != 0 {
		w.t.Errorf("uploads left open: %+v", open)
	}
}

type ownedResource struct{ address, key, source string }

// resources returns the resources in the state, except for deposed instances.
func (w *world) resources() (resources []ownedResource) {
	w.t.Helper()
	for _, r := range w.state() {
		for _, i := range r.Instances {
			if r.Type == "ossresumable_object" && i.Deposed == "" {
				address := r.Name
				if i.IndexKey != nil {
					address = fmt.Sprintf("%s[%v]", r.Name, i.IndexKey)
				}
				text := func(name string) string { v, _ := i.Attributes[name].(string); return v }
				resources = append(resources, ownedResource{address, text("key"), text("source")})
			}
		}
	}
	return resources
}

// checkGone checks that there are no objects at these keys.
func (w *world) checkGone(keys ...string) {
	w.t.Helper()
	for _, key := range keys {
		if w.objectAt(key) != nil {
			w.t.Errorf("%s is still there", key)
		}
	}
}

// late delays the first matching request until the log contains the awaited one, and then
// applies the fault. In some correct orders, that request never comes, so late waits for at
// most three seconds.
func (w *world) late(op osstest.Op, key string, fault osstest.Fault, awaited func(osstest.Request) bool) {
	w.server.AddRule(osstest.Rule{Op: op, Key: key, Times: 1, Fault: osstest.Func(func(osstest.Request) osstest.Fault {
		ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
		defer cancel()
		_ = w.server.WaitFor(ctx, func(requests []osstest.Request) bool { return slices.ContainsFunc(requests, awaited) })
		return fault
	})})
}

// outsider sends a request like another program of the user, which must succeed. header is
// pairs of names and values.
func (w *world) outsider(method, target string, body []byte, header ...string) {
	w.t.Helper()
	request, err := http.NewRequestWithContext(w.ctx(), method, w.server.URL()+target, bytes.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	request.Header.Set("Date", time.Now().UTC().Format(http.TimeFormat))
	text := strings.Join([]string{method, "", "", request.Header.Get("Date"), ""}, "\n")
	for i := 0; i+1 < len(header); i += 2 { // in order of their names
		request.Header.Set(header[i], header[i+1])
		text += header[i] + ":" + header[i+1] + "\n"
	}
	mac := hmac.New(sha1.New, []byte(osstest.AccessKeySecret))
	mac.Write([]byte(text + target))
	request.Header.Set("Authorization", "OSS "+osstest.AccessKeyID+":"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		w.t.Fatal(err)
	}
	_ = response.Body.Close()
	if response.StatusCode/100 != 2 {
		w.t.Errorf("%s %s: %s", method, target, response.Status)
	}
}
