// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package credentials

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/address"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/ossclient"
)

// metadataSource gets credentials from the metadata service of this ECS instance. It
// uses only the second version of the service, which requires a token: the first answers
// any GET, even one that an attacker makes a program send. Source: ECS page "Instance
// metadata", security hardening mode.
//
// It does not use a proxy, which would run on another machine.
type metadataSource struct {
	role string // "" for the role of the instance
	base string // "" for the address of the service
}

// maxRoleName is the limit of RAM. Source: API page CreateRole.
const maxRoleName = 64

const metadataService = "http://100.100.100.200"

func (s *metadataSource) fetch(ctx context.Context) (lease, error) {
	method := "ecs_role_name"
	if s.role != "" {
		method += fmt.Sprintf(" %q", s.role)
	}
	base := s.base
	if base == "" {
		base = metadataService
	}
	const service = "the instance metadata service"
	ask := func(verb, path, header, value string) (int, []byte, error) {
		req, err := http.NewRequestWithContext(ctx, verb, base+path, nil)
		if err != nil {
			return 0, nil, permanentError(method, "not a valid role name")
		}
		req.Header.Set(header, value)
		status, body, err := request{req, method, service}.send(newClient(nil))
		if failure, ok := errors.AsType[*Error](err); ok && failure.Transient() {
			failure.text += "; the service exists on ECS instances only"
		}
		return status, body, err
	}

	status, token, err := ask(http.MethodPut, "/latest/api/token", "X-aliyun-ecs-metadata-token-ttl-seconds", "60")
	if err != nil {
		return lease{}, err
	}
	if status != http.StatusOK {
		return lease{}, &Error{method, fmt.Sprintf("%s answered %d to the request for a token; the provider requires version 2 of the service (IMDSv2)", service, status), status >= 500}
	}
	const roles = "/latest/meta-data/ram/security-credentials/"
	get := func(path string) (int, []byte, error) {
		return ask(http.MethodGet, path, "X-aliyun-ecs-metadata-token", string(token))
	}
	role := s.role
	if role == "" {
		if status, body, err := get(roles); err == nil && status == http.StatusOK {
			role = strings.TrimSpace(string(body))
		}
		if len(role) > maxRoleName {
			return lease{}, permanentError(method, "%s returned a role name that is too long", service)
		}
	}
	status, body, err := get(roles + url.PathEscape(role))
	switch {
	case err != nil:
		return lease{}, err
	case status == http.StatusNotFound:
		return lease{}, permanentError(method, "the instance does not have this role")
	case status != http.StatusOK:
		return lease{}, &Error{method, fmt.Sprintf("%s answered %d", service, status), status >= 500}
	}
	return parseSession(method, service, body)
}

// uriSource gets credentials from a service, usually one in the same pod.
type uriSource struct{ uri string }

// ParseURI parses the URL of a service that returns credentials. The scheme http is
// allowed for this machine and for link-local addresses only.
func ParseURI(text string) (*url.URL, error) { return address.ParseURL(text, address.IsNear) }

func (s *uriSource) fetch(ctx context.Context) (lease, error) {
	method := "credentials_uri"
	const service = "the service"
	uri, err := ParseURI(s.uri)
	if err != nil {
		return lease{}, permanentError(method, "its value %v", err) // without the URL, which may contain a token
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, uri.String(), nil)
	if err != nil {
		return lease{}, permanentError(method, "the URL is invalid")
	}
	method += " " + uri.Scheme + "://" + uri.Host
	status, body, err := request{req, method, service}.send(newClient(http.ProxyFromEnvironment))
	if err != nil {
		return lease{}, err
	}
	if status != http.StatusOK {
		return lease{}, &Error{method, fmt.Sprintf("%s answered %d", service, status), status >= 500 || status == http.StatusTooManyRequests}
	}
	return parseSession(method, service, body)
}

// session is the answer of both services.
type session struct {
	Code            string
	AccessKeyID     string `json:"AccessKeyId"`
	AccessKeySecret string
	SecurityToken   string
	Expiration      string
}

// parseSession parses an answer. Its errors contain only the code, because the answer
// contains secrets.
func parseSession(method, service string, body []byte) (lease, error) {
	var answer session
	if err := json.Unmarshal(body, &answer); err != nil {
		return lease{}, permanentError(method, "the answer from %s is not JSON", service)
	}
	if answer.Code != "" && answer.Code != "Success" {
		return lease{}, permanentError(method, "%s answered with the code %s", service, ossclient.Excerpt(answer.Code))
	}
	return answer.lease(method, "the answer from "+service)
}

func (s session) lease(method, from string) (lease, error) {
	var missing []string
	if s.AccessKeyID == "" {
		missing = append(missing, "AccessKeyId")
	}
	if s.AccessKeySecret == "" {
		missing = append(missing, "AccessKeySecret")
	}
	if len(missing) > 0 {
		return lease{}, permanentError(method, "%s has no %s", from, strings.Join(missing, " and no "))
	}
	expires, err := time.Parse(time.RFC3339, s.Expiration)
	if err != nil {
		expires = time.Now().Add(unknownLifetime)
	}
	return lease{ossclient.Credentials{AccessKeyID: s.AccessKeyID, AccessKeySecret: s.AccessKeySecret, SecurityToken: s.SecurityToken}, expires}, nil
}
