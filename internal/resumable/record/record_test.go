// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package record

import (
	"bytes"
	"errors"
	"testing"
)

type value struct {
	Name string `json:"name"`
	N    int64  `json:"n"`
}

func lines(t testing.TB, values ...value) (b []byte) {
	t.Helper()
	for _, v := range values {
		var err error
		if b, err = Append(b, v); err != nil {
			t.Fatal(err)
		}
	}
	return b
}

func TestNext_readsWhatAppendWrote(t *testing.T) {
	values := []value{{"plain", 1}, {"line\nfeed \x00 and ☃", -1}, {"", 1 << 62}}
	rest := lines(t, values...)
	for _, want := range values {
		var got value
		var err error
		if rest, err = Next(rest, &got); err != nil || got != want {
			t.Fatalf("got %+v, %v, want %+v", got, err, want)
		}
	}
	if len(rest) != 0 {
		t.Errorf("left: %q", rest)
	}
}

// The format is stable: people and shell tools can read it.
func TestAppend_format(t *testing.T) {
	if got := string(lines(t, value{"a", 1})); got != "5c191923 {\"name\":\"a\",\"n\":1}\n" {
		t.Errorf("got %q", got)
	}
}

func TestNext_refusesEveryDamage(t *testing.T) {
	whole := lines(t, value{"name", 7})
	refuse := func(what string, at int, b []byte) {
		t.Helper()
		got := value{"untouched", 0}
		rest, err := Next(b, &got)
		if !errors.Is(err, ErrDamaged) || got.Name != "untouched" || !bytes.Equal(rest, b) {
			t.Errorf("%s at %d: %+v, %v", what, at, got, err)
		}
	}
	for i := range whole {
		refuse("cut", i, whole[:i])
		flipped := bytes.Clone(whole)
		flipped[i] ^= 0x20
		refuse("flipped", i, flipped)
	}
}

func FuzzNext(f *testing.F) {
	f.Add(lines(f, value{"a", 1}, value{"b", 2}))
	f.Add([]byte("00000000 \n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		var v value
		rest, err := Next(b, &v)
		if err != nil {
			return
		}
		var again value
		if more, err := Next(lines(t, v), &again); err != nil || again != v || len(more) != 0 || len(rest) >= len(b) {
			t.Fatalf("%+v reads back as %+v, %v", v, again, err)
		}
	})
}
