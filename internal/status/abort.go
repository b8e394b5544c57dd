// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package status

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/escape"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

const abortUsage escape.Text = `Usage: ` + program + ` abort [-older-than AGE] [-yes] [DIR]

Aborts abandoned uploads in the checkpoint directory DIR. OSS deletes their parts,
which it bills, and their checkpoints are removed. Uploads that a running process
works on are skipped. The command asks before each one. Uploads that another process
may have begun are not included in -yes or the answer "all".

DIR has the same default as in "status". Region, endpoint and credentials come
from the environment variables that the provider reads.

`

// abortCommand is one run of the command "abort".
type abortCommand struct {
	Streams
	dir      string
	yes      bool // answers the questions, except about uploads of other processes
	answers  *bufio.Reader
	uploader *resumable.Uploader
}

// Abort runs the command "abort" and returns its exit status. It calls connect only
// if there are uploads to abort.
func Abort(ctx context.Context, args []string, s Streams, connect func() (*resumable.Uploader, error)) int {
	flags := flag.NewFlagSet("abort", flag.ContinueOnError)
	olderThan := ageFlag(resumable.StaleAfter)
	flags.Var(&olderThan, "older-than", "only uploads that have been idle for longer than this `age`, such as 7d or 36h")
	yes := flags.Bool("yes", false, "abort without asking")
	dir, code, ok := parse(flags, args, abortUsage, s)
	if !ok {
		return code
	}
	a := &abortCommand{Streams: s, dir: dir, yes: *yes, answers: bufio.NewReader(s.In)}
	return s.exit("abort", a.run(ctx, olderThan, connect))
}

func (a *abortCommand) run(ctx context.Context, olderThan ageFlag, connect func() (*resumable.Uploader, error)) error {
	uploads, younger, err := a.abandoned(time.Duration(olderThan))
	if err != nil {
		return err
	}
	defer a.printYounger(younger)
	if len(uploads) == 0 {
		printf(a.Out, "No upload in %s has been idle for longer than %s.\n", a.dir, &olderThan)
		return nil
	}
	if !isTerminal(a.In) {
		found := slices.DeleteFunc(slices.Clone(uploads), func(u upload) bool { return !u.found() })
		uploads = slices.DeleteFunc(uploads, upload.found)
		defer a.printFound(found)
		if !a.yes && len(uploads) > 0 {
			printLines(a.Out, a.dir, uploads)
			return fmt.Errorf("nothing was aborted, because the input is not a terminal. To abort these uploads (%d), add -yes", len(uploads))
		}
	}
	if len(uploads) == 0 {
		return nil
	}
	if a.uploader, err = connect(); err != nil {
		return err
	}
	left := 0
	for i, u := range uploads {
		switch a.ask(u) {
		case "yes":
			if err := a.abort(ctx, u); err != nil {
				printf(a.Err, "%s: not aborted: %v\n", escape.Cut(u.name, columns(a.Err)), err)
				left++
			}
		case "quit":
			printf(a.Out, "Not aborted: %d.\n", len(uploads)-i)
			return a.notAborted(left)
		}
	}
	return a.notAborted(left)
}

func (a *abortCommand) notAborted(n int) error {
	if n == 0 {
		return nil
	}
	return fmt.Errorf("uploads that could not be aborted: %d", n)
}

// printYounger names the interrupted uploads that are too young to be aborted.
func (a *abortCommand) printYounger(uploads []upload) {
	if len(uploads) == 0 {
		return
	}
	printf(a.Out, "Younger uploads that are left: %d. To abort them too, use -older-than 0s.\n", len(uploads))
	printLines(a.Out, a.dir, uploads)
}

// printFound names the uploads about which the command must ask.
func (a *abortCommand) printFound(uploads []upload) {
	if len(uploads) == 0 {
		return
	}
	printf(a.Out, "Uploads that another process may have begun, and that are left: %d. To abort them too, run the command in a terminal.\n", len(uploads))
	printLines(a.Out, a.dir, uploads)
}

// abandoned returns the uploads that have been idle for longer than olderThan and
// whose journal names the object, and the younger ones. It prints the ones whose
// journal does not name the object.
func (a *abortCommand) abandoned(olderThan time.Duration) (uploads, younger []upload, err error) {
	now := time.Now()
	all, err := look(a.dir, now)
	for _, u := range all {
		switch {
		case u.condition == live:
		case now.Sub(u.entry.Modified) <= olderThan:
			younger = append(younger, u)
		case u.entry.State.Begin == nil:
			printf(a.Err, "Skipped, because its checkpoint does not name the object: %s\n", u.line(columns(a.Err)))
		default:
			uploads = append(uploads, u)
		}
	}
	return uploads, younger, err
}

// ask returns "yes", "no" or "quit".
func (a *abortCommand) ask(u upload) string {
	if a.yes && !u.found() {
		return "yes"
	}
	printf(a.Out, "%s\n%sAbort it? [y]es, [N]o, [a]ll, [q]uit: ", u.line(columns(a.Out)), u.identity(columns(a.Out)))
	answer, err := a.answers.ReadString('\n')
	if err != nil { // Ctrl-D
		printf(a.Out, "\n")
		return "quit"
	}
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes":
		return "yes"
	case "a", "all":
		a.yes = true
		return "yes"
	case "q", "quit":
		return "quit"
	}
	return "no"
}

// abort aborts one upload, unless another process has continued it since it was
// listed. The user may take long to answer.
func (a *abortCommand) abort(ctx context.Context, u upload) error {
	begin := u.entry.State.Begin
	if begin.Endpoint != a.uploader.Endpoint() {
		return fmt.Errorf("the upload is at the endpoint %s, but the environment selects %s; set ALIBABA_CLOUD_ENDPOINT_OSS and the region of the bucket, and try again",
			begin.Endpoint, a.uploader.Endpoint())
	}
	same, err := a.isAsListed(u)
	if err != nil {
		return err
	}
	if !same {
		return errors.New("another process has continued it in the meantime")
	}
	object := resumable.Object{Bucket: begin.Bucket, Key: begin.Object}
	if err := a.uploader.Discard(ctx, object, a.dir); err != nil {
		return err
	}
	printf(a.Out, "Aborted %s%s\n", escape.Cut(u.name, columns(a.Out)), uploadIDs(u))
	return nil
}

func (a *abortCommand) isAsListed(u upload) (bool, error) {
	now, err := look(a.dir, time.Now())
	for _, other := range now {
		if other.entry.Path == u.entry.Path {
			return other.condition != live && other.entry.Modified.Equal(u.entry.Modified), err
		}
	}
	return false, err
}

// identity distinguishes an upload whose name is cut from all others. The journal is
// named by the hash of endpoint, bucket and key.
func (u upload) identity(width int) escape.Text {
	if escape.Cut(u.name, width) == u.name {
		return ""
	}
	return escape.Sprintf("  checkpoint %s%s\n", filepath.Base(u.entry.Path), uploadIDs(u))
}

func uploadIDs(u upload) escape.Text {
	ids := slices.Clone(u.entry.State.PendingAborts)
	if id := u.entry.State.UploadID; id != "" {
		ids = append(ids, id)
	}
	if len(ids) == 0 {
		return ""
	}
	return escape.Sprintf(" (upload ID %s)", escape.Cut(escape.Sprint(strings.Join(ids, ", ")), maxColumns))
}
