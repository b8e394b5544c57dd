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

// metadataSource is the service of the ECS instance this runs on, in its
// second version only: the first answers whoever makes this process send a GET.
// Source: ECS's page "Instance metadata", security hardening mode.
//
// It is asked without a proxy: behind one is another instance or none.
type metadataSource struct {
	role string // "": the one that the instance has
	base string // "": the service's address
}

// maxRoleName is RAM's own. Source: API page CreateRole.
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
			return 0, nil, missing(method, "not a name that a role can have")
		}
		req.Header.Set(header, value)
		status, body, err := request{req, method, service}.send(newClient(nil))
		if failure, ok := errors.AsType[*Error](err); ok && failure.Transient() {
			failure.text += "; this works on an ECS instance only"
		}
		return status, body, err
	}

	status, token, err := ask(http.MethodPut, "/latest/api/token", "X-aliyun-ecs-metadata-token-ttl-seconds", "60")
	if err != nil {
		return lease{}, err
	}
	if status != http.StatusOK {
		return lease{}, &Error{method, fmt.Sprintf("%s answered %d to the request for a token; only its second version (IMDSv2) is used", service, status), status >= 500}
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
			return lease{}, missing(method, "%s names a role that is longer than a role's name can be", service)
		}
	}
	status, body, err := get(roles + url.PathEscape(role))
	switch {
	case err != nil:
		return lease{}, err
	case status == http.StatusNotFound:
		return lease{}, missing(method, "no such role is attached to the instance")
	case status != http.StatusOK:
		return lease{}, &Error{method, fmt.Sprintf("%s answered %d", service, status), status >= 500}
	}
	return parseSession(method, service, body)
}

// uriSource is a service that hands out credentials, mostly a neighbour in the
// same pod.
type uriSource struct{ uri string }

// ParseURI reads the URL of a service that hands out credentials: over https, or
// over http from this machine or a neighbour on its link.
func ParseURI(text string) (*url.URL, error) { return address.ParseURL(text, address.IsNear) }

func (s *uriSource) fetch(ctx context.Context) (lease, error) {
	method := "credentials_uri"
	const service = "the service"
	uri, err := ParseURI(s.uri)
	if err != nil {
		return lease{}, missing(method, "the address %v", err) // and not repeated: it may hold a token
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, uri.String(), nil)
	if err != nil {
		return lease{}, missing(method, "the address is not valid")
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

// session is how both services answer.
type session struct {
	Code            string
	AccessKeyID     string `json:"AccessKeyId"`
	AccessKeySecret string
	SecurityToken   string
	Expiration      string
}

// parseSession repeats nothing of the answer but the code: it holds secrets.
func parseSession(method, service string, body []byte) (lease, error) {
	var answer session
	if err := json.Unmarshal(body, &answer); err != nil {
		return lease{}, missing(method, "the answer of %s is not JSON", service)
	}
	if answer.Code != "" && answer.Code != "Success" {
		return lease{}, missing(method, "%s answered with the code %s", service, ossclient.Excerpt(answer.Code))
	}
	return answer.lease(method, "the answer of "+service)
}

func (s session) lease(method, from string) (lease, error) {
	var lacks []string
	if s.AccessKeyID == "" {
		lacks = append(lacks, "AccessKeyId")
	}
	if s.AccessKeySecret == "" {
		lacks = append(lacks, "AccessKeySecret")
	}
	if len(lacks) > 0 {
		return lease{}, missing(method, "%s has no %s", from, strings.Join(lacks, " and no "))
	}
	expires, err := time.Parse(time.RFC3339, s.Expiration)
	if err != nil {
		expires = time.Now().Add(unknownLifetime)
	}
	return lease{ossclient.Credentials{AccessKeyID: s.AccessKeyID, AccessKeySecret: s.AccessKeySecret, SecurityToken: s.SecurityToken}, expires}, nil
}
