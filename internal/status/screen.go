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

// screenEvery is how often a watch on a terminal looks.
const screenEvery = time.Second

// screen redraws the uploads in place until a key ends it.
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

// watchScreen returns what was seen last, for the caller to leave on the
// terminal, which is as it was before. Keys are read when in is a terminal.
func watchScreen(ctx context.Context, in io.Reader, out io.Writer, dir string) ([]upload, error) {
	if !isTerminal(in) {
		in = nil // a file or /dev/null cannot be waited for; Ctrl-C is a signal then
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

// Init looks for the first time.
func (s screen) Init() tea.Cmd { return s.look }

// Update takes a look, a key, or another size of the terminal. The next look
// is ordered when the last one is in, so there is only ever one.
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

// View draws what was seen last.
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
