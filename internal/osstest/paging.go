// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package osstest

import (
	"iter"
	"strings"
)

// paging is what all listings have in common: a prefix, a delimiter that groups
// keys into common prefixes, a marker after which the page begins, and a size.
type paging struct {
	prefix    string
	delimiter string
	marker    string // a key, or the common prefix that ended the previous page
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

// next returns the marker of the next page, or "" if there is no next page.
func (p page[T]) next() string {
	if !p.truncated {
		return ""
	}
	return p.lastKey
}

// start returns a lower bound of the keys on the page.
func (p paging) start() string { return max(p.prefix, p.marker) }

// paginate returns the next page of items, which must be sorted by key and must
// include all keys from start on. past reports whether an item is at or before
// the marker. A common prefix counts as one item.
func paginate[T any](p paging, items iter.Seq[T], key func(T) string, past func(T) bool) page[T] {
	var result page[T]
	for item := range items {
		name := key(item)
		if !strings.HasPrefix(name, p.prefix) {
			if name > p.prefix {
				break // no later key has the prefix
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
