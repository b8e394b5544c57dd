// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

// Package recorded reads recorded answers of OSS to other clients. Tests compare the client
// and the test server with them. The recordings are not part of this repository; without
// them, these tests are skipped.
package recorded

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
)

// Variable is the environment variable with the path of the recordings, a file with one
// JSON object per line.
const Variable = "OSSRESUMABLE_RECORDED_ANSWERS"

// Answer is a recorded answer, and the recorded parts of its request.
type Answer struct {
	Name    string            `json:"name"`
	Method  string            `json:"method"`
	Host    string            `json:"host"`
	Path    string            `json:"path"`
	Query   map[string]string `json:"query"`
	Request map[string]string `json:"request_headers"`

	Status  int               `json:"status"`
	Headers map[string]string `json:"headers"` // without Content-Length
	Text    string            `json:"body"`
	Base64  []byte            `json:"base64"` // a binary body, instead of Text
}

// Read returns all answers of the file that [Variable] names. If the variable is not set,
// it skips the test.
func Read(t testing.TB) []Answer {
	t.Helper()
	name := os.Getenv(Variable)
	if name == "" {
		t.Skipf("%s is not set to the path of recorded answers", Variable)
	}
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	answers, err := Parse(bytes.NewReader(text))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return answers
}

// Parse reads answers, one per line. An unknown field is an error, because a test might
// have to compare it.
func Parse(r io.Reader) (answers []Answer, err error) {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 16<<20)
	for number := 1; lines.Scan(); number++ {
		var answer Answer
		decoder := json.NewDecoder(bytes.NewReader(lines.Bytes()))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&answer); err != nil {
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
		if answer.Operation() == "" {
			return nil, fmt.Errorf("line %d: %s %s %v is not a known operation", number, answer.Method, answer.Path, answer.Query)
		}
		answers = append(answers, answer)
	}
	if len(answers) == 0 {
		err = errors.New("the file has no answers")
	}
	return answers, errors.Join(lines.Err(), err)
}

// Bucket returns the bucket in the host.
func (a Answer) Bucket() string {
	bucket, _, _ := strings.Cut(a.Host, ".")
	return bucket
}

// Key returns the key of the object, or "".
func (a Answer) Key() string { return strings.TrimPrefix(a.Path, "/") }

// Header returns Headers with canonical names.
func (a Answer) Header() http.Header {
	header := make(http.Header)
	for name, value := range a.Headers {
		header.Set(name, value)
	}
	return header
}

// Body returns the body of the answer.
func (a Answer) Body() []byte {
	if len(a.Base64) > 0 {
		return a.Base64
	}
	return []byte(a.Text)
}

// Document returns the XML document of the answer. For HEAD, it is in x-oss-err.
func (a Answer) Document() []byte {
	return Document(a.Header(), []byte(a.Text))
}

// Document returns the XML document of an answer.
func Document(header http.Header, body []byte) []byte {
	if len(body) > 0 {
		return body
	}
	document, _ := base64.StdEncoding.DecodeString(header.Get("x-oss-err"))
	return document
}

// Refusal is the error document of OSS.
type Refusal struct {
	XMLName   xml.Name `xml:"Error"`
	Code      string
	Message   string
	RequestID string `xml:"RequestId"`
	EC        string
}

// Refusal returns the error document of an answer.
func (a Answer) Refusal() Refusal { return ParseRefusal(a.Document()) }

// ParseRefusal parses an error document. It returns the zero Refusal if document is not
// one.
func ParseRefusal(document []byte) (refusal Refusal) {
	if xml.Unmarshal(document, &refusal) != nil {
		return Refusal{}
	}
	return refusal
}

// Success reports whether the request succeeded.
func (a Answer) Success() bool { return a.Status/100 == 2 }

// Element is an element of a document.
type Element struct {
	Path string // with the names of its parents, such as "Error/Code"
	Text string // "" if it has child elements
}

// Elements returns the elements of a document in order.
func Elements(document []byte) (elements []Element, err error) {
	decoder := xml.NewDecoder(bytes.NewReader(document))
	var open []string
	last := -1 // index of the innermost open element, -1 after it ends
	for {
		token, err := decoder.Token()
		switch token := token.(type) {
		case nil:
			if errors.Is(err, io.EOF) {
				err = nil
			}
			return elements, err
		case xml.StartElement:
			open = append(open, token.Name.Local)
			if last >= 0 {
				elements[last].Text = ""
			}
			last = len(elements)
			elements = append(elements, Element{Path: strings.Join(open, "/")})
		case xml.CharData:
			if last >= 0 {
				elements[last].Text += string(token)
			}
		case xml.EndElement:
			open, last = open[:len(open)-1], -1
		}
	}
}
