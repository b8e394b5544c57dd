// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package ossclient

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
)

// redactedAnywhere is the length from which a secret is taken out of the middle
// of a word, too. The shortest AccessKey ID of Alibaba Cloud has 16 characters. A
// shorter secret, such as that of a private installation, may be a part of any
// word by chance, and is taken out as a whole word only.
const redactedAnywhere = 12

// Redact takes out of a text what it repeats of secrets, plain or escaped as in
// a URL. An AccessKey ID is no secret, but half of one.
//
// What stands in for a secret is never changed again: to redact a text twice, or
// of several secrets, does the same as to do it once.
func Redact(text string, secrets ...Credentials) string {
	spellings := spellingsOf(secrets)
	for {
		// A secret may end where another begins, and is a word only once that is gone.
		shown := redactOnce(text, spellings)
		if shown == text {
			return shown
		}
		text = shown
	}
}

func redactOnce(text string, spellings []string) string {
	var shown strings.Builder
	for i := 0; i < len(text); {
		if strings.HasPrefix(text[i:], redacted) {
			shown.WriteString(redacted)
			i += len(redacted)
			continue
		}
		found := slices.IndexFunc(spellings, func(spelling string) bool {
			return strings.HasPrefix(text[i:], spelling) && (len(spelling) >= redactedAnywhere || isWord(text, i, i+len(spelling)))
		})
		if found < 0 {
			shown.WriteByte(text[i])
			i++
			continue
		}
		shown.WriteString(redacted)
		i += len(spellings[found])
	}
	return shown.String()
}

// repeatsAnywhere reports whether text repeats a secret that is too long to be a
// part of it by chance.
func repeatsAnywhere(text string, secrets ...Credentials) bool {
	return slices.ContainsFunc(spellingsOf(secrets), func(spelling string) bool {
		return len(spelling) >= redactedAnywhere && strings.Contains(text, spelling)
	})
}

// spellingsOf are the ways in which a text may repeat secrets, the longest first.
func spellingsOf(secrets []Credentials) []string {
	var spellings []string
	for _, c := range secrets {
		for _, secret := range []string{c.SecurityToken, c.AccessKeySecret, c.AccessKeyID} {
			if secret != "" {
				spellings = append(spellings, secret, url.QueryEscape(secret), url.PathEscape(secret))
			}
		}
	}
	slices.SortFunc(spellings, func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })
	return slices.Compact(spellings)
}

// isWord reports whether text[start:end] is not a part of a longer run of letters
// and digits. The digits of an escaped character, as in "%3D", end before it.
func isWord(text string, start, end int) bool {
	before := start > 0 && isLetterOrDigit(text[start-1]) && !endsInEscape(text[:start])
	after := end < len(text) && isLetterOrDigit(text[end])
	return !(before && isLetterOrDigit(text[start])) && !(after && isLetterOrDigit(text[end-1]))
}

func isLetterOrDigit(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c >= 0x80
}

func endsInEscape(text string) bool {
	n := len(text)
	if n < 3 || text[n-3] != '%' {
		return false
	}
	_, err := url.QueryUnescape(text[n-3:])
	return err == nil
}
