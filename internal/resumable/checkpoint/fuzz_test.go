// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package checkpoint

import (
	"strings"
	"testing"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/record"
)

func mustLine(t *testing.T, e event) []byte {
	t.Helper()
	line, err := record.Append(nil, e)
	if err != nil {
		t.Fatal(err)
	}
	return line
}

// FuzzDecode feeds journals that were not written by us: whatever is read,
// the good lines, written again, are read as the same state.
func FuzzDecode(f *testing.F) {
	whole := State{Begin: testBegin(), UploadID: "ID", PendingAborts: []string{"OLD"}, Parts: map[int]Part{1: {1, 100, "E", "5", false}}}
	var text []byte
	for _, e := range whole.events() {
		text, _ = record.Append(text, e)
		f.Add(text)
	}
	for _, seed := range []string{
		"00000000 {}\n",
		"",
		"\ufeff" + string(text),
		strings.ReplaceAll(string(text), "\n", "\r\n"),
		string(text[:len(text)-1]),
		string(text) + "\x00\x00\x00",
		string(text) + checksummed(`{"t":"part","part":{"n":10001,"size":9223372036854775807}}`),
		string(text) + checksummed(`{"t":"part","part":{"n":-1,"size":-1}}`),
		string(text) + checksummed(`{"t":"part"}`),
		string(text) + checksummed(`{"t":"begin"}`),
		string(text) + checksummed(`{"t":"begin","begin":{"size":-1,"part_size":0}}`) + checksummed(`{"t":"part","part":{"n":1}}`),
		string(text) + checksummed(`{"t":"aborted","upload_id":"OLD"}`) + checksummed(`{"t":"later","v":9}`),
		checksummed(`{"t":"journal","v":2}`),
		checksummed(`{"t":"journal","v":-1}`) + checksummed(`{"t":"initiated","upload_id":"ID"}`),
		checksummed(`{"t":"part","part":{"n":1}}`),
		checksummed(`null`),
		checksummed(`[[[[]]]]`),
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		state, good, err := decode(text)
		if err != nil {
			return
		}
		again, goodAgain, err := decode(text[:good])
		if err != nil || goodAgain != good || len(again.Parts) != len(state.Parts) || again.UploadID != state.UploadID {
			t.Fatalf("good lines read differently: %+v, %+v, %v", state, again, err)
		}
		for n := range state.Parts {
			if n < 1 || n > maxPartNumber {
				t.Fatalf("part %d", n)
			}
		}
		if len(state.PendingAborts) > maxPendingAborts || state.Parts != nil && state.Begin == nil {
			t.Fatalf("no journal of ours says %+v", state)
		}
	})
}
