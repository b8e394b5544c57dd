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

// externalSource runs a program that prints credentials. It is the only program that
// the provider runs, and only if a profile names it.
type externalSource struct{ command string }

// maxOutput limits what the program prints. The expected output has less than 4 KiB. A
// program that prints more is killed.
const maxOutput = 1 << 20

// externalTimeout leaves time for a program that prompts the user.
const externalTimeout = time.Minute

func (s *externalSource) fetch(ctx context.Context) (lease, error) {
	const method = "process_command"
	words, err := splitCommand(s.command, runtime.GOOS == "windows")
	if err != nil {
		return lease{}, permanentError(method, "%v", err)
	}
	ctx, cancel := context.WithTimeout(ctx, externalTimeout)
	defer cancel()
	command := exec.CommandContext(ctx, words[0], words[1:]...)
	endGroup(command)
	command.WaitDelay = time.Second // for children that keep its output open
	output := &bounded.Buffer{Limit: maxOutput, Exceeded: cancel}
	command.Stdout = output // its standard error is discarded
	err = command.Run()
	var failed *exec.ExitError
	switch {
	case output.Full():
		return lease{}, permanentError(method, "the program %s printed more than %d KiB", words[0], maxOutput>>10)
	case ctx.Err() != nil:
		return lease{}, permanentError(method, "the program %s did not exit within %v", words[0], externalTimeout)
	case errors.As(err, &failed):
		return lease{}, permanentError(method, "the program %s failed (%s); run it in a terminal to see its error", words[0], failed.ProcessState)
	case err != nil:
		return lease{}, permanentError(method, "the program could not be started: %v", err)
	}

	return parsePrinted(method, fmt.Sprintf("the output of the program %s", words[0]), output.Bytes())
}

// parsePrinted parses the output of a program. Its errors contain nothing of the output,
// which may contain secrets.
func parsePrinted(method, from string, output []byte) (lease, error) {
	var printed struct {
		Mode            string `json:"mode"`
		AccessKeyID     string `json:"access_key_id"`
		AccessKeySecret string `json:"access_key_secret"`
		SecurityToken   string `json:"sts_token"`
		Expiration      string `json:"expiration"`
	}
	if json.Unmarshal(output, &printed) != nil {
		return lease{}, permanentError(method, "%s is not JSON", from)
	}
	if printed.Mode == "StsToken" && printed.SecurityToken == "" {
		return lease{}, permanentError(method, "%s has no sts_token", from)
	}
	return session{
		AccessKeyID: printed.AccessKeyID, AccessKeySecret: printed.AccessKeySecret,
		SecurityToken: printed.SecurityToken, Expiration: printed.Expiration,
	}.lease(method, from)
}

// splitCommand splits a command as the CLI does: at spaces outside of quotes. A
// backslash escapes the next character, except on Windows, where paths contain it.
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
		return nil, errors.New("process_command has an unclosed quote or ends with a backslash")
	}
	if begun {
		words = append(words, word.String())
	}
	if len(words) == 0 || words[0] == "" {
		return nil, errors.New("process_command does not name a program")
	}
	return words, nil
}
