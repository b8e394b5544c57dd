// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package osstest_test

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	. "github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/recorded"
)

// unlikeOSS are the differences between this server and OSS that stay, by
// operation and difference, each with the reason. One that no recorded answer
// shows any more fails the test, until it is taken off the list.
var unlikeOSS = map[[2]string]string{}

// notThere are operations that this server does not know, with the reason.
var notThere = map[string]string{
	"GetObjectLegalHold": noLegalHold,
	"PutObjectLegalHold": noLegalHold,
}

const noLegalHold = "the server has no legal hold: nothing that is tested asks for it"

// TestRecordedAnswers_compared asks this server what OSS was asked, in the same
// situation, and compares the answers: status, code, message and EC of refusals,
// names of headers, and the elements of documents in their order.
func TestRecordedAnswers_compared(t *testing.T) {
	answers := recorded.Read(t)
	s := Start(t, Config{Region: "cn-shanghai"})
	s.AllowViolations() // a wrong ETag is one
	seen := map[[2]string]bool{}
	equal, kinds, listed, missing := 0, map[string]bool{}, map[string]int{}, map[string]int{}
	for number, answer := range answers {
		operation := answer.Operation()
		if reason := notThere[operation]; reason != "" {
			missing[reason]++
			continue
		}
		kinds[fmt.Sprintf("%s %d %s", operation, answer.Status, answer.Refusal().Code)] = true
		s.CreateBucket(bucketOf(number))
		got := newScene(t, s, answer, bucketOf(number)).play()
		reasons := map[string]bool{}
		for _, difference := range differences(got, answer) {
			entry := [2]string{operation, difference}
			reason, known := unlikeOSS[entry]
			if !known {
				t.Errorf("%s: %s %d: %s", answer.Name, operation, answer.Status, difference)
				continue
			}
			seen[entry], reasons[reason] = true, true
		}
		if len(reasons) == 0 {
			equal++
		}
		for reason := range reasons {
			listed[reason]++
		}
	}
	for entry, reason := range unlikeOSS {
		if !seen[entry] {
			t.Errorf("%s: %s: no recorded answer shows it: take it off unlikeOSS (%s)", entry[0], entry[1], reason)
		}
	}

	for _, counted := range []map[string]int{listed, missing} {
		for _, reason := range slices.Sorted(maps.Keys(counted)) {
			t.Logf("%5d differ: %s", counted[reason], reason)
		}
	}
	t.Logf("%d recorded answers of %d kinds (operation, status, code): %d equal", len(answers), len(kinds), equal)
}

func bucketOf(number int) string { return fmt.Sprintf("recorded-%d", number) }

// differences are what a client could see, in words.
func differences(got reply, want recorded.Answer) (list []string) {
	differ := func(what, got, want string) {
		if got != want {
			list = append(list, fmt.Sprintf("%s: %q, not %q", what, got, want))
		}
	}
	document := recorded.Document(got.header, []byte(got.body))
	differ("status", fmt.Sprint(got.status), fmt.Sprint(want.Status))
	if !want.Success() {
		refusal, said := recorded.ParseRefusal(document), want.Refusal()
		differ("code", refusal.Code, said.Code)
		differ("message", refusal.Message, said.Message)
		differ("EC", refusal.EC, said.EC)
		differ("x-oss-ec", got.header.Get("x-oss-ec"), want.Headers["x-oss-ec"])
	}
	differ("headers", headerNames(got.header), headerNames(want.Header()))
	for name := range want.Headers {
		if repeats(name, want) {
			differ(name, got.header.Get(name), want.Headers[name])
		}
	}
	if len(want.Document()) > 0 {
		differ("elements", elementsOf(document), elementsOf(want.Document()))
	} else if want.Status != http.StatusPartialContent {
		differ("body", got.body, string(want.Body()))
	}
	return list
}

// notCompared are headers of the connection, and what the recordings lack.
var notCompared = []string{"Connection", "Content-Length"}

func headerNames(header http.Header) string {
	var names []string
	for name := range header {
		if !slices.Contains(notCompared, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

// repeats reports whether a header has the same value whenever the same is asked
// for. What depends on the bytes of an object does so where they were recorded.
func repeats(name string, answer recorded.Answer) bool {
	switch name {
	case "ETag", "Content-MD5", "x-oss-hash-crc64ecma":
		return answer.Operation() == "GetObject" && answer.Status == http.StatusOK
	case "Content-Type", "Content-Range", "Accept-Ranges", "Vary", "x-oss-object-type", "x-oss-storage-class",
		"x-oss-delete-marker", "x-oss-server-side-encryption", "x-oss-ia-retrieve-flow-type":
		return true
	}
	return strings.HasPrefix(name, "x-oss-meta-")
}

// ownTexts are elements whose text is made up by the server, or follows from what
// was not recorded.
var ownTexts = []string{
	"RequestId", "HostId", "Name", "Bucket", "BucketName", "Location", "OSSAccessKeyId", "ID", "DisplayName",
	"UploadId", "VersionId", "ContinuationToken", "NextContinuationToken",
	"LastModified", "ETag", "HashCrc64ecma", "Size", "RetainUntilDate",
}

// elementsOf are the elements in their order, with the text of those that OSS
// would repeat.
func elementsOf(document []byte) string {
	elements, err := recorded.Elements(document)
	if err != nil {
		return err.Error()
	}
	var list []string
	for _, element := range elements {
		name := element.Path[strings.LastIndex(element.Path, "/")+1:]
		if element.Text == "" || slices.Contains(ownTexts, name) {
			list = append(list, element.Path)
		} else {
			list = append(list, element.Path+"="+element.Text)
		}
	}
	return strings.Join(list, " ")
}
