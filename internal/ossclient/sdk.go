// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package ossclient

import (
	"context"
	"io"
	"slices"

	"github.com/aliyun/aliyun-oss-go-sdk/oss"
)

// sender sends one request and returns what came back, whatever it means. With
// an answer, an error is no more than the sender's reading of it.
type sender interface {
	send(ctx context.Context, r *request, body io.Reader) (*oss.Response, error)
}

// senderFor is the SDK for all but what carries the bytes of parts.
func (c *Client) senderFor(r *request) (sender, error) {
	if r.part > 0 && r.body != nil && !c.signsV1 {
		return partSender{c}, nil
	}
	return c.bucket(r.object.Bucket, r.signing.credentials)
}

// sdkBucket is a bucket as the SDK sees it.
type sdkBucket struct {
	bucket *oss.Bucket
	payer  string
}

// bucket returns the SDK's view of a bucket, for one request. The SDK asks a
// credentials provider without a context, which a fetch over the network must
// have; so each request gets an SDK client of its own around credentials that
// are there already. All share one http.Client.
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
		oss.SetHeader(oss.HTTPHeaderDate, httpDate(r.signing.clockOffset)), // signed in place of the SDK's
	})
	if b.payer != "" {
		options = append(options, oss.RequestPayer(oss.PayerType(b.payer)))
	}
	return b.bucket.Do(r.method, r.object.Key, r.query, options, body, nil)
}
