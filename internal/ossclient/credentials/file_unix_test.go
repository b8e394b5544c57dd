// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package credentials

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

const (
	otherUser = 65534
	stranger  = 54321 // neither root nor the owner of any file
)

// tree returns a directory for the files of a test. Only the user of the test and root
// can write to the directories of its path.
func tree(t *testing.T) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// give changes the owner of a file. Only root can do so. Otherwise the test checks the
// file as another user.
func give(t *testing.T, path string) {
	t.Helper()
	if os.Geteuid() == 0 {
		if err := os.Lchown(path, otherUser, otherUser); err != nil {
			t.Fatal(err)
		}
	}
}

// ownerOfGiven returns the owner of the files that were passed to give.
func ownerOfGiven() int {
	if os.Geteuid() == 0 {
		return otherUser
	}
	return os.Geteuid()
}

// A user who can modify a file could choose the credentials. A user who can modify a
// file with a command could run programs as this user.
func TestCheckWriters(t *testing.T) {
	const yes, no = true, false
	chmod := func(mode fs.FileMode, elem ...string) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			if err := os.Chmod(filepath.Join(append([]string{dir}, elem...)...), mode); err != nil {
				t.Fatal(err)
			}
		}
	}
	given := func(names ...string) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			for _, name := range names {
				give(t, filepath.Join(dir, name))
			}
		}
	}
	link := func(target, name string) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
				t.Fatal(err)
			}
		}
	}
	me := os.Geteuid()
	for name, test := range map[string]struct {
		prepare               []func(*testing.T, string)
		path                  string // relative to the tree
		euid                  int
		credentials, commands bool
		says                  string
	}{
		"a file of this user":               {nil, "dir/file", me, yes, yes, ""},
		"that others may read":              {[]func(*testing.T, string){chmod(0o644, "dir/file")}, "dir/file", me, yes, yes, ""},
		"that its group may write":          {[]func(*testing.T, string){chmod(0o660, "dir/file")}, "dir/file", me, no, no, "chmod go-w"},
		"that all may write":                {[]func(*testing.T, string){chmod(0o602, "dir/file")}, "dir/file", me, no, no, "mode 0602"},
		"in a directory of a group":         {[]func(*testing.T, string){chmod(0o770, "dir")}, "dir/file", me, yes, no, "chmod go-w"},
		"in a directory of all":             {[]func(*testing.T, string){chmod(0o777, "dir")}, "dir/file", me, yes, no, "chmod go-w"},
		"in a sticky one":                   {[]func(*testing.T, string){chmod(0o777|fs.ModeSticky, "dir")}, "dir/file", me, yes, yes, ""},
		"below a directory of all":          {[]func(*testing.T, string){chmod(0o777)}, "dir/file", me, yes, no, "chmod go-w"},
		"by a link":                         {[]func(*testing.T, string){link("dir/file", "link")}, "link", me, yes, yes, ""},
		"by links to directories and back":  {[]func(*testing.T, string){link("dir", "link")}, "link/../link/./file", me, yes, yes, ""},
		"by a link in a directory of all":   {[]func(*testing.T, string){link("../dir/file", "other/link"), chmod(0o777, "other")}, "other/link", me, yes, no, "chmod go-w"},
		"by a link through one":             {[]func(*testing.T, string){chmod(0o777, "other"), link("other/../dir/file", "link")}, "link", me, yes, no, "chmod go-w"},
		"of another user":                   {[]func(*testing.T, string){given("dir/file")}, "dir/file", stranger, no, no, "but this process runs as user 54321"},
		"of another user, to its owner":     {[]func(*testing.T, string){given("dir/file", "dir")}, "dir/file", ownerOfGiven(), yes, yes, ""},
		"of another user, to root":          {[]func(*testing.T, string){given("dir/file", "dir")}, "dir/file", 0, yes, no, "but this process runs as user"},
		"that any user may exchange":        {[]func(*testing.T, string){given("dir/file"), chmod(0o777, "dir")}, "dir/file", 0, no, no, "chmod go-w"},
		"by a link of another user":         {[]func(*testing.T, string){link("dir/file", "link"), given("link")}, "link", stranger, no, no, "link belongs to user"},
		"by a link of another user to root": {[]func(*testing.T, string){link("dir/file", "link"), given("link")}, "link", 0, yes, no, "link belongs to user"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := tree(t)
			for _, d := range []string{"dir", "other"} {
				if err := os.Mkdir(filepath.Join(dir, d), 0o700); err != nil {
					t.Fatal(err)
				}
			}
			writeFile(t, filepath.Join(dir, "dir", "file"), "text")
			for _, prepare := range test.prepare {
				prepare(t, dir)
			}
			for _, path := range []string{dir + "/" + test.path, "relative"} {
				if path == "relative" {
					t.Chdir(dir)
					path = test.path
				}
				f, err := os.Open(path)
				if err != nil {
					t.Fatal(err)
				}
				commands, err := checkWriters(path, f, test.euid)
				if f.Close() != nil || (err == nil) != test.credentials || (err == nil && commands == nil) != test.commands {
					t.Errorf("%s: credentials: %v; commands: %v", path, err, commands)
				}
				if text := errors.Join(err, commands); text != nil && !strings.Contains(text.Error(), test.says) {
					t.Errorf("does not contain %q: %v", test.says, text)
				}
			}
		})
	}
}

// Kubernetes replaces a token at each renewal, perhaps while it is read. A busy machine may
// replace it several times meanwhile.
func TestReadFile_replacedMeanwhile(t *testing.T) {
	file := filepath.Join(tree(t), "token")
	writeFile(t, file, "jwt")
	for range 500 {
		replaced := make(chan error, 1)
		go func() {
			var err error
			for range maxReads - 1 {
				err = errors.Join(err, os.WriteFile(file+".new", []byte("jwt"), 0o600), os.Rename(file+".new", file))
			}
			replaced <- err
		}()
		var wrong error
		for wrong == nil && len(replaced) == 0 {
			var got ownFile
			if got, wrong = readFile(file, maxToken); wrong == nil && string(got.text) != "jwt" {
				wrong = fmt.Errorf("got %q", got.text)
			}
		}
		if err := errors.Join(wrong, <-replaced); err != nil {
			t.Fatal(err)
		}
	}
}

// Every kind of file is checked, and no command runs.
func TestReadFile_othersMayWrite(t *testing.T) {
	dir := tree(t)
	marker := filepath.Join(dir, "marker")
	json, _ := os.ReadFile(profileFile(t,
		with(fields{"name": "ak", "mode": "AK"}, nil),
		fields{"name": "ext", "mode": "External", "process_command": "/bin/sh -c 'echo x >" + marker + "'"},
		fields{"name": "chain", "mode": "ChainableRamRoleArn", "ram_role_arn": role, "source_profile": "ext"},
	))
	for name, test := range map[string]struct {
		text string
		cfg  func(file string) Config
	}{
		"config.json": {string(json), func(file string) Config { return Config{Profile: &Profile{file, "ak"}} }},
		"command":     {string(json), func(file string) Config { return Config{Profile: &Profile{file, "ext"}} }},
		"chain":       {string(json), func(file string) Config { return Config{Profile: &Profile{file, "chain"}} }},
		"credentials": {"[ak]\ntype=access_key\naccess_key_id=a\naccess_key_secret=b\n", func(file string) Config { return Config{Profile: &Profile{file, "ak"}} }},
		"token": {"jwt", func(file string) Config {
			return Config{OIDC: &OIDC{AssumeRole{RoleARN: role}, "arn", "", file}, STSEndpoint: "127.0.0.1:1"}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(dir, name)
			writeFile(t, file, test.text)
			if err := os.Chmod(file, 0o666); err != nil {
				t.Fatal(err)
			}
			mustFail(t, New(test.cfg(file)), "", "other users can write to "+file+" (mode 0666); run chmod go-w")
			if err := errors.Join(os.Remove(file), syscall.Mkfifo(file, 0o600)); err != nil {
				t.Fatal(err)
			}
			mustFail(t, New(test.cfg(file)), "", "not a regular file")
		})
	}
	file := filepath.Join(dir, "shared", "config.json")
	if err := errors.Join(os.Mkdir(filepath.Dir(file), 0o700), os.Chmod(filepath.Dir(file), 0o777)); err != nil {
		t.Fatal(err)
	}
	writeFile(t, file, string(json))
	for _, name := range []string{"ext", "chain"} {
		p := Profile{file, name}
		mustFail(t, New(Config{Profile: &p}), "profile ", "process_command was not run, because another user can modify the file: other users can write to "+filepath.Dir(file))
		if _, err := p.Region(); err == nil {
			t.Errorf("%s: no error from Region", name)
		}
	}
	mustBe(t, New(Config{Profile: &Profile{file, "ak"}}), key)
	if _, err := os.Stat(marker); err == nil {
		t.Error("the command ran")
	}
}

// Links that point at each other end after as many as a kernel follows, or more.
func TestWalk_endless(t *testing.T) {
	dir := tree(t)
	a, b := filepath.Join(dir, "a"), filepath.Join(dir, "b")
	if err := errors.Join(os.Symlink(a, b), os.Symlink(b, a)); err != nil {
		t.Fatal(err)
	}
	links := 0
	err := walk(a, func(_ string, info fs.FileInfo) {
		if info.Mode()&fs.ModeSymlink != 0 {
			links++
		}
		if links > maxLinks {
			t.Fatal("the walk does not end")
		}
	})
	if err != nil || links != maxLinks {
		t.Errorf("%d links, %v", links, err)
	}
}
