// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package durable_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/durable"
)

// A file looks the same whether or not it was synced. So these tests run each
// operation in a child under strace(1), which records its system calls or makes
// one of them fail.

const childEnv = "DURABLE_TEST_CHILD" // the operation of a child

// operations are called with a path relative to the working directory.
var operations = map[string]func(path string) error{
	"WriteFile": func(path string) error { return durable.WriteFile(path, []byte("new")) },
	"MkdirAll":  durable.MkdirAll,
	"Remove":    durable.Remove,
}

func init() {
	if os.Getenv(childEnv) != "" {
		// strace traces the first thread only, so that it can count its calls.
		runtime.LockOSThread()
	}
}

func TestMain(m *testing.M) {
	operation := os.Getenv(childEnv)
	if operation == "" {
		os.Exit(m.Run())
	}
	if err := operations[operation](os.Args[1]); err != nil {
		fmt.Print(err)
	}
}

// call is a system call. Its text is its name and the files in the working
// directory that it concerns. The random end of a temporary name is "*".
type call struct {
	text string
	name string
	nth  int // of that name
}

// trace calls an operation in a child whose working directory is dir, and
// returns the text of its error and its calls. Each of inject is what strace
// expects after "-e inject=".
func trace(t *testing.T, dir, operation, path string, inject ...string) (message string, calls []call) {
	t.Helper()
	log := filepath.Join(t.TempDir(), "strace")
	args := []string{"-qq", "-o", log, "-e", "signal=none", "-e", "trace=mkdirat,openat,write,fsync,close,renameat,unlinkat"}
	for _, what := range inject {
		args = append(args, "-e", "inject="+what)
	}
	child := exec.CommandContext(t.Context(), "strace", append(args, os.Args[0], path)...)
	child.Dir, child.Env = dir, append(os.Environ(), childEnv+"="+operation)
	child.Stderr = os.Stderr
	out, err := child.Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out), readCalls(t, log)
}

var (
	callLine   = regexp.MustCompile(`^(\w+)\((.*)\) += (\S+)`)
	quotedPath = regexp.MustCompile(`"([^"]*)"`)
	randomEnd  = regexp.MustCompile(`\.tmp-\d+$`)
)

// readCalls returns the calls that concern relative paths. What the runtime and
// the child's standard output need is elsewhere.
func readCalls(t *testing.T, log string) (calls []call) {
	t.Helper()
	text, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	open := map[string]string{} // names by descriptor
	for line := range strings.Lines(string(text)) {
		m := callLine.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		name, args, result := m[1], m[2], m[3]
		count[name]++
		files := []string{}
		switch name {
		case "write", "fsync", "close":
			descriptor, _, _ := strings.Cut(args, ",")
			if file, ok := open[descriptor]; ok {
				files = append(files, file)
			}
			if name == "close" {
				delete(open, descriptor)
			}
		default:
			for _, quoted := range quotedPath.FindAllStringSubmatch(args, -1) {
				if !filepath.IsAbs(quoted[1]) {
					files = append(files, randomEnd.ReplaceAllString(quoted[1], ".tmp-*"))
				}
			}
		}
		if len(files) == 0 {
			continue
		}
		if _, err := strconv.Atoi(result); name == "openat" && err == nil {
			open[result] = files[0]
		}
		calls = append(calls, call{name + " " + strings.Join(files, " "), name, count[name]})
	}
	return calls
}

func texts(calls []call) (texts []string) {
	for _, c := range calls {
		texts = append(texts, c.text)
	}
	return texts
}

// needStrace skips a test where strace is absent or may not trace.
func needStrace(t *testing.T) {
	t.Helper()
	if out, err := exec.CommandContext(t.Context(), "strace", "-o", os.DevNull, "true").CombinedOutput(); err != nil {
		t.Skipf("strace is not installed or may not trace here: %v\n%s", err, out)
	}
}

// orders are the system calls of each operation, in the order that survives a
// power cut. The file "file" exists before, with the text "old".
var orders = []struct {
	operation, path string
	want            []string
}{
	{"WriteFile", "file", []string{
		"openat ./file.tmp-*", "write ./file.tmp-*", "fsync ./file.tmp-*", "close ./file.tmp-*",
		"renameat ./file.tmp-* file",
		"openat .", "fsync .", "close .",
	}},
	{"WriteFile", "new", []string{
		"openat ./new.tmp-*", "write ./new.tmp-*", "fsync ./new.tmp-*", "close ./new.tmp-*",
		"renameat ./new.tmp-* new",
		"openat .", "fsync .", "close .",
	}},
	{"MkdirAll", "a/b/c", []string{
		"mkdirat a", "mkdirat a/b", "mkdirat a/b/c",
		"openat a/b", "fsync a/b", "close a/b",
		"openat a", "fsync a", "close a",
		"openat .", "fsync .", "close .",
	}},
	{"MkdirAll", "a", []string{"mkdirat a", "openat .", "fsync .", "close ."}},
	{"MkdirAll", ".", nil},
	{"Remove", "file", []string{"unlinkat file", "openat .", "fsync .", "close ."}},
}

func newDir(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "file"), []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestOrder(t *testing.T) {
	needStrace(t)
	for _, order := range orders {
		t.Run(order.operation+" "+order.path, func(t *testing.T) {
			message, calls := trace(t, newDir(t), order.operation, order.path)
			if message != "" {
				t.Error(message)
			}
			if got := texts(calls); !slices.Equal(got, order.want) {
				t.Errorf("system calls:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(order.want, "\n"))
			}
		})
	}
}

// Each of the calls fails once. The operation reports it and stops: it syncs
// nothing a second time, and renames nothing that is not synced.
func TestOrder_failsAtEachCall(t *testing.T) {
	needStrace(t)
	for _, order := range orders {
		_, calls := trace(t, newDir(t), order.operation, order.path)
		for i, failing := range calls {
			if failing.name == "close" && !strings.HasSuffix(failing.text, ".tmp-*") {
				continue // of a directory, which was only read
			}
			t.Run(fmt.Sprintf("%s %s, %s", order.operation, order.path, failing.text), func(t *testing.T) {
				dir := newDir(t)
				message, calls := trace(t, dir, order.operation, order.path, fmt.Sprintf("%s:error=EIO:when=%d", failing.name, failing.nth))
				if !strings.Contains(message, "input/output error") {
					t.Errorf("got error %q", message)
				}
				got := texts(calls)
				if len(got) <= i || !slices.Equal(got[:i+1], order.want[:i+1]) {
					t.Fatalf("system calls: %q", got)
				}
				for _, after := range calls[i+1:] {
					if after.name != "close" && after.name != "unlinkat" {
						t.Errorf("%s after the error", after.text)
					}
				}
				checkFiles(t, dir, order.operation, order.path, slices.Contains(got[:i], "renameat ./"+order.path+".tmp-* "+order.path))
			})
		}
	}
}

// checkFiles finds a whole file at path, and no temporary one. An operation
// other than WriteFile may have removed a file or made a directory.
func checkFiles(t *testing.T, dir, operation, path string, renamed bool) {
	t.Helper()
	if temps, _ := filepath.Glob(filepath.Join(dir, "*.tmp-*")); len(temps) != 0 {
		t.Errorf("left behind: %v", temps)
	}
	if operation != "WriteFile" {
		return
	}
	want := map[string]string{"file": "old"}
	if renamed {
		want[path] = "new"
	}
	for _, name := range []string{"file", path} {
		if text, err := os.ReadFile(filepath.Join(dir, name)); string(text) != want[name] || err != nil && want[name] != "" {
			t.Errorf("%s contains %q, want %q; %v", name, text, want[name], err)
		}
	}
}

// Some network file systems cannot sync a directory. That is no error; any
// other answer is.
func TestSyncDir_answers(t *testing.T) {
	needStrace(t)
	for errno, want := range map[string]string{
		"EINVAL":     "",
		"EOPNOTSUPP": "", // the same number as ENOTSUP
		"EIO":        "sync directory .: sync .: input/output error",
		"ENOSPC":     "sync directory .: sync .: no space left on device",
		"EROFS":      "sync directory .: sync .: read-only file system",
	} {
		message, _ := trace(t, newDir(t), "Remove", "file", "fsync:error="+errno)
		if message != want {
			t.Errorf("%s: got error %q, want %q", errno, message, want)
		}
	}
}
