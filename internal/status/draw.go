// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package status

import (
	"fmt"
	"slices"
	"strings"

	"charm.land/bubbles/v2/progress"
	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/escape"
)

// The colours are from the palette of the terminal, which the user can change.
var (
	title = lipgloss.NewStyle().Bold(true)
	dim   = lipgloss.NewStyle().Faint(true)

	colours = map[condition]lipgloss.Style{
		live:        lipgloss.NewStyle().Foreground(lipgloss.Cyan),
		interrupted: lipgloss.NewStyle().Foreground(lipgloss.Yellow),
		stale:       lipgloss.NewStyle().Foreground(lipgloss.Red),
		broken:      lipgloss.NewStyle().Foreground(lipgloss.Red),
		done:        lipgloss.NewStyle().Foreground(lipgloss.Green),
	}
)

const (
	indent = "  "
	maxBar = 60 // columns; a longer bar is no more useful
)

// draw draws uploads for a screen of width columns and height lines; 0 means any
// height. It prints the number of uploads that do not fit.
func draw(dir string, uploads []upload, footer string, width, height int) string {
	lines := []string{ansi.Truncate(title.Render("Unfinished uploads")+dim.Render(" in "+escape.Line(dir)), width, "…"), ""}
	if len(uploads) == 0 {
		lines = append(lines, "None.", "")
	}
	room := height - len(lines) - 2 // for the number of hidden uploads, and the footer
	for i, u := range uploads {
		drawn := u.draw(width)
		if room -= len(drawn); height > 0 && room < 0 {
			lines = append(lines, dim.Render(fmt.Sprintf("… and %d more", len(uploads)-i)))
			break
		}
		lines = append(lines, drawn...)
	}
	if footer != "" {
		lines = append(lines, dim.Render(ansi.Truncate(footer, width, "…")))
	}
	return strings.Join(lines, "\n")
}

// draw returns the lines of one upload: its name, the bar, and its details.
func (u upload) draw(width int) []string {
	lines := []string{title.Render(string(escape.Cut(u.name, width)))}
	facts := []string{colours[u.condition].Render(string(u.state))}
	if u.progress != nil {
		percent := fmt.Sprintf("%5.1f %%", u.progress.Percent())
		bar := progress.New(
			progress.WithWidth(max(1, min(maxBar, width-len(indent)-1-len(percent)))),
			progress.WithColors(colours[u.condition].GetForeground()),
			progress.WithFillCharacters(progress.DefaultFullCharFullBlock, progress.DefaultEmptyCharBlock),
			progress.WithoutPercentage(),
		)
		bar.EmptyColor = lipgloss.BrightBlack
		lines = append(lines, indent+bar.ViewAs(u.progress.Percent()/100)+" "+percent)
		facts = slices.Concat(facts, u.progress.Details())
	}
	return append(append(lines, pack(facts, width)...), "")
}

// pack joins facts into lines that fit the width.
func pack(facts []string, width int) (lines []string) {
	line := ""
	for _, fact := range facts {
		fact = ansi.Truncate(fact, width-len(indent), "…")
		switch longer := line + dim.Render(" · ") + fact; {
		case line == "":
			line = indent + fact
		case ansi.StringWidth(longer) <= width:
			line = longer
		default:
			lines, line = append(lines, line), indent+fact
		}
	}
	return append(lines, line)
}
