// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package ossclient

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

func TestCredentials_neverShown(t *testing.T) {
	t.Log("FAULT F85: credentials, provider and client printed, logged and marshalled")
	c := clientOf(t, "http://127.0.0.1:1", patient)
	cfg := Config{Credentials: Static(canaries)}
	var shown strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		fmt.Fprintf(&shown, verb+verb+verb+verb, canaries, &canaries, c, cfg)
	}
	shown.WriteString(canaries.String() + canaries.GoString())
	var logged bytes.Buffer
	for _, handler := range []slog.Handler{slog.NewTextHandler(&logged, nil), slog.NewJSONHandler(&logged, nil)} {
		slog.New(handler).Info("x", "credentials", canaries, "pointer", &canaries, "in", []Credentials{canaries})
	}
	encoded, err := json.Marshal(canaries)
	if err != nil {
		t.Fatal(err)
	}
	checkNoSecrets(t, strings.ReplaceAll(shown.String(), "http://127.0.0.1:1", ""))
	checkNoSecrets(t, logged.String()+string(encoded))
}

func TestCredentials_check(t *testing.T) {
	sent := 0
	c := fakeOSS(t, func(http.ResponseWriter, *http.Request) { sent++ })
	for _, credentials := range []Credentials{
		{},
		{AccessKeyID: "id"},
		{AccessKeyID: "id", AccessKeySecret: canaries.AccessKeySecret + "\n"},
		{AccessKeyID: " id", AccessKeySecret: canaries.AccessKeySecret},
		{AccessKeyID: "id", AccessKeySecret: canaries.AccessKeySecret, SecurityToken: canaries.SecurityToken + "\r\n"},
		{AccessKeyID: "id\x7f", AccessKeySecret: canaries.AccessKeySecret},
	} {
		c.credentials = Static(credentials)
		_, err := c.HeadObject(t.Context(), object)
		if !errors.Is(err, resumable.ErrCredentials) {
			t.Fatalf("error is %v", err)
		}
		checkNoSecrets(t, err.Error())
	}
	if sent > 0 {
		t.Errorf("%d requests were sent", sent)
	}
	if err := (Credentials{AccessKeyID: "!~", AccessKeySecret: "!~", SecurityToken: "!~"}).check(); err != nil {
		t.Error(err)
	}
}

// The provider is called once per request, with the caller's context.
func TestCredentials_perRequest(t *testing.T) {
	type key struct{}
	asked := 0
	c := fakeOSS(t, func(w http.ResponseWriter, r *http.Request) {
		if want := fmt.Sprintf("Credential=id%d/", asked); !strings.Contains(r.Header.Get("Authorization"), want) {
			t.Errorf("not signed with credentials %d", asked)
		}
		if want := fmt.Sprintf("token%d", asked); r.Header.Get("X-Oss-Security-Token") != want {
			t.Errorf("not sent with token %d", asked)
		}
		w.Header().Set("ETag", `"E"`)
	})
	c.credentials = providerFunc(func(ctx context.Context) (Credentials, error) {
		if ctx.Value(key{}) != "caller" {
			t.Error("not the caller's context")
		}
		asked++
		return Credentials{fmt.Sprintf("id%d", asked), "secret", fmt.Sprintf("token%d", asked)}, nil
	})
	ctx := context.WithValue(t.Context(), key{}, "caller")
	for n := range 3 {
		if _, err := c.UploadPart(ctx, upload, n+1, newZeros(1)); err != nil {
			t.Fatal(err)
		}
	}
	if asked != 3 {
		t.Errorf("called %d times, want 3", asked)
	}

	failure := errors.New("metadata service is down")
	c.credentials = providerFunc(func(context.Context) (Credentials, error) { return Credentials{}, failure })
	if _, err := c.HeadObject(ctx, object); !errors.Is(err, failure) || !strings.Contains(err.Error(), "HeadObject oss://bucket/dir/key: credentials") {
		t.Errorf("error is %v", err)
	}
}
