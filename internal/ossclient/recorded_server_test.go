// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package ossclient

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/recorded"
)

// replay is a server that sends recorded answers, and a client of it.
type replay struct {
	t      *testing.T
	client *Client

	mu      sync.Mutex
	left    []step
	problem string // with a request of the test
}

// step is one request and its answer.
type step struct {
	recorded.Answer
	size int64 // of the object, for HEAD: its Content-Length was not recorded
}

func newReplay(t *testing.T) *replay {
	s := &replay{t: t}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	s.client = clientOf(t, server.URL, patient)
	return s
}

// suppliedSize stands for the size of an object that was not recorded.
const suppliedSize = 4711

// play prepares the server for one answer. The client sends GetObject if a HEAD was
// refused without a reason; if it succeeds, the client repeats the HEAD.
func (s *replay) play(answer recorded.Answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.problem = ""
	s.left = []step{{answer, suppliedSize}}
	switch operation := answer.Operation(); {
	case operation == "GetObject":
		head := answer
		head.Method, head.Text, head.Base64 = http.MethodHead, "", nil
		bare := head
		bare.Status, bare.Headers = http.StatusNotFound, nil
		s.left = []step{{bare, 0}, {answer, 0}}
		if answer.Success() {
			head.Status = http.StatusOK
			s.left = append(s.left, step{head, sizeOf(answer)})
		}
	case operation == "ListObjectsV2" && nextToken(answer) != "":
		last := answer
		last.Query = map[string]string{"list-type": "2", "continuation-token": nextToken(answer)}
		last.Text = "<ListBucketResult><Name>" + answer.Bucket() + "</Name></ListBucketResult>"
		s.left = append(s.left, step{last, 0})
	}
}

// sizeOf returns the size of the object from an answer to GetObject.
func sizeOf(answer recorded.Answer) int64 {
	if _, total, partial := strings.Cut(answer.Headers["Content-Range"], "/"); partial {
		size, _ := strconv.ParseInt(total, 10, 64)
		return size
	}
	return int64(len(answer.Body()))
}

// ended returns what was wrong with the client's requests, or "".
func (s *replay) ended() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.problem == "" && len(s.left) > 0 {
		return fmt.Sprintf("%d requests did not come", len(s.left))
	}
	return s.problem
}

func (s *replay) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.left) == 0 {
		s.problem = "one more request: " + r.Method
		w.WriteHeader(http.StatusNotImplemented)
		return
	}
	next := s.left[0]
	s.left = s.left[1:]
	if problem := unlike(r, next.Answer); problem != "" {
		s.problem = problem
	}
	next.send(w)
}

// selecting are the query parameters that select an operation or an object.
var selecting = []string{
	"acl", "continuation-token", "list-type", "partNumber", "prefix", "retention", "tagging", "uploadId", "uploads",
	"versionId", "versions",
}

// unlike returns how a request differs from the recorded one, or "".
func unlike(r *http.Request, answer recorded.Answer) string {
	path := "/" + answer.Bucket() + answer.Path
	if r.Method != answer.Method || r.URL.Path != path {
		return fmt.Sprintf("the request is %s %s, and the recorded one %s %s", r.Method, r.URL.Path, answer.Method, path)
	}
	query := r.URL.Query()
	for _, name := range selecting {
		switch want, has := answer.Query[name]; {
		case name == "continuation-token" && !query.Has("continuation-token"):
			// Each page is replayed as the first one.
		case name == "versionId" && answer.Operation() == "PutObjectRetention":
			// The client retains the current version only.
		case name == "prefix" && answer.Query["continuation-token"] != "":
		case has != query.Has(name) && name != "prefix", want != query.Get(name):
			return fmt.Sprintf("the request has %s=%q, and the recorded one %q", name, query.Get(name), want)
		}
	}
	if source := answer.Request["x-oss-copy-source"]; source != "" && r.Header.Get("x-oss-copy-source") != source {
		return fmt.Sprintf("the request copies %q, and the recorded one %q", r.Header.Get("x-oss-copy-source"), source)
	}
	return ""
}

func (next step) send(w http.ResponseWriter) {
	w.Header()["Content-Type"] = nil // net/http would guess one
	for name, value := range next.Headers {
		w.Header().Set(name, value)
	}
	if next.Method == http.MethodHead && next.Success() {
		w.Header().Del("Content-Range")
		w.Header().Set("Content-Length", strconv.FormatInt(next.size, 10))
	}
	w.WriteHeader(next.Status)
	if next.Method != http.MethodHead {
		_, _ = w.Write(next.Body())
	}
}
