// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"archive/tar"
	"cmp"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"
)

// edit is a change of a file of random bytes.
type edit struct {
	name  string
	tar   bool                                           // of a tar of random bytes instead
	write func(w io.Writer, old *os.File, n int64) error // writes the new file; n is the size of the old one
	limit int64                                          // of the bytes to send; 0: equal parts, or everything on a new machine
}

var edits = []edit{
	{name: "1 KiB inserted in front", write: insertions(1), limit: 4 * mib},
	{name: "100 insertions of 1 KiB", write: insertions(100), limit: 64 * mib},
	{name: "tar: member of 10 MiB becomes 11 MiB", tar: true, limit: 16 * mib},
	{name: "halves exchanged", write: exchanged, limit: 4 * mib},
	{name: "64 MiB appended", write: appended},
	{name: "64 MiB cut off", write: func(w io.Writer, old *os.File, n int64) error { return copyRange(w, old, 0, n-64*mib) }},
	{name: "64 bytes changed in place", write: changedInPlace},
	{name: "other contents", write: func(w io.Writer, _ *os.File, n int64) error { return random(w, 2, n) }, limit: gib},
}

// edited measures updates after each edit, with the checkpoint directory of the first
// upload and with an empty one. It measures no time, because the server copies on its disk.
func (b *bench) edited(ctx context.Context) error {
	size := gib
	if b.short {
		size = 256 * mib
	}
	server, err := b.store()
	if err != nil {
		return err
	}
	defer func() { _ = server.Close() }()

	whole, err := b.file(ctx, size)
	if err != nil {
		return err
	}
	var trials []trial
	var before []int64 // bytes of equal parts
	for i, e := range edits {
		oldPath, newPath, err := b.editedFiles(e, i, whole, size)
		if err != nil {
			return fmt.Errorf("%s: %w", e.name, err)
		}
		n, err := equalPartsOf(oldPath, newPath)
		if err != nil {
			return err
		}
		before = append(before, n)
		t := trial{What: "update", URL: server.url, Old: oldPath, File: newPath}
		trials = append(trials, t)
		t.Elsewhere = true
		trials = append(trials, t)
	}
	time.Sleep(2100 * time.Millisecond) // the cache of hashes ignores newer files
	costs, err := b.inTurns(ctx, trials, func(t *trial) {
		server.DeleteObject(bucketName, editedKey)
		server.ResetLog()
		t.Key = editedKey
		if t.What == "update" {
			t.Dir = b.emptyCheckpoints()
		}
	})
	if err != nil {
		return err
	}
	b.tables = append(b.tables, editTable(size, before, costs))
	return nil
}

const editedKey = "edited"

func editTable(size int64, before []int64, costs []cost) table {
	result := table{
		title: "Edited files of " + sizeText(size),
		note: "The file is in OSS and has been changed. Equal parts: MB to send in parts of 8 MiB with the same offset in both files. Sent, copied: MB. " +
			"Limit: MB that may be sent, for small edits what equal parts send, or everything on a new machine; an update that sends more is marked with an exclamation mark. " +
			"The hashes of both files are in the cache.",
		header: []string{"edit", "on", "equal parts", "limit", "sent", "copied", "parts (copied)"},
	}
	for i, e := range edits {
		for j, where := range []string{"the same machine", "a new machine"} {
			c := costs[2*i+j]
			limit := cmp.Or(e.limit, before[i])
			if where == "a new machine" && e.limit == 0 {
				limit = c.Sent + c.Copied // equal parts need the machine of the first upload
			}
			sent := megabytes(c.Sent)
			if c.Sent > limit {
				sent += " !"
			}
			result.add(e.name, where, megabytes(before[i]), megabytes(limit), sent, megabytes(c.Copied), fmt.Sprintf("%d (%d)", c.Parts, c.Copies))
		}
	}
	return result
}

// editedFiles writes the new file of an edit, and for a tar also the old one.
func (b *bench) editedFiles(e edit, i int, whole string, size int64) (oldPath, newPath string, err error) {
	newPath = filepath.Join(b.dir, fmt.Sprintf("edited-%d", i))
	if e.tar {
		oldPath = filepath.Join(b.dir, "tar")
		if err := writeFile(oldPath, func(w io.Writer) error { return writeTar(w, size, 10*mib) }); err != nil {
			return "", "", err
		}
		return oldPath, newPath, writeFile(newPath, func(w io.Writer) error { return writeTar(w, size, 11*mib) })
	}
	old, err := os.Open(whole)
	if err != nil {
		return "", "", err
	}
	defer func() { _ = old.Close() }()
	return whole, newPath, writeFile(newPath, func(w io.Writer) error { return e.write(w, old, size) })
}

// insertions inserts 1 KiB before each of count equal sections.
func insertions(count int64) func(io.Writer, *os.File, int64) error {
	return func(w io.Writer, old *os.File, n int64) error {
		for i := range count {
			if err := random(w, byte(100+i), kib); err != nil {
				return err
			}
			if err := copyRange(w, old, n*i/count, n*(i+1)/count); err != nil {
				return err
			}
		}
		return nil
	}
}

func exchanged(w io.Writer, old *os.File, n int64) error {
	if err := copyRange(w, old, n/2, n); err != nil {
		return err
	}
	return copyRange(w, old, 0, n/2)
}

func appended(w io.Writer, old *os.File, n int64) error {
	if err := copyRange(w, old, 0, n); err != nil {
		return err
	}
	return random(w, 1, 64*mib)
}

// changedInPlace changes the first byte of each 64th of the file.
func changedInPlace(w io.Writer, old *os.File, n int64) error {
	for i := range int64(64) {
		first := make([]byte, 1)
		if _, err := old.ReadAt(first, n*i/64); err != nil {
			return err
		}
		if _, err := w.Write([]byte{^first[0]}); err != nil {
			return err
		}
		if err := copyRange(w, old, n*i/64+1, n*(i+1)/64); err != nil {
			return err
		}
	}
	return nil
}

// writeTar writes a tar of members of 10 MiB. The one after 30 % of them has its own size
// and contents.
func writeTar(w io.Writer, size, own int64) error {
	archive := tar.NewWriter(w)
	members := size / (10 * mib)
	for i := range members {
		length, seed := 10*mib, byte(i)
		if i == members*3/10 {
			length, seed = own, byte(200+own/mib)
		}
		if err := archive.WriteHeader(&tar.Header{Name: fmt.Sprintf("member-%03d", i), Mode: 0o644, Size: length}); err != nil {
			return err
		}
		if err := random(archive, seed, length); err != nil {
			return err
		}
	}
	return archive.Close()
}

func writeFile(path string, write func(io.Writer) error) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	if err := write(file); err != nil {
		return err
	}
	return file.Sync() // so that it is not written to disk during a measurement
}

func copyRange(w io.Writer, file *os.File, from, to int64) error {
	_, err := io.Copy(w, io.NewSectionReader(file, from, to-from))
	return err
}

// random writes n bytes that differ from those of other seeds and of [bench.file].
func random(w io.Writer, seed byte, n int64) error {
	_, err := io.CopyN(w, rand.NewChaCha8([32]byte{1, seed}), n)
	return err
}
