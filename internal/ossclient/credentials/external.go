// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package credentials

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/bounded"
)

// externalSource is a program that prints credentials. It is the only one that
// this provider ever starts, and only because the user's profile says so.
type externalSource struct{ command string }

// maxOutput is far above what a program has to say, less than 4 KiB. One that
// prints more is killed.
const maxOutput = 1 << 20

// externalTimeout is for a program that may ask its user something.
const externalTimeout = time.Minute

func (s *externalSource) fetch(ctx context.Context) (lease, error) {
	const method = "process_command"
	words, err := splitCommand(s.command, runtime.GOOS == "windows")
	if err != nil {
		return lease{}, missing(method, "%v", err)
	}
	ctx, cancel := context.WithTimeout(ctx, externalTimeout)
	defer cancel()
	command := exec.CommandContext(ctx, words[0], words[1:]...)
	command.WaitDelay = time.Second // for children that keep its output open
	output := &bounded.Buffer{Limit: maxOutput, Exceeded: cancel}
	command.Stdout = output // what it prints to its error stream goes nowhere
	err = command.Run()
	var failed *exec.ExitError
	switch {
	case output.Full():
		return lease{}, missing(method, "the program %s prints more than %d KiB", words[0], maxOutput>>10)
	case ctx.Err() != nil:
		return lease{}, missing(method, "the program %s has not ended within %v", words[0], externalTimeout)
	case errors.As(err, &failed):
		return lease{}, missing(method, "the program %s failed (%s); run it by hand to see why", words[0], failed.ProcessState)
	case err != nil:
		return lease{}, missing(method, "the program cannot be run: %v", err)
	}

	return parsePrinted(method, fmt.Sprintf("what the program %s prints", words[0]), output.Bytes())
}

// parsePrinted repeats nothing of what a program prints: it holds secrets.
func parsePrinted(method, from string, output []byte) (lease, error) {
	var printed struct {
		Mode            string `json:"mode"`
		AccessKeyID     string `json:"access_key_id"`
		AccessKeySecret string `json:"access_key_secret"`
		SecurityToken   string `json:"sts_token"`
		Expiration      string `json:"expiration"`
	}
	if json.Unmarshal(output, &printed) != nil {
		return lease{}, missing(method, "%s is not JSON", from)
	}
	if printed.Mode == "StsToken" && printed.SecurityToken == "" {
		return lease{}, missing(method, "%s has no sts_token", from)
	}
	return session{
		AccessKeyID: printed.AccessKeyID, AccessKeySecret: printed.AccessKeySecret,
		SecurityToken: printed.SecurityToken, Expiration: printed.Expiration,
	}.lease(method, from)
}

// splitCommand splits as the CLI does: at spaces outside of quotes. A backslash
// keeps the next character as it is, but on Windows, where it is part of paths.
func splitCommand(command string, windows bool) ([]string, error) {
	var words []string
	var word strings.Builder
	var quote rune
	begun, escaped := false, false
	for _, r := range command {
		switch {
		case escaped:
			word.WriteRune(r)
			escaped = false
		case r == '\\' && !windows && quote != '\'':
			escaped, begun = true, true
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(r)
		case r == '"' || r == '\'':
			quote, begun = r, true
		case strings.ContainsRune(" \t\r\n", r):
			if begun {
				words = append(words, word.String())
				word.Reset()
				begun = false
			}
		default:
			word.WriteRune(r)
			begun = true
		}
	}
	if quote != 0 || escaped {
		return nil, errors.New("process_command ends within quotes")
	}
	if begun {
		words = append(words, word.String())
	}
	if len(words) == 0 || words[0] == "" {
		return nil, errors.New("process_command names no program")
	}
	return words, nil
}
