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

// notUsed are recorded operations that the client does not use.
var notUsed = []string{
	"DeleteMultipleObjects", "GetBucketAcl", "GetBucketVersioning", "GetObjectLegalHold", "GetObjectMeta",
	"PutBucket", "PutObjectLegalHold",
}

// knownDifferences are the names of answers that the client interprets differently,
// with the reason. An entry that is no longer needed fails the test.
var knownDifferences = map[string]string{
	"AliBlobStoreIT_testListPage_MaxResults1_WithDelimiter-GET-3": onlyPrefixes,
	"AliBlobStoreIT_testListPage_WithDelimiter_MultiPage-GET-5":   onlyPrefixes,
}

const onlyPrefixes = "a page of nothing but common prefixes answers a delimiter, which the client never sends; it takes the page for a list that does not go on"

// TestRecordedAnswers checks how the client interprets recorded answers of OSS.
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
			t.Errorf("%s is interpreted correctly: remove it from knownDifferences", answer.Name)
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
	t.Logf("%d recorded answers, %d to operations that the client uses: %d interpreted correctly, %d known differences, %d wrong",
		len(answers), used, sum, different, wrong)
}

// reading is a call of the client that ends in one request of an operation.
type reading struct {
	call func(context.Context, *Client, recorded.Answer) (any, error)
	want func(recorded.Answer) any // the expected result of a successful answer; may be nil
}

// read returns how the client misinterprets an answer, or "".
func (s *replay) read(answer recorded.Answer, r reading) string {
	s.play(answer)
	got, err := r.call(s.t.Context(), s.client, answer)
	if problem := s.ended(); problem != "" {
		return fmt.Sprintf("%s (%v)", problem, err)
	}
	if !answer.Success() && !saysNotConfigured(answer) {
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

// saysNotConfigured reports whether the code is NoSuchObject…Configuration.
func saysNotConfigured(answer recorded.Answer) bool {
	code := answer.Refusal().Code
	return strings.HasPrefix(code, "NoSuchObject") && strings.HasSuffix(code, "Configuration")
}

// sentinels are the errors that the engine distinguishes, for each recorded code. nil
// means that there is no such error.
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

// misread returns what is wrong with the error for an error answer, or "".
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
