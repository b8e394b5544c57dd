// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/ossclient"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/ossclient/credentials"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// FromEnvironment returns a function that creates the uploader of an empty
// provider block: region, endpoint and credentials come from environment
// variables.
func FromEnvironment(version string) func() (*resumable.Uploader, error) {
	return func() (*resumable.Uploader, error) { return uploaderFromEnvironment(version) }
}

func uploaderFromEnvironment(version string) (*resumable.Uploader, error) {
	cfg, err := ClientFromEnvironment(version)
	if err != nil {
		return nil, err
	}
	client, err := ossclient.New(cfg)
	if err != nil {
		return nil, fmt.Errorf("environment variables: %w", err)
	}
	return resumable.New(resumable.Config{
		OSS:         client,
		Endpoint:    client.Endpoint(),
		LockWait:    time.Second, // a locked upload is running
		ToolVersion: version,
	}), nil
}

// ClientFromEnvironment returns the client configuration of an empty provider
// block. Its error lists all missing and invalid variables.
func ClientFromEnvironment(version string) (ossclient.Config, error) {
	conn, diags := resolveConnection(context.Background(), providerModel{}, os.Getenv)
	if diags.HasError() {
		var problems []string
		for _, d := range diags.Errors() {
			problems = append(problems, d.Summary()+": "+strings.Join(strings.Fields(d.Detail()), " ")) // on one line
		}
		return ossclient.Config{}, errors.New(strings.Join(problems, " "))
	}
	return ossclient.Config{
		Endpoint:    conn.endpoint,
		Region:      conn.region,
		Credentials: credentials.New(conn.credentials),
		SignVersion: conn.signVersion,
		UserAgent:   "terraform-provider-ossresumable/" + version,
	}, nil
}
