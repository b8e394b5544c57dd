// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package osstest

import (
	"iter"
	"strings"
)

// paging is what all listings have in common: a prefix, a delimiter that rolls
// keys up into common prefixes, and a page that begins after a marker.
type paging struct {
	prefix    string
	delimiter string
	marker    string // a key, or the common prefix the last page ended with
	size      int
}

// page is one page of a listing.
type page[T any] struct {
	items     []T
	prefixes  []string
	truncated bool
	lastKey   string // of the last item or common prefix on the page
	lastItem  T      // the zero value if the page ends with a common prefix
}

// next is the marker of the next page; the last page has none.
func (p page[T]) next() string {
	if !p.truncated {
		return ""
	}
	return p.lastKey
}

// start is the first key a page can have; what lies before it need not be looked at.
func (p paging) start() string { return max(p.prefix, p.marker) }

// paginate takes the next page out of items, which are sorted by key and begin
// no later than start. past tells whether an item lies at or before the marker.
// A common prefix counts like an item.
func paginate[T any](p paging, items iter.Seq[T], key func(T) string, past func(T) bool) page[T] {
	var result page[T]
	for item := range items {
		name := key(item)
		if !strings.HasPrefix(name, p.prefix) {
			if name > p.prefix {
				break // none of the rest has it
			}
			continue
		}
		if past(item) {
			continue
		}
		rolledUp := p.commonPrefix(name)
		if rolledUp != "" && (rolledUp == result.lastKey || rolledUp <= p.marker) {
			continue
		}
		if len(result.items)+len(result.prefixes) == p.size {
			result.truncated = true
			return result
		}
		if rolledUp != "" {
			result.prefixes = append(result.prefixes, rolledUp)
			result.lastKey, result.lastItem = rolledUp, *new(T)
			continue
		}
		result.items = append(result.items, item)
		result.lastKey, result.lastItem = name, item
	}
	return result
}

func (p paging) commonPrefix(key string) string {
	if p.delimiter == "" {
		return ""
	}
	head, _, found := strings.Cut(key[len(p.prefix):], p.delimiter)
	if !found {
		return ""
	}
	return p.prefix + head + p.delimiter
}

type prefixXML struct {
	Prefix string
}

func encodePrefixes(prefixes []string, encode func(string) string) (list []prefixXML) {
	for _, prefix := range prefixes {
		list = append(list, prefixXML{encode(prefix)})
	}
	return list
}
