// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"os"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

func TestServe_allInterfaces(t *testing.T) {
	resp, err := newServer("test")().GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil || len(resp.Diagnostics) > 0 || resp.ResourceSchemas["ossresumable_object"] == nil {
		t.Errorf("%+v, %v", resp, err)
	}
}

// During a request, its context is that of the caller. Afterwards, the context that the
// framework keeps references nothing.
func TestServe_releasesContext(t *testing.T) {
	type name struct{}
	failure := errors.New("failure")
	came, cancel := context.WithCancel(context.WithValue(t.Context(), name{}, "value"))
	type contexts struct{ kept, registered context.Context }
	got, err := serve(came, "request", func(ctx context.Context, req string) (contexts, error) {
		registered, stop := context.WithCancel(ctx)
		t.Cleanup(stop)
		if registered.Value(name{}) != "value" || registered.Err() != nil {
			t.Errorf("value %v, error %v", registered.Value(name{}), registered.Err())
		}
		cancel()
		<-registered.Done()
		if req != "request" {
			t.Errorf("asked for %q", req)
		}
		return contexts{ctx, registered}, failure
	})
	if !errors.Is(err, failure) {
		t.Errorf("the error is %v", err)
	}
	if got.kept.Value(name{}) != nil || got.registered.Value(name{}) != nil {
		t.Error("the values are kept")
	}
	if _, has := got.kept.Deadline(); has || got.kept.Err() == nil {
		t.Errorf("deadline %t, error %v", has, got.kept.Err())
	}
	<-got.kept.Done()
}

func TestDropUnreadLogs(t *testing.T) {
	for _, test := range []struct {
		set  map[string]string
		want [3]string // TF_LOG_SDK, TF_LOG_SDK_FRAMEWORK, TF_LOG_SDK_PROTO
	}{
		{nil, [3]string{"off", "off", "off"}},
		{map[string]string{"TF_LOG_CORE": "TRACE"}, [3]string{"off", "off", "off"}},
		{map[string]string{"TF_LOG_SDK_PROTO": "TRACE"}, [3]string{"off", "off", "TRACE"}},
		{map[string]string{"TF_LOG": "INFO"}, [3]string{}},
		{map[string]string{"TF_LOG_PROVIDER": "TRACE"}, [3]string{}},
	} {
		for _, name := range []string{"TF_LOG", "TF_LOG_CORE", "TF_LOG_PROVIDER", "TF_LOG_SDK", "TF_LOG_SDK_FRAMEWORK", "TF_LOG_SDK_PROTO"} {
			t.Setenv(name, test.set[name])
		}
		dropUnreadLogs()
		got := [3]string{os.Getenv("TF_LOG_SDK"), os.Getenv("TF_LOG_SDK_FRAMEWORK"), os.Getenv("TF_LOG_SDK_PROTO")}
		if got != test.want {
			t.Errorf("with %v: %q, want %q", test.set, got, test.want)
		}
	}
}
