// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package credentials

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// allocated returns how many bytes f allocates.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// A program that prints too much is killed.
func TestExternal_prints(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the test needs a Unix shell")
	}
	for name, tt := range map[string]struct{ script, says string }{
		"output":            {"exec cat /dev/zero", "printed more than 1024 KiB"},
		"output of a child": {"cat /dev/zero; exit 0", "printed more than 1024 KiB"},
		"a bit too much":    {"head -c 1048577 /dev/zero", "printed more than 1024 KiB"},
		"just enough":       {"head -c 1048576 /dev/zero", "is not JSON"},
		"error stream":      {"head -c 200000000 /dev/zero >&2", "is not JSON"},
	} {
		t.Run(name, func(t *testing.T) {
			program := filepath.Join(t.TempDir(), "program")
			if err := os.WriteFile(program, []byte("#!/bin/sh\n"+tt.script+"\n"), 0o700); err != nil {
				t.Fatal(err)
			}
			start := time.Now()
			p := New(Config{Profile: &Profile{profileFile(t, fields{"name": "p", "mode": "External", "process_command": program}), "p"}})
			taken := allocated(func() { mustFail(t, p, `profile "p" of `, "process_command: ", tt.says) })
			if took := time.Since(start); taken > 16<<20 || took > externalTimeout/2 {
				t.Errorf("took %d MiB and %v", taken>>20, took)
			}
		})
	}
}

// The memory for an answer is limited, for endless headers and bodies and for any JSON.
func TestAnswers_bounded(t *testing.T) {
	nested := strings.Repeat("[", maxAnswer-100)
	for name, tt := range map[string]struct {
		answer func(http.ResponseWriter)
		says   string
	}{
		"endless body": {func(w http.ResponseWriter) {
			for {
				if _, err := io.WriteString(w, strings.Repeat(" ", 1<<16)); err != nil {
					return
				}
			}
		}, "is larger than 1024 KiB"},
		"large header": {func(w http.ResponseWriter) {
			for n := range 80 {
				w.Header().Set(fmt.Sprintf("X-%d", n), strings.Repeat("x", 1<<10))
			}
		}, "server response headers exceeded"},
		"nested":     {func(w http.ResponseWriter) { _, _ = io.WriteString(w, nested) }, ""},
		"in a field": {func(w http.ResponseWriter) { _, _ = io.WriteString(w, `{"Credentials":`+nested) }, ""},
		"fields": {func(w http.ResponseWriter) {
			_, _ = io.WriteString(w, "{"+strings.Repeat(`"a":1,`, maxAnswer/7)+`"b":1}`)
		}, ""},
		"elements": {func(w http.ResponseWriter) {
			_, _ = io.WriteString(w, `{"Credentials":[`+strings.Repeat(`{},`, maxAnswer/4)+`{}]}`)
		}, ""},
		"text": {func(w http.ResponseWriter) {
			_, _ = io.WriteString(w, `{"Code":"`+strings.Repeat("x", maxAnswer-100)+`"}`)
		}, ""},
	} {
		for _, status := range []int{200, 400} {
			for _, mode := range redirectModes {
				if mode.overTLS && strings.HasPrefix(mode.name, "profile") {
					continue // the same requests as with arguments
				}
				server := serving(t, mode.overTLS, mode.from, func(w http.ResponseWriter) {
					if status != 200 && tt.says == "" {
						w.WriteHeader(status)
					}
					tt.answer(w)
				})
				p := newCache(onceOnly{New(mode.config(t, server)).(*cache).source})
				taken := allocated(func() { mustFail(t, p, "", tt.says) })
				if taken > 24<<20 {
					t.Errorf("%s, %s, status %d: took %d MiB", mode.name, name, status, taken>>20)
				}
			}
		}
	}
}

func TestFiles_bounded(t *testing.T) {
	dir := t.TempDir()
	large := filepath.Join(dir, "large")
	writeFile(t, large, strings.Repeat(" ", 100<<20))
	files := map[string][2]string{large: {"more than 1048576 bytes", "more than 65536 bytes"}}
	if runtime.GOOS != "windows" {
		files["/dev/zero"] = [2]string{"not a regular file", "not a regular file"}
	}
	for file, says := range files {
		for i, cfg := range []Config{
			{Profile: &Profile{file, "p"}},
			{OIDC: &OIDC{AssumeRole: AssumeRole{RoleARN: role}, ProviderARN: "arn", TokenFile: file}},
		} {
			taken := allocated(func() { mustFail(t, New(cfg), "", says[i]) })
			if taken > 8<<20 {
				t.Errorf("%s took %d MiB", file, taken>>20)
			}
		}
	}
}

// onceOnly fetches once, because another attempt would have the same result.
type onceOnly struct{ source }

func (s onceOnly) fetch(ctx context.Context) (lease, error) {
	got, err := s.source.fetch(ctx)
	if failure, ok := errors.AsType[*Error](err); ok {
		failure.transient = false
	}
	return got, err
}
