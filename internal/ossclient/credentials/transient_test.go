// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package credentials

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// Only errors of the service itself are worth another attempt, from status 500 on.
func TestTransient_status(t *testing.T) {
	const token, roles = "/latest/api/token", "/latest/meta-data/ram/security-credentials/"
	ecsRole := func(url string) source { return &metadataSource{role: "role", base: url} }
	uri := func(url string) source { return &uriSource{url} }
	for name, tt := range map[string]struct {
		source func(url string) source
		path   string // whose answer has the status
		also   []int  // transient statuses besides those from 500 on
	}{
		"token of the metadata service": {ecsRole, token, nil},
		"metadata service":              {ecsRole, roles, nil},
		"URI":                           {uri, "/", []int{http.StatusTooManyRequests}},
	} {
		for _, status := range []int{400, 403, 404, 429, 499, 500, 501, 503} {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if strings.HasPrefix(r.URL.Path, tt.path) {
					w.WriteHeader(status)
				}
				_, _ = io.WriteString(w, "text")
			}))
			_, err := tt.source(server.URL).fetch(t.Context())
			server.Close()
			checkTransient(t, name, status, err, tt.also...)
		}
	}
}

// An answer that does not come from the service may come from a proxy, also with status 200.
func TestTransient_unexpectedAnswer(t *testing.T) {
	for _, status := range []int{200, 201, 302, 400, 403, 404, 428, 429, 430, 499, 500, 501, 503} {
		checkTransient(t, "unexpected answer", status, unexpectedAnswer("method", "service", status), http.StatusOK, http.StatusTooManyRequests)
	}
}

func checkTransient(t *testing.T, name string, status int, err error, also ...int) {
	t.Helper()
	want := status >= http.StatusInternalServerError
	for _, transient := range also {
		want = want || status == transient
	}
	failure, ok := errors.AsType[*Error](err)
	if !ok || failure.Transient() != want {
		t.Errorf("%s, status %d: transient is not %v: %v", name, status, want, err)
	}
}

// The name of a role becomes part of a path. It has at most 64 characters.
func TestECSRole_longName(t *testing.T) {
	for length, says := range map[int]string{maxRoleName: "the instance does not have this role", maxRoleName + 1: "a role name that is too long"} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if _, role, _ := strings.Cut(r.URL.Path, "security-credentials/"); role != "" {
				w.WriteHeader(http.StatusNotFound)
			}
			_, _ = io.WriteString(w, strings.Repeat("r", length))
		}))
		mustFail(t, newCache(&metadataSource{base: server.URL}), "ecs_role_name:", says)
		server.Close()
	}
}
