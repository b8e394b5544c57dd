// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package ossclient

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
)

// redactedAnywhere is the minimum length of a secret that is redacted even in the
// middle of a word. The shortest AccessKey ID of Alibaba Cloud has 16 characters. A
// shorter secret, such as that of a private installation, may be part of a word by
// chance. It is redacted only where it is a whole word.
const redactedAnywhere = 12

// Redact replaces secrets in a text, in plain and in URL-encoded form. It also
// replaces AccessKey IDs. A secret of fewer than twelve characters is replaced only
// where it is a whole word.
//
// Redact never changes its own replacements, so redacting a text twice, or for
// several secrets, has the same result as redacting it once.
func Redact(text string, secrets ...Credentials) string {
	spellings := spellingsOf(secrets)
	for {
		// A secret next to another one becomes a whole word when that is replaced.
		redactedText := redactOnce(text, spellings)
		if redactedText == text {
			return text
		}
		text = redactedText
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

// containsLongSecret reports whether text contains a secret that is too long to be
// part of it by chance.
func containsLongSecret(text string, secrets ...Credentials) bool {
	return slices.ContainsFunc(spellingsOf(secrets), func(spelling string) bool {
		return len(spelling) >= redactedAnywhere && strings.Contains(text, spelling)
	})
}

// spellingsOf returns the plain and URL-encoded forms of secrets, longest first.
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

// isWord reports whether text[start:end] is a whole word, that is, not part of a
// longer sequence of letters and digits. An escaped character such as "%3D" before
// it is not part of the word.
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
