// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package osstest

import (
	"encoding/xml"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

type tag struct {
	Key   string
	Value string
}

type taggingXML struct {
	XMLName xml.Name `xml:"Tagging"`
	Tags    []tag    `xml:"TagSet>Tag"`
}

// tagText matches valid tag keys and values. Source: API page PutObjectTagging;
// that "letters" means ASCII letters is assumed.
var tagText = regexp.MustCompile(`^[A-Za-z0-9 +\-=._:/]*$`)

func checkTags(tags []tag) error {
	invalid := refusal(400, "InvalidTag", "", "The tag key or tag value is invalid, or there are more than 10.")
	if len(tags) > 10 {
		return invalid
	}
	seen := make(map[string]bool)
	for _, t := range tags {
		if t.Key == "" || seen[t.Key] || !tagText.MatchString(t.Key) || !tagText.MatchString(t.Value) ||
			utf8.RuneCountInString(t.Key) > 128 || utf8.RuneCountInString(t.Value) > 256 {
			return invalid
		}
		seen[t.Key] = true
	}
	return nil
}

// parseTags parses the header x-oss-tagging: "a=1&b=2", URL-encoded.
func parseTags(header string) ([]tag, error) {
	values, err := url.ParseQuery(header)
	if err != nil {
		return nil, errInvalidArgument("x-oss-tagging: %v", err)
	}
	var tags []tag
	for key, list := range values {
		if len(list) > 1 { // source, also of the message: HTTP 400 page
			return nil, errInvalidArgument("The header 'x-oss-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates.")
		}
		tags = append(tags, tag{key, list[0]})
	}
	sortTags(tags)
	return tags, checkTags(tags)
}

func sortTags(tags []tag) {
	slices.SortFunc(tags, func(a, b tag) int { return strings.Compare(a.Key, b.Key) })
}

func (c *call) getObjectTagging() (*answer, error) {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	v, err := c.lockedVersion()
	if err != nil {
		return nil, err
	}
	return c.withVersion(xmlAnswer(taggingXML{Tags: v.tags}), v), nil
}

// putObjectTagging replaces all tags. It does not change Last-Modified. Source:
// API page PutObjectTagging.
func (c *call) putObjectTagging() (*answer, error) {
	var document taggingXML
	if err := c.decodeXML(&document); err != nil {
		return nil, err
	}
	if err := checkTags(document.Tags); err != nil {
		return nil, err
	}
	return c.setTags(200, document.Tags)
}

func (c *call) deleteObjectTagging() (*answer, error) { return c.setTags(204, nil) }

func (c *call) setTags(status int, tags []tag) (*answer, error) {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	v, err := c.lockedVersion()
	if err != nil {
		return nil, err
	}
	v.tags = tags
	return c.withVersion(newAnswer(status), v), nil
}
