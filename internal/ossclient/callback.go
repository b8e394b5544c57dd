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

// maxCallback is the maximum size of x-oss-callback and x-oss-callback-var, in bytes.
// Sources: API page Callback, EC 0007-00000101.
const maxCallback = 5 << 10

// CheckCallback returns an error if the callback is too large for OSS.
func CheckCallback(callback resumable.Callback) error {
	request, variables, err := encodeCallback(callback)
	switch {
	case err != nil:
		return err
	case len(request) > maxCallback:
		return fmt.Errorf("url, host and body have %d bytes in base64; the limit of OSS is %d", len(request), maxCallback)
	case len(variables) > maxCallback:
		return fmt.Errorf("vars have %d bytes in base64; the limit of OSS is %d", len(variables), maxCallback)
	}
	return nil
}

// callbackOptions returns the headers of a request with a callback. They are nil if
// there is no callback.
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

// callbackError checks the answer to a request with a callback. The JSON answer of
// the application means success. An error document of OSS means that the callback
// failed.
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

// base64JSON does not escape "&", which every form contains: \u0026 has six bytes.
func base64JSON(value any) (string, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return "", err
	}
	return base64.StdEncoding.EncodeToString(bytes.TrimSpace(text.Bytes())), nil
}
