// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"fmt"
	"strings"
)

// plot is a chart of horizontal bars in groups, one bar for each series.
type plot struct {
	file, title string
	series      []string
	groups      []group
}

type group struct {
	label  string
	values []float64
}

var colours = []string{"#9aa0a6", "#1a73e8", "#e8710a", "#9334e6", "#12b5cb", "#188038"}

func (p plot) svg() string {
	const bar, gap, left, width = 14, 22, 10, 640
	most := 0.0
	for _, g := range p.groups {
		most = max(most, maxOf(g.values))
	}
	var body strings.Builder
	text := func(x, y int, format string, args ...any) {
		fmt.Fprintf(&body, "<text x=%q y=%q>%s</text>\n", fmt.Sprint(x), fmt.Sprint(y), fmt.Sprintf(format, args...))
	}
	y := 20
	text(left, y, "%s", p.title)
	y += gap
	for i, name := range p.series {
		x := left + i*110
		fmt.Fprintf(&body, "<rect x=\"%d\" y=\"%d\" width=\"10\" height=\"10\" fill=%q/>\n", x, y-9, colours[i%len(colours)])
		text(x+14, y, "%s", name)
	}
	for _, g := range p.groups {
		y += gap
		text(left, y, "%s", g.label)
		y += 4
		for i, v := range g.values {
			length := int(v / most * (width - 80))
			fmt.Fprintf(&body, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=%q/>\n", left, y, length, bar-2, colours[i%len(colours)])
			text(left+length+6, y+bar-4, "%.3g", v)
			y += bar
		}
	}
	return fmt.Sprintf("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" font-family=\"sans-serif\" font-size=\"12\">\n"+
		"<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n%s</svg>\n", width, y+gap, body.String())
}
