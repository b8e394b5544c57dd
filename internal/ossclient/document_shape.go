// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package ossclient

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
)

// Limits of a document. A list of 1,000 objects has about 13,000 elements, nested
// three deep, and no attributes. Package xml has no limits: for 15 MiB of nested
// elements it needs 600 MiB of memory, and for 15 MiB of attributes hours.
const (
	maxDepth    = 16
	maxElements = 64 << 10
	maxMarkup   = 4 << 10 // bytes of one tag, comment or instruction
)

var errNotWhole = errors.New("its markup is incomplete or too long")

// unmarshal is [xml.Unmarshal] for documents within these limits.
func unmarshal(text []byte, document any) error {
	if err := checkShape(text); err != nil {
		return err
	}
	return xml.Unmarshal(text, document)
}

// checkShape returns an error if text exceeds the limits. It does not allocate
// memory for the document, and does not check that it is valid XML.
func checkShape(text []byte) error {
	depth, markups := 0, 0
	for {
		start := bytes.IndexByte(text, '<')
		if start < 0 {
			return nil
		}
		text = text[start:]
		end, err := markupEnd(text)
		if err != nil {
			return err
		}
		switch {
		case text[1] == '/':
			depth--
		case text[1] != '!' && text[1] != '?' && text[end-2] != '/':
			depth++
		}
		text = text[end:]
		if markups++; markups > 2*maxElements || depth > maxDepth {
			return fmt.Errorf("it has more than %d elements, or more than %d levels", maxElements, maxDepth)
		}
	}
}

// markupEnd returns the length of the markup at the beginning of text: a tag, a
// comment, a processing instruction or a CDATA section.
func markupEnd(text []byte) (int, error) {
	limit := min(len(text), maxMarkup)
	for _, kind := range []struct{ begin, end string }{{"<!--", "-->"}, {"<?", "?>"}, {"<![CDATA[", "]]>"}} {
		rest, found := bytes.CutPrefix(text, []byte(kind.begin))
		if !found {
			continue
		}
		if kind.end != "]]>" {
			rest = text[len(kind.begin):max(limit, len(kind.begin))]
		}
		end := bytes.Index(rest, []byte(kind.end))
		if end < 0 {
			return 0, errNotWhole
		}
		return len(kind.begin) + end + len(kind.end), nil
	}
	if bytes.HasPrefix(text, []byte("<!")) {
		return 0, errors.New("it has a directive, which OSS does not use")
	}
	quote := byte(0)
	for i := 1; i < limit; i++ {
		switch c := text[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '>' && i > 1:
			return i + 1, nil
		}
	}
	return 0, errNotWhole
}
