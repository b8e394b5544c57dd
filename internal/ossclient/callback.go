// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package ossclient

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"

	"github.com/aliyun/aliyun-oss-go-sdk/oss"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// maxCallback is how many bytes x-oss-callback may have, and x-oss-callback-var.
// Sources: API page Callback, EC 0007-00000101.
const maxCallback = 5 << 10

// CheckCallback tells whether OSS would take the callback's size.
func CheckCallback(callback resumable.Callback) error {
	request, variables, err := encodeCallback(callback)
	switch {
	case err != nil:
		return err
	case len(request) > maxCallback:
		return fmt.Errorf("url, host and body have %d bytes in base64, and OSS takes at most %d", len(request), maxCallback)
	case len(variables) > maxCallback:
		return fmt.Errorf("vars have %d bytes in base64, and OSS takes at most %d", len(variables), maxCallback)
	}
	return nil
}

// callbackOptions go with the request that publishes new bytes. They are nil
// when there is no callback.
func callbackOptions(callback resumable.Callback) ([]oss.Option, error) {
	if callback.URL == "" {
		return nil, nil
	}
	request, variables, err := encodeCallback(callback)
	if err != nil {
		return nil, err
	}
	options := []oss.Option{oss.Callback(request)}
	if variables != "" {
		options = append(options, oss.CallbackVar(variables))
	}
	return options, nil
}

// callbackError judges the answer to a request with a callback, which is the
// application's, in JSON. That of OSS itself means that it has failed.
func (a answer) callbackError() error {
	if _, isError := parseError(a.text); isError {
		return a.refusal()
	}
	return nil
}

func encodeCallback(callback resumable.Callback) (request, variables string, err error) {
	request, err = base64JSON(struct {
		URL      string `json:"callbackUrl"`
		Host     string `json:"callbackHost,omitempty"`
		Body     string `json:"callbackBody"`
		BodyType string `json:"callbackBodyType,omitempty"`
	}{callback.URL, callback.Host, callback.Body, callback.BodyType})
	if err == nil && len(callback.Vars) > 0 {
		variables, err = base64JSON(callback.Vars)
	}
	return request, variables, err
}

// base64JSON leaves & as it is: it is in every form, and would take six bytes.
func base64JSON(value any) (string, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return "", err
	}
	return base64.StdEncoding.EncodeToString(bytes.TrimSpace(text.Bytes())), nil
}
