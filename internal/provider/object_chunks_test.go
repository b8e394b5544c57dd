// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-log/tflogtest"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// largeSize is the size of a file that has a table of chunks.
const largeSize = 8 << 20

// largeContent returns bytes that are the same for each seed.
func largeContent(seed byte) string {
	content := make([]byte, largeSize)
	_, _ = rand.NewChaCha8([32]byte{seed}).Read(content)
	return string(content)
}

func digestOf(content string) string {
	sum := sha256.Sum256([]byte(content))
	return hex.EncodeToString(sum[:])
}

// inParts are arguments of an upload in parts, with checkpoints in a directory that only
// this machine has.
func (w *world) inParts(content, machine string) map[string]tftypes.Value {
	w.Helper()
	config := objectConfig(w.write("large", content))
	config["multipart_threshold"] = number(1 << 20)
	config["checkpoint_dir"] = text(filepath.Join(w.dir, machine))
	return config
}

// copyOf is a source_object.
func copyOf(key string) tftypes.Value {
	return tftypes.NewValue(
		tftypes.Object{AttributeTypes: map[string]tftypes.Type{"bucket": tftypes.String, "key": tftypes.String, "version_id": tftypes.String, "crc64": tftypes.String}},
		map[string]tftypes.Value{"bucket": text(testBucket), "key": text(key), "version_id": null, "crc64": null})
}

var null = tftypes.NewValue(tftypes.String, nil)

// instance is a resource instance between two applies.
type instance struct {
	*server
	state   *tfprotov6.DynamicValue
	private []byte
}

func (w *world) created(config map[string]tftypes.Value) instance {
	w.Helper()
	s := w.serve(nil)
	planned := s.planCreate(config)
	s.check(nil, planned.Diagnostics)
	created := s.applyCreate(w.Context(), config, planned.PlannedState)
	s.check(nil, created.Diagnostics)
	return instance{s, created.NewState, created.Private}
}

// attempt refreshes the instance and applies config, in a new process. The state that it
// returns is the one that Terraform keeps.
func (i instance) attempt(ctx context.Context, w *world, config map[string]tftypes.Value) (instance, []*tfprotov6.Diagnostic) {
	i.Helper()
	s := w.serve(nil)
	read, err := s.ReadResource(ctx, &tfprotov6.ReadResourceRequest{TypeName: typeName, CurrentState: i.state, Private: i.private})
	s.check(err, read.Diagnostics)
	proposed := s.attributes(read.NewState)
	maps.Copy(proposed, config)
	proposed["content_wo"] = null // write-only
	planned, err := s.PlanResourceChange(ctx, &tfprotov6.PlanResourceChangeRequest{
		TypeName: typeName, PriorState: read.NewState, ProposedNewState: s.encode(proposed), Config: s.encode(config), PriorPrivate: read.Private,
	})
	s.check(err, planned.Diagnostics)
	w.oss.ResetLog()
	applied, err := s.ApplyResourceChange(ctx, &tfprotov6.ApplyResourceChangeRequest{
		TypeName: typeName, PriorState: read.NewState, PlannedState: planned.PlannedState, Config: s.encode(config), PlannedPrivate: planned.PlannedPrivate,
	})
	s.check(err, nil)
	return instance{s, applied.NewState, applied.Private}, applied.Diagnostics
}

func (i instance) updated(w *world, config map[string]tftypes.Value) instance {
	i.Helper()
	next, diags := i.attempt(i.Context(), w, config)
	i.check(nil, diags)
	return next
}

// stored returns what the private state of an instance has under a key, or nil.
func (i instance) stored(key string) []byte {
	i.Helper()
	values := map[string][]byte{}
	if err := json.Unmarshal(i.private, &values); err != nil {
		i.Fatal(err)
	}
	return values[key]
}

// with returns the instance with another value in its private state; nil removes it.
func (i instance) with(key string, value []byte) instance {
	i.Helper()
	values := map[string][]byte{}
	if err := json.Unmarshal(i.private, &values); err != nil {
		i.Fatal(err)
	}
	if values[key] = value; value == nil {
		delete(values, key)
	}
	var err error
	if i.private, err = json.Marshal(values); err != nil {
		i.Fatal(err)
	}
	return i
}

// expectTable checks whether the private state has the table of a content; "" means none.
func (i instance) expectTable(content string) {
	i.Helper()
	table, err := chunksIn(i.Context(), memory{chunksKey: i.stored(chunksKey)})
	switch {
	case err != nil:
		i.Error(err)
	case content == "" && i.stored(chunksKey) != nil:
		i.Errorf("the private state has a table: %s", i.stored(chunksKey))
	case content != "" && (!table.describes(digestOf(content)) || len(table.Table) == 0):
		i.Errorf("the private state has %s, not the table of the content with SHA-256 %s", i.stored(chunksKey), digestOf(content))
	}
}

// sentInParts returns the number of parts that OSS copied, and the bytes that were sent,
// since the last plan.
func (w *world) sentInParts() (copied int, sent int64) {
	for _, r := range w.oss.Requests() {
		if r.Op == osstest.UploadPart || r.Op == osstest.PutObject {
			sent += r.BodyBytes
		}
	}
	return w.oss.Count(osstest.UploadPartCopy), sent
}

// expectCopied checks that the last apply sent little of a large file, and that the object
// has its content.
func (w *world) expectCopied(content string) {
	w.Helper()
	w.expectPartsCopied()
	w.expectContent(content)
}

func (w *world) expectPartsCopied() {
	w.Helper()
	if copied, sent := w.sentInParts(); copied == 0 || sent > largeSize/4 {
		w.Errorf("%d parts were copied, and %d bytes sent", copied, sent)
	}
}

// expectSent checks that the last apply sent all of a file, and that the object has its
// content.
func (w *world) expectSent(content string) {
	w.Helper()
	if copied, sent := w.sentInParts(); copied > 0 || sent != int64(len(content)) {
		w.Errorf("%d parts were copied, and %d bytes of %d sent", copied, sent, len(content))
	}
	w.expectContent(content)
}

func (w *world) expectContent(content string) {
	w.Helper()
	info, _ := w.oss.Object(testBucket, testKey)
	body, err := info.Open()
	if err != nil {
		w.Fatal(err)
	}
	defer body.Close()
	if stored, err := io.ReadAll(body); err != nil || string(stored) != content {
		w.Errorf("the object has %d bytes that are not the %d bytes of the file (%v)", len(stored), len(content), err)
	}
}

// A file that has grown at its front: on a machine that knows only the state, an update
// copies what is the same. It works for the next update, too.
func TestUpdate_chunksFromTheState(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	content := largeContent(1)
	object := w.created(w.inParts(content, "first"))
	object.expectTable(content)
	for _, machine := range []string{"second", "third"} {
		content = machine + content
		var log bytes.Buffer
		next, diags := object.attempt(tflogtest.RootLogger(t.Context(), &log), w, w.inParts(content, machine))
		next.check(nil, diags)
		w.expectCopied(content)
		object = next
		object.expectTable(content)
		if !regexp.MustCompile(`uploaded oss://test-bucket/dir/file.txt: [0-9.]+ [KM]iB sent, [0-9.]+ MiB copied"`).Match(log.Bytes()) {
			t.Errorf("the log does not say what was sent:\n%s", log.String())
		}
	}
}

// The same with Terraform, which stores the private state. With triggers, the plan does not
// know the hash of the file.
func TestAccObject_chunksFromTheState(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	content := largeContent(1)
	file := w.write("large", content)
	step := func(machine string) resource.TestStep {
		return resource.TestStep{
			PreConfig: func() {
				content = machine + content
				w.write("large", content)
				w.oss.ResetLog()
			},
			Config: w.object(file, "multipart_threshold = 1048576", fmt.Sprintf("checkpoint_dir = %q", filepath.Join(w.dir, machine)),
				fmt.Sprintf("triggers = { build = %q }", machine)),
			PostApplyFunc: func() { w.expectCopied(content) },
		}
	}
	first := step("first")
	first.PostApplyFunc = nil
	w.test(first, step("second"), step("third"))
}

// The object already has the content of the file: after an apply that was stopped before
// Terraform saved the state, and after an import. The next update copies, on another machine.
func TestUpdate_chunksOfFoundObject(t *testing.T) {
	t.Parallel()
	old, found := largeContent(1), "new"+largeContent(1)
	for name, find := range map[string]func(w *world) instance{
		"stopped apply": func(w *world) instance {
			object := w.created(w.inParts(old, "first"))
			object.updated(w, w.inParts(found, "first"))
			return object
		},
		"import": func(w *world) instance {
			object := w.created(w.inParts(found, "first")).with(chunksKey, nil)
			state := object.attributes(object.state)
			state["source_hash"] = null
			object.state = object.encode(state)
			return object
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			object := find(w).updated(w, w.inParts(found, "second"))
			if copied, sent := w.sentInParts(); copied > 0 || sent > 0 {
				t.Errorf("%d parts were copied, and %d bytes sent", copied, sent)
			}
			object.expectTable(found)
			object.updated(w, w.inParts("newer"+found, "third"))
			w.expectCopied("newer" + found)
		})
	}
}

// A failed update leaves the table of the old object, which is still there. The next
// apply copies, on another machine.
func TestUpdate_chunksAfterFailure(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	old := largeContent(1)
	object := w.created(w.inParts(old, "first"))
	content := "new" + old
	restore := w.oss.AddRule(osstest.Rule{Op: osstest.CompleteMultipartUpload, Fault: osstest.Refuse(403, "AccessDenied")})
	failed, diags := object.attempt(t.Context(), w, w.inParts(content, "second"))
	if len(diags) == 0 {
		t.Fatal("the update did not fail")
	}
	failed.expectTable(old)
	uploads := w.oss.OpenUploads(testBucket)
	if len(uploads) != 1 {
		t.Fatalf("%d uploads are open", len(uploads))
	}
	w.oss.AbortUpload(uploads[0].UploadID) // such as by a lifecycle rule

	again, diags := failed.attempt(t.Context(), w, w.inParts(content, "third"))
	if len(diags) == 0 {
		t.Fatal("the update did not fail")
	}
	w.expectPartsCopied()
	again.expectTable(old)

	restore()
	object = again.updated(w, w.inParts(content, "fourth"))
	if copied, sent := w.sentInParts(); copied > 0 || sent > 0 {
		t.Errorf("OSS has all parts, but %d were copied, and %d bytes sent", copied, sent)
	}
	w.expectContent(content)
	object.expectTable(content)
}

// A table that cannot be used costs only time, and the log says why. Without a table, as
// in the state of an earlier version, there is nothing to say.
func TestUpdate_chunksUnusable(t *testing.T) {
	t.Parallel()
	old := largeContent(1)
	other := func(change func(*chunkTable)) func([]byte) []byte {
		return func(text []byte) []byte {
			var table chunkTable
			if err := json.Unmarshal(text, &table); err != nil {
				t.Fatal(err)
			}
			change(&table)
			text, err := json.Marshal(table)
			if err != nil {
				t.Fatal(err)
			}
			return text
		}
	}
	for name, row := range map[string]struct {
		change func([]byte) []byte
		says   string
	}{
		"none":          {func([]byte) []byte { return nil }, ""},
		"not an object": {func([]byte) []byte { return []byte(`"text"`) }, "damaged"},
		"wrong type":    {func([]byte) []byte { return []byte(`{"version":1,"content":1}`) }, "damaged"},
		"newer":         {other(func(c *chunkTable) { c.Version++ }), "version 2"},
		"newer form":    {func([]byte) []byte { return []byte(`{"version":2,"table":{"levels":[]}}`) }, "version 2"},
		"other content": {other(func(c *chunkTable) { c.Content = digestOf("other")[:contentDigits] }), "other content"},
		"no content":    {other(func(c *chunkTable) { c.Content = "" }), "other content"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			object := w.created(w.inParts(old, "first"))
			object = object.with(chunksKey, row.change(object.stored(chunksKey)))
			content := "new" + old
			var log bytes.Buffer
			object, diags := object.attempt(tflogtest.RootLogger(t.Context(), &log), w, w.inParts(content, "second"))
			object.check(nil, diags)
			w.expectSent(content)
			object.expectTable(content)
			const line = "table of chunks in the private state cannot be used"
			if logged := strings.Contains(log.String(), line); logged != (row.says != "") || !strings.Contains(log.String(), row.says) {
				t.Errorf("the log does not say %q:\n%s", row.says, log.String())
			}
		})
	}
}

// A table that belongs to the state but is wrong, such as one of another file, is
// never a reason for other bytes.
func TestUpdate_chunksLie(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	old, content := largeContent(1), largeContent(2)
	object := w.created(w.inParts(old, "first"))
	fp, err := resumable.FingerprintContent(t.Context(), []byte(content))
	if err != nil {
		t.Fatal(err)
	}
	lie := memory{}
	chunkTable{chunksVersion, digestOf(old)[:contentDigits], fp.ChunkTable()}.keepIn(t.Context(), lie)
	object = object.with(chunksKey, lie[chunksKey]).updated(w, w.inParts(content, "second"))
	w.expectContent(content)
	object.expectTable(content)
}

// What changes no bytes keeps the table, and so does a refresh.
func TestUpdate_chunksStay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	content := largeContent(1)
	config := w.inParts(content, "first")
	object := w.created(config)
	config["cache_control"] = text("no-cache")
	object = object.updated(w, config)
	object.expectTable(content)
	config["key"] = text("renamed")
	object = object.updated(w, config)
	object.expectTable(content)
	config["key"] = text(testKey)
	object = object.updated(w, config)
	object.expectTable(content)

	content = "new" + content
	config = w.inParts(content, "second")
	object.updated(w, config)
	w.expectCopied(content)
}

// An object without a table has none left of an earlier one.
func TestUpdate_chunksEnd(t *testing.T) {
	t.Parallel()
	large := largeContent(1)
	for name, change := range map[string]func(w *world, config map[string]tftypes.Value){
		"small file": func(w *world, _ map[string]tftypes.Value) { w.write("large", "small") },
		"one request": func(w *world, config map[string]tftypes.Value) {
			w.write("large", "new"+large)
			config["multipart_threshold"] = number(2 * largeSize)
		},
		"content": func(_ *world, config map[string]tftypes.Value) {
			config["source"] = null
			config["content"] = text(strings.Repeat("text", largeSize/4))
		},
		"secret": func(_ *world, config map[string]tftypes.Value) {
			config["source"] = null
			config["content_wo"], config["content_wo_version"] = text(strings.Repeat("text", largeSize/4)), number(1)
		},
		"another object": func(w *world, config map[string]tftypes.Value) {
			w.oss.PutObject(testBucket, "source", []byte("new"+large), nil)
			config["source"] = null
			config["source_object"] = copyOf("source")
		},
		"equal object": func(w *world, config map[string]tftypes.Value) {
			w.oss.PutObject(testBucket, "source", []byte(large), nil)
			config["source"] = null
			config["source_object"] = copyOf("source")
		},
		"content of others": func(w *world, config map[string]tftypes.Value) {
			w.oss.PutObject(testBucket, testKey, []byte("deployed"), nil)
			config["remote_changes"], config["cache_control"] = text(remoteKeep), text("no-cache")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			config := w.inParts(large, "first")
			config["remote_changes"] = text(remoteKeep)
			object := w.created(config)
			object.expectTable(large)
			change(w, config)
			object = object.updated(w, config)
			object.expectTable("")
		})
	}
}

// Content of other programs is never the origin of a copy, even if the private state
// still has a table.
func TestUpdate_chunksForeign(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	old := largeContent(1)
	config := w.inParts(old, "first")
	config["remote_changes"] = text(remoteKeep)
	object := w.created(config)
	w.oss.PutObject(testBucket, testKey, []byte(largeContent(2)), nil)
	content := "new" + old
	config = w.inParts(content, "second")
	config["remote_changes"] = text(remoteKeep)
	object = object.updated(w, config)
	w.expectSent(content)
	object.expectTable(content)
}

func TestCreate_withoutChunks(t *testing.T) {
	t.Parallel()
	large := largeContent(1)
	for name, change := range map[string]func(w *world, config map[string]tftypes.Value){
		"small file":  func(w *world, _ map[string]tftypes.Value) { w.write("large", "small") },
		"one request": func(_ *world, config map[string]tftypes.Value) { delete(config, "multipart_threshold") },
		"secret": func(_ *world, config map[string]tftypes.Value) {
			config["source"] = null
			config["content_wo"], config["content_wo_version"] = text(strings.Repeat("text", largeSize/4)), number(1)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			config := w.inParts(large, "first")
			change(w, config)
			w.created(config).expectTable("")
		})
	}
}
