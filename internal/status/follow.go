// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package status

import (
	"context"
	"fmt"
	"io"
	"time"
)

// linesEvery is the interval of a watch without a terminal.
const linesEvery = 5 * time.Second

// followLines prints all uploads, and then a line for each upload that has changed,
// until ctx ends.
func followLines(ctx context.Context, out io.Writer, dir string) error {
	t := newTracker(dir)
	printed := map[string]string{}
	ticker := time.NewTicker(linesEvery)
	defer ticker.Stop()
	for first := true; ; first = false {
		uploads, err := t.look(time.Now())
		if err != nil {
			return err
		}
		if first && len(uploads) == 0 {
			printLines(out, dir, nil)
		}
		for _, u := range uploads {
			if now := u.changes(); printed[u.entry.Path] != now {
				printed[u.entry.Path] = now
				printLines(out, dir, []upload{u})
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// changes returns a text that differs when the upload needs a new line. The passing
// of time alone does not change it.
func (u upload) changes() string {
	pid := 0
	if u.entry.Holder != nil {
		pid = u.entry.Holder.PID
	}
	return fmt.Sprint(u.condition, u.entry.Modified, pid, u.entry.State.UploadID)
}
