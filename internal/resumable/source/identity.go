// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package source

import (
	"fmt"
	"strings"
	"time"
)

// Identity is what a file system reports about a file. Identities can be compared with
// ==. Times are in Unix nanoseconds, with the resolution of the file system.
type Identity struct {
	Device, Inode uint64 // Windows: volume serial number and file index
	Size          int64
	ModTimeNS     int64 // last change of the bytes; any program can set it
	ChangeTimeNS  int64 // last change of bytes or attributes; only the system sets it. 0: not available
}

// differences describes how id differs from old.
func (id Identity) differences(old Identity) string {
	var texts []string
	say := func(name string, now, was any) {
		if now != was {
			texts = append(texts, fmt.Sprintf("%s is %v, was %v", name, now, was))
		}
	}
	if id.Device != old.Device || id.Inode != old.Inode {
		texts = append(texts, "another file took its place")
	}
	say("device", id.Device, old.Device)
	say("inode", id.Inode, old.Inode)
	say("size", id.Size, old.Size)
	say("modification time", instant(id.ModTimeNS), instant(old.ModTimeNS))
	say("change time", instant(id.ChangeTimeNS), instant(old.ChangeTimeNS))
	return strings.Join(texts, ", ")
}

func instant(ns int64) string { return time.Unix(0, ns).UTC().Format(time.RFC3339Nano) }
