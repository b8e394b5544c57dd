// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package recorded

import (
	"slices"
	"strings"
	"testing"
)

const lines = `{"name": "a", "method": "GET", "host": "b.oss-cn-shanghai.aliyuncs.com", "path": "/k/l", "query": {"tagging": ""}, "status": 404, "headers": {"x-oss-ec": "1"}, "body": "<Error><Code>NoSuchKey</Code><EC>1</EC></Error>"}
{"name": "b", "method": "PUT", "host": "b.oss-cn-shanghai.aliyuncs.com", "path": "/k", "request_headers": {"x-oss-copy-source": "/b/l"}, "status": 200, "headers": {}}
{"name": "c", "method": "HEAD", "host": "b.oss-cn-shanghai.aliyuncs.com", "path": "/k", "status": 404, "headers": {"x-oss-err": "PEVycm9yPjxDb2RlPk5vU3VjaEtleTwvQ29kZT48L0Vycm9yPg=="}}
{"name": "d", "method": "GET", "host": "b.oss-cn-shanghai.aliyuncs.com", "path": "/k", "status": 200, "headers": {}, "base64": "AAE="}
`

func TestParse(t *testing.T) {
	answers, err := Parse(strings.NewReader(lines))
	if err != nil || len(answers) != 4 {
		t.Fatalf("%v, %v", answers, err)
	}
	for i, want := range []string{"GetObjectTagging", "CopyObject", "HeadObject", "GetObject"} {
		if got := answers[i].Operation(); got != want {
			t.Errorf("line %d is %s, want %s", i+1, got, want)
		}
	}
	tagging, head, get := answers[0], answers[2], answers[3]
	if tagging.Bucket() != "b" || tagging.Key() != "k/l" || tagging.Header().Get("X-Oss-Ec") != "1" || tagging.Success() {
		t.Errorf("%+v", tagging)
	}
	if refusal := tagging.Refusal(); refusal.Code != "NoSuchKey" || refusal.EC != "1" {
		t.Errorf("%+v", refusal)
	}
	if head.Refusal().Code != "NoSuchKey" {
		t.Errorf("HEAD: %+v", head.Refusal())
	}
	if string(get.Body()) != "\x00\x01" || !get.Success() {
		t.Errorf("GET: %q", get.Body())
	}
	elements, err := Elements(tagging.Document())
	if want := []Element{{"Error", ""}, {"Error/Code", "NoSuchKey"}, {"Error/EC", "1"}}; err != nil || !slices.Equal(elements, want) {
		t.Errorf("%v, %v, want %v", elements, err, want)
	}
}

// Parse returns an error for a line that tests would not understand.
func TestParse_refuses(t *testing.T) {
	for name, text := range map[string]string{
		"empty":             "",
		"unknown field":     strings.Replace(lines, `"name"`, `"title"`, 1),
		"unknown operation": strings.Replace(lines, `"GET"`, `"PATCH"`, 1),
		"cut":               lines[:len(lines)-3],
	} {
		if answers, err := Parse(strings.NewReader(text)); err == nil {
			t.Errorf("%s: %d answers and no error", name, len(answers))
		}
	}
}
