// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package checkpoint

import (
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
	whole := State{Begin: testBegin(), UploadID: "ID", Doomed: []string{"OLD"}, Parts: map[int]Part{1: {1, 100, "E", "5"}}}
	var text []byte
	for _, e := range whole.events() {
		text, _ = record.Append(text, e)
		f.Add(text)
	}
	f.Add([]byte("00000000 {}\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		state, good, err := decode(text)
		if err != nil {
			return
		}
		again, goodAgain, err := decode(text[:good])
		if err != nil || goodAgain != good || len(again.Parts) != len(state.Parts) || again.UploadID != state.UploadID {
			t.Fatalf("good lines read differently: %+v, %+v, %v", state, again, err)
		}
	})
}
