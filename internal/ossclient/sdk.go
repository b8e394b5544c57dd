// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package ossclient

import (
	"context"
	"io"
	"slices"

	"github.com/aliyun/aliyun-oss-go-sdk/oss"
)

// sender sends one request and returns the answer, whatever its status. An error
// that comes with an answer can be ignored: it only interprets the answer.
type sender interface {
	send(ctx context.Context, r *request, body io.Reader) (*oss.Response, error)
}

// senderFor returns partSender for UploadPart with a V4 signature, and the SDK for
// all other requests.
func (c *Client) senderFor(r *request) (sender, error) {
	if r.part > 0 && r.body != nil && !c.signsV1 {
		return partSender{c}, nil
	}
	return c.bucket(r.object.Bucket, r.signing.credentials)
}

// sdkBucket sends requests to a bucket through the SDK.
type sdkBucket struct {
	bucket *oss.Bucket
	payer  string
}

// bucket returns a sender for one request. The SDK calls its credentials provider
// without a context, which getting credentials over the network needs. So each
// request has its own SDK client with fixed credentials. All share one
// [http.Client].
func (c *Client) bucket(name string, credentials Credentials) (sdkBucket, error) {
	options := slices.Concat(c.sdk, []oss.ClientOption{
		oss.HTTPClient(c.http), oss.UserAgent(c.userAgent), oss.SetCredentialsProvider(snapshot{credentials}),
	})
	sdk, err := oss.New(c.endpoint.url(), "", "", options...)
	if err != nil {
		return sdkBucket{}, err
	}
	bucket, err := sdk.Bucket(name)
	return sdkBucket{bucket, c.payer}, err
}

func (b sdkBucket) send(ctx context.Context, r *request, body io.Reader) (*oss.Response, error) {
	options := slices.Concat(r.headers, trafficOptions(r.trafficLimit), []oss.Option{
		oss.WithContext(ctx),
		oss.SetHeader(oss.HTTPHeaderDate, httpDate(r.signing.clockOffset)), // instead of the SDK's date
	})
	if b.payer != "" {
		options = append(options, oss.RequestPayer(oss.PayerType(b.payer)))
	}
	return b.bucket.Do(r.method, r.object.Key, r.query, options, body, nil)
}
