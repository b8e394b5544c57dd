// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package status

import (
	"testing"
	"time"
)

// The flag accepts every age that status prints.
func TestAgeFlag(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"0s": 0, "0": 0, "59s": 59 * time.Second, "59m": 59 * time.Minute, "47h": 47 * time.Hour, "2d": 2 * day, "9d": 9 * day, "0d": 0,
		"168h": 7 * day, "1d12h": 36 * time.Hour, "90m": 90 * time.Minute, "1h30m": 90 * time.Minute,
	} {
		var got ageFlag
		if err := got.Set(text); err != nil || time.Duration(got) != want {
			t.Errorf("%q is %v, %v", text, time.Duration(got), err)
		}
		var again ageFlag
		if err := again.Set(got.String()); err != nil || again != got {
			t.Errorf("%q is printed as %q", text, got.String())
		}
	}
	for _, d := range []time.Duration{-time.Hour, 0, 61 * time.Second, 49 * time.Hour, 400 * day} {
		if err := new(ageFlag).Set(age(d)); err != nil {
			t.Errorf("%q: %v", age(d), err)
		}
	}
	for _, text := range []string{"", "7", "d", "-1h", "-1d", "7d-1h", "1d2d", "70000d", "1.5d", "9999999h", "week"} {
		var got ageFlag
		if err := got.Set(text); err == nil {
			t.Errorf("%q is %v", text, time.Duration(got))
		}
	}
	for d, want := range map[time.Duration]string{7 * day: "7d", 36 * time.Hour: "36h", 90 * time.Minute: "1h30m", 0: "0s"} {
		if got := ageFlag(d); got.String() != want {
			t.Errorf("%v is printed as %q", d, got.String())
		}
	}
}
