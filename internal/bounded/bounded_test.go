// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package bounded

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestReadAll(t *testing.T) {
	for size := range 8 {
		r := &counted{r: strings.NewReader(strings.Repeat("x", size))}
		text, err := ReadAll(r, 4)
		if size <= 4 && (err != nil || len(text) != size) || size > 4 && (!errors.Is(err, ErrTooLarge) || text != nil) {
			t.Errorf("%d bytes: %q, %v", size, text, err)
		}
		if r.n > 5 {
			t.Errorf("%d bytes were read", r.n)
		}
	}
	if _, err := ReadAll(io.MultiReader(strings.NewReader("x"), failing{}), 4); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("error is %v", err)
	}
}

type counted struct {
	r io.Reader
	n int
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += n
	return n, err
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestReadFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "file")
	for size := range 8 {
		if err := os.WriteFile(name, bytes.Repeat([]byte("x"), size), 0o600); err != nil {
			t.Fatal(err)
		}
		text, err := ReadFile(name, 4)
		if size <= 4 && (err != nil || len(text) != size) || size > 4 && !errors.Is(err, ErrTooLarge) {
			t.Errorf("%d bytes: %q, %v", size, text, err)
		}
	}
	if _, err := ReadFile(name+"x", 4); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error is %v", err)
	}
}

func TestBuffer(t *testing.T) {
	exceeded := 0
	b := &Buffer{Limit: 4, Exceeded: func() { exceeded++ }}
	n, err := io.Copy(b, io.MultiReader(strings.NewReader("ab"), strings.NewReader("cd")))
	if n != 4 || err != nil || exceeded != 0 || b.Full() || string(b.Bytes()) != "abcd" {
		t.Errorf("%d, %v, %d times: %q", n, err, exceeded, b.Bytes())
	}
	if _, err := b.Write([]byte("e")); !errors.Is(err, ErrTooLarge) || exceeded != 1 || !b.Full() || string(b.Bytes()) != "abcd" {
		t.Errorf("%v, %d times: %q", err, exceeded, b.Bytes())
	}
}
