// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package status

import (
	"context"
	"errors"
	"io"
	"time"

	tea "charm.land/bubbletea/v2"
)

// screenEvery is the interval of a watch on a terminal.
const screenEvery = time.Second

// screen redraws the uploads in place until a key ends the watch.
type screen struct {
	tracker       *tracker
	seen          seen
	width, height int
}

var _ tea.Model = screen{}

// seen is the result of one look.
type seen struct {
	uploads []upload
	at      time.Time
	err     error
}

// watchScreen watches the uploads and returns the last view, which the caller may
// print. It restores the terminal. It reads keys if in is a terminal.
func watchScreen(ctx context.Context, in io.Reader, out io.Writer, dir string) ([]upload, error) {
	if !isTerminal(in) {
		in = nil // a file cannot be polled; Ctrl-C is a signal then
	}
	program := tea.NewProgram(screen{tracker: newTracker(dir)}, tea.WithContext(ctx), tea.WithInput(in), tea.WithOutput(out))
	model, err := program.Run()
	if err != nil && !errors.Is(err, tea.ErrInterrupted) && ctx.Err() == nil {
		return nil, err
	}
	if s, ok := model.(screen); ok {
		return s.seen.uploads, s.seen.err
	}
	return nil, nil
}

func (s screen) look() tea.Msg {
	now := time.Now()
	uploads, err := s.tracker.look(now)
	return seen{uploads, now, err}
}

// Init returns the first look.
func (s screen) Init() tea.Cmd { return s.look }

// Update handles the result of a look, a key, or a resize. It schedules the next look
// after the last one returned, so that looks never overlap.
func (s screen) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case seen:
		s.seen = msg
		if msg.err != nil {
			return s, tea.Quit
		}
		return s, tea.Tick(screenEvery, func(time.Time) tea.Msg { return s.look() })
	case tea.WindowSizeMsg:
		s.width, s.height = msg.Width, msg.Height
	case tea.KeyPressMsg:
		switch msg.String() {
		case "q", "esc", "ctrl+c":
			return s, tea.Quit
		}
	}
	return s, nil
}

// View draws the last look.
func (s screen) View() tea.View {
	text := ""
	if !s.seen.at.IsZero() && s.width > 0 {
		footer := s.seen.at.Format(time.TimeOnly) + " · Ctrl-C ends the watch, not the uploads"
		text = draw(s.tracker.dir, s.seen.uploads, footer, s.width, s.height)
	}
	view := tea.NewView(text)
	view.AltScreen = true
	return view
}
