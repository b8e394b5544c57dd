// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package status

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"charm.land/lipgloss/v2"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/escape"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

const program = "terraform-provider-ossresumable"

// Streams are the input and outputs of a command. On terminals, it asks questions and
// draws.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
}

// The exit statuses of both commands.
const (
	succeeded = iota
	failed
	misused // the arguments are wrong
)

const statusUsage escape.Text = `Usage: ` + program + ` status [-watch] [DIR]

Shows the unfinished uploads in the checkpoint directory DIR: the progress of each
one, and the process that works on it or the time since it was interrupted. The
command changes nothing and does not contact OSS. Objects smaller than
multipart_threshold are sent in one request and are not shown.

DIR defaults to the directory that the provider uses without checkpoint_dir:
` + resumable.CheckpointDirVariable + `, else ` + program + ` in the user's
cache directory, or below the temporary directory if that one cannot be used.

On a terminal, the command draws bars. Elsewhere, or if TERM is dumb or NO_COLOR is
set, it prints one line for each upload. With -watch, it also prints one for each change.

`

// Status runs the command "status" and returns its exit status.
func Status(ctx context.Context, args []string, s Streams) int {
	flags := flag.NewFlagSet("status", flag.ContinueOnError)
	watch := flags.Bool("watch", false, "keep watching until Ctrl-C")
	dir, code, ok := parse(flags, args, statusUsage, s)
	if !ok {
		return code
	}
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	width, drawing := screenWidth(s.Out)
	var err error
	switch {
	case *watch && drawing:
		err = watchAndLeave(ctx, s, dir)
	case *watch:
		err = followLines(ctx, s.Out, dir)
	default:
		err = once(s.Out, dir, width, drawing)
	}
	return s.exit("status", err)
}

// once shows the uploads once.
func once(out io.Writer, dir string, width int, drawing bool) error {
	uploads, err := look(dir, time.Now())
	if err != nil {
		return err
	}
	if drawing && len(uploads) > 0 {
		_, err := lipgloss.Fprintln(out, draw(dir, uploads, "", width, 0))
		return err
	}
	printLines(out, dir, uploads)
	return nil
}

// watchAndLeave watches the uploads, and leaves the last view on the terminal.
func watchAndLeave(ctx context.Context, s Streams, dir string) error {
	uploads, err := watchScreen(ctx, s.In, s.Out, dir)
	if err == nil && len(uploads) > 0 {
		width, _ := screenWidth(s.Out)
		_, err = lipgloss.Fprintln(s.Out, draw(dir, uploads, "", width, 0))
	}
	return err
}

// parse parses the arguments of a command. If ok is false, the command exits with
// code.
func parse(flags *flag.FlagSet, args []string, usage escape.Text, s Streams) (dir string, code int, ok bool) {
	flags.SetOutput(escaped{s.Err})
	flags.Usage = func() {
		printf(flags.Output(), usage)
		flags.PrintDefaults()
	}
	for _, arg := range args {
		if arg == "-h" || arg == "-help" || arg == "--help" {
			flags.SetOutput(escaped{s.Out}) // the user asked for it
		}
	}
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return "", succeeded, false
	case err != nil: // flags.Parse has printed it
		return "", misused, false
	case flags.NArg() > 1:
		printf(s.Err, "%s: expected at most one directory, after the flags\n\n", flags.Name())
		flags.Usage()
		return "", misused, false
	}
	dir, err := checkpointDir(flags.Arg(0))
	if err != nil {
		return "", s.exit(flags.Name(), err), false
	}
	return dir, succeeded, true
}

// checkpointDir returns the directory that the provider uses for the given one. "" is
// its default, which may be absent: then nothing was uploaded yet.
func checkpointDir(given string) (string, error) {
	if given == "" {
		dir, _, err := resumable.DefaultCheckpointDir(os.Getenv, os.UserCacheDir)
		if err != nil {
			return "", fmt.Errorf("no directory is given and there is no default: %w", err)
		}
		return dir, nil
	}
	if _, err := os.Stat(given); err != nil {
		return "", fmt.Errorf("no checkpoint directory: %w", err)
	}
	return resumable.CheckpointDir(given)
}

// exit prints err, if any, and returns the exit status.
func (s Streams) exit(command string, err error) int {
	if err == nil {
		return succeeded
	}
	printf(s.Err, "%s %s: %v\n", program, command, err)
	return failed
}
