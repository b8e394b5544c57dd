// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package ossclient

import (
	"errors"
	"testing"
)

// New accepts each documented value of an argument, and names the argument
// that has another.
func TestNew_arguments(t *testing.T) {
	for name, tt := range map[string]struct {
		change   func(*Config)
		argument string // that the error names; "": none
	}{
		"defaults":             {func(*Config) {}, ""},
		"V1":                   {func(cfg *Config) { cfg.SignVersion = "v1" }, ""},
		"V4 in upper case":     {func(cfg *Config) { cfg.SignVersion = "V4" }, ""},
		"V2":                   {func(cfg *Config) { cfg.SignVersion = "v2" }, "sign_version"},
		"requester pays":       {func(cfg *Config) { cfg.RequestPayer = "requester" }, ""},
		"another payer":        {func(cfg *Config) { cfg.RequestPayer = "owner" }, "request_payer"},
		"no credentials":       {func(cfg *Config) { cfg.Credentials = nil }, "credentials"},
		"no region":            {func(cfg *Config) { cfg.Region = "" }, "region"},
		"endpoint with a path": {func(cfg *Config) { cfg.Endpoint = "https://oss.example.com/path" }, "endpoint"},
	} {
		cfg := Config{Region: "cn-hangzhou", Credentials: Static(canaries)}
		tt.change(&cfg)
		client, err := New(cfg)
		if tt.argument == "" {
			if err != nil || client == nil {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		argument, ok := errors.AsType[*ArgumentError](err)
		if !ok || argument.Argument != tt.argument {
			t.Errorf("%s: got %v, want an error about %s", name, err, tt.argument)
		}
	}
}
