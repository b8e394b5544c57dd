// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

// Package recorded reads answers that OSS has given to other clients. Tests hold
// the client and the test server against them. The answers are no part of this
// repository, and no test needs them.
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

// Variable names the file of recorded answers, one JSON object a line.
const Variable = "OSSRESUMABLE_RECORDED_ANSWERS"

// Answer is one recorded answer, and as much of the request as was kept.
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
	Base64  []byte            `json:"base64"` // in place of Text
}

// Read returns all answers of the file that [Variable] names. Without it, it
// skips the test.
func Read(t testing.TB) []Answer {
	t.Helper()
	name := os.Getenv(Variable)
	if name == "" {
		t.Skipf("%s does not name a file of recorded answers", Variable)
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

// Parse reads answers, one a line. A field that it does not know is an error:
// it could be what a test should compare.
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
			return nil, fmt.Errorf("line %d: %s %s %v is no known operation", number, answer.Method, answer.Path, answer.Query)
		}
		answers = append(answers, answer)
	}
	if len(answers) == 0 {
		err = errors.New("it has no answers")
	}
	return answers, errors.Join(lines.Err(), err)
}

// Bucket is the name of the bucket in the host.
func (a Answer) Bucket() string {
	bucket, _, _ := strings.Cut(a.Host, ".")
	return bucket
}

// Key is the key of the object, or "".
func (a Answer) Key() string { return strings.TrimPrefix(a.Path, "/") }

// Header is Headers with canonical names.
func (a Answer) Header() http.Header {
	header := make(http.Header)
	for name, value := range a.Headers {
		header.Set(name, value)
	}
	return header
}

// Body is what came after the headers.
func (a Answer) Body() []byte {
	if len(a.Base64) > 0 {
		return a.Base64
	}
	return []byte(a.Text)
}

// Document is the XML of the answer. An answer to HEAD has it in x-oss-err.
func (a Answer) Document() []byte {
	return Document(a.Header(), []byte(a.Text))
}

// Document is the XML of any answer.
func Document(header http.Header, body []byte) []byte {
	if len(body) > 0 {
		return body
	}
	document, _ := base64.StdEncoding.DecodeString(header.Get("x-oss-err"))
	return document
}

// Refusal is how OSS says no.
type Refusal struct {
	XMLName   xml.Name `xml:"Error"`
	Code      string
	Message   string
	RequestID string `xml:"RequestId"`
	EC        string
}

// Refusal is the document of an answer that is not success.
func (a Answer) Refusal() Refusal { return ParseRefusal(a.Document()) }

// ParseRefusal returns the zero Refusal for a document that is none.
func ParseRefusal(document []byte) (refusal Refusal) {
	if xml.Unmarshal(document, &refusal) != nil {
		return Refusal{}
	}
	return refusal
}

// Success reports whether OSS did what was asked.
func (a Answer) Success() bool { return a.Status/100 == 2 }

// Element is an element of a document.
type Element struct {
	Path string // with the elements around it: "Error/Code"
	Text string // "" if it has elements
}

// Elements are the elements of a document in their order.
func Elements(document []byte) (elements []Element, err error) {
	decoder := xml.NewDecoder(bytes.NewReader(document))
	var open []string
	last := -1 // the element that began last, until it ends
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
