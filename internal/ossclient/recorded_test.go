// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package ossclient

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/recorded"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// notUsed are operations that were recorded and that the client has no use for.
var notUsed = []string{
	"DeleteMultipleObjects", "GetBucketAcl", "GetBucketVersioning", "GetObjectLegalHold", "GetObjectMeta",
	"PutBucket", "PutObjectLegalHold",
}

// knownDifferences are answers that the client does not read as what they are,
// by name, each with the reason. One that is read right fails the test, until it
// is taken off the list.
var knownDifferences = map[string]string{
	"AliBlobStoreIT_testListPage_MaxResults1_WithDelimiter-GET-3": onlyPrefixes,
	"AliBlobStoreIT_testListPage_WithDelimiter_MultiPage-GET-5":   onlyPrefixes,
}

const onlyPrefixes = "a page of nothing but common prefixes answers a delimiter, which the client never sends; it takes the page for a list that does not go on"

// TestRecordedAnswers gives the client what OSS has really answered, and checks
// what it makes of each answer.
func TestRecordedAnswers(t *testing.T) {
	answers := recorded.Read(t)
	server := newReplay(t)
	right, others := map[string]int{}, map[string]int{}
	used, wrong, different := 0, 0, 0
	for _, answer := range answers {
		operation := answer.Operation()
		reading, ok := readings[operation]
		if !ok {
			if !slices.Contains(notUsed, operation) {
				t.Errorf("%s: the test has no call for %s", answer.Name, operation)
			}
			others[operation]++
			continue
		}
		used++
		problem, reason := server.read(answer, reading), knownDifferences[answer.Name]
		switch {
		case problem == "" && reason != "":
			t.Errorf("%s is read right: take it off knownDifferences", answer.Name)
		case problem == "":
			right[operation]++
		case reason != "":
			different++
			t.Logf("%s: known difference: %s: %s", answer.Name, reason, problem)
		default:
			wrong++
			t.Errorf("%s: %s %d: %s", answer.Name, operation, answer.Status, problem)
		}
	}

	sum := 0
	for _, operation := range slices.Sorted(maps.Keys(right)) {
		sum += right[operation]
		t.Logf("%5d %s", right[operation], operation)
	}
	for _, operation := range slices.Sorted(maps.Keys(others)) {
		t.Logf("%5d %s, which the client does not use", others[operation], operation)
	}
	t.Logf("%d recorded answers, %d to operations that the client uses: %d read right, %d known differences, %d wrong",
		len(answers), used, sum, different, wrong)
}

// reading is a call of the client that ends in one request of an operation.
type reading struct {
	call func(context.Context, *Client, recorded.Answer) (any, error)
	want func(recorded.Answer) any // of an answer that means success; nil: nothing
}

// read returns what the client got wrong about an answer, or "".
func (s *replay) read(answer recorded.Answer, r reading) string {
	s.play(answer)
	got, err := r.call(s.t.Context(), s.client, answer)
	if problem := s.ended(); problem != "" {
		return fmt.Sprintf("%s (%v)", problem, err)
	}
	if !answer.Success() && !saysNone(answer) {
		return misread(err, answer)
	}
	if err != nil {
		return "read as the error " + err.Error()
	}
	if r.want == nil {
		return ""
	}
	if want := r.want(answer); !reflect.DeepEqual(got, want) {
		return different(got, want)
	}
	return ""
}

// saysNone is a refusal to tell of what is not there: the family of codes
// NoSuchObject…Configuration.
func saysNone(answer recorded.Answer) bool {
	code := answer.Refusal().Code
	return strings.HasPrefix(code, "NoSuchObject") && strings.HasSuffix(code, "Configuration")
}

// sentinels are the errors by which the engine tells answers apart, by code; nil:
// no such error. It has all codes that were recorded.
var sentinels = map[string]error{
	"NoSuchKey":          resumable.ErrNoSuchKey,
	"NoSuchVersion":      resumable.ErrNoSuchVersion,
	"NoSuchBucket":       resumable.ErrNoSuchBucket,
	"NoSuchUpload":       resumable.ErrNoSuchUpload,
	"InvalidPart":        resumable.ErrInvalidPart,
	"InvalidAccessKeyId": resumable.ErrCredentials,
	"InvalidArgument":    nil,
	"InvalidBucketName":  nil,
	"InvalidDigest":      nil,
}

// misread returns what is wrong about the error that a refusal has become.
func misread(err error, answer recorded.Answer) string {
	said := answer.Refusal()
	var refusal *resumable.ServiceError
	if !errors.As(err, &refusal) {
		if err == nil {
			return "read as success"
		}
		return "read as no refusal: " + err.Error()
	}
	got := *refusal
	got.Op = ""
	want := resumable.ServiceError{
		StatusCode: answer.Status, Code: said.Code, Message: said.Message, EC: said.EC,
		RequestID: answer.Headers["x-oss-request-id"],
	}
	if got != want {
		return different(got, want)
	}
	if _, known := sentinels[said.Code]; !known {
		return "sentinels does not have the code " + said.Code
	}
	for code, sentinel := range sentinels {
		if is := errors.Is(err, sentinel); sentinel != nil && is != (code == said.Code) {
			return fmt.Sprintf("that it is %q is %t", sentinel, is)
		}
	}
	return ""
}
