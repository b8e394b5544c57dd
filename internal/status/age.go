// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package status

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

const day = 24 * time.Hour

// age formats a duration in its largest unit.
func age(d time.Duration) string {
	switch {
	case d < 0:
		return "0s"
	case d < time.Minute:
		return fmt.Sprintf("%ds", d/time.Second)
	case d < time.Hour:
		return fmt.Sprintf("%dm", d/time.Minute)
	case d < 2*day:
		return fmt.Sprintf("%dh", d/time.Hour)
	}
	return fmt.Sprintf("%dd", d/day)
}

// ageFlag is a flag whose value is an age as [age] formats it, such as "7d", or any
// other duration.
type ageFlag time.Duration

// String formats the age exactly, and without trailing zero units: "7d", not
// "168h0m0s".
func (f *ageFlag) String() string {
	d := time.Duration(*f)
	if d > 0 && d%day == 0 {
		return fmt.Sprintf("%dd", d/day)
	}
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

func (f *ageFlag) Set(text string) error {
	wrong := errors.New("must be an age such as 7d, 36h or 1d12h")
	var whole uint64
	if days, rest, found := strings.Cut(text, "d"); found {
		n, err := strconv.ParseUint(days, 10, 16)
		if err != nil {
			return wrong
		}
		if whole, text = n, rest; text == "" {
			text = "0"
		}
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 {
		return wrong
	}
	*f = ageFlag(time.Duration(whole)*day + d)
	return nil
}
