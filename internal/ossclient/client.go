// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package ossclient

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"

	"github.com/aliyun/aliyun-oss-go-sdk/oss"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

var _ resumable.OSS = (*Client)(nil)

// Config configures a [Client]. Region and Credentials are required.
type Config struct {
	// Endpoint is "https://host[:port]", "http://host[:port]" or "host[:port]",
	// which uses https. If it is empty, an endpoint of Region is used. If the host
	// is an IP address, the bucket is part of the path.
	Endpoint string

	// Internal and Accelerate select another endpoint of Region than the public one.
	Internal   bool // for clients within Alibaba Cloud; also over https
	Accelerate bool // for buckets with transfer acceleration

	// CNAME and PathStyle change where requests name the bucket. By default, the
	// bucket is a subdomain of the endpoint.
	CNAME     bool // Endpoint is a domain that is bound to the bucket
	PathStyle bool // the bucket is part of the path; OSS itself does not support this

	Proxy    *url.URL // nil for HTTPS_PROXY, HTTP_PROXY and NO_PROXY
	Insecure bool     // does not verify the certificate of Endpoint

	Region      string // such as "cn-hangzhou" or "oss-cn-hangzhou"; part of a V4 signature
	Credentials CredentialsProvider
	SignVersion string // "v4" or "v1"; "" is "v4"
	UserAgent   string // is appended to that of the SDK

	// RequestPayer is "requester" to pay for requests to a bucket of another
	// account with pay-by-requester enabled, or "". OSS ignores it for other buckets.
	RequestPayer string

	Parallelism int // number of concurrent requests, and of connections to keep open

	// Retry applies to requests without a body. They are sent at most four times.
	Retry resumable.RetryPolicy

	// Log receives a line for each request that is sent again. It may be nil.
	Log *slog.Logger
}

// Client sends requests to OSS. It is safe for concurrent use.
type Client struct {
	endpoint    endpoint
	credentials CredentialsProvider
	clock       clock
	sdk         []oss.ClientOption
	http        *http.Client
	userAgent   string
	signer      *signerV4
	log         *slog.Logger
	signsV1     bool
	payer       string // x-oss-request-payer of every request; "" to omit it
}

// ArgumentError reports an argument that [New] does not accept.
type ArgumentError struct {
	Argument string // name in the provider block
	Problem  string // what is wrong, such as "must be set"
}

func (e *ArgumentError) Error() string { return e.Argument + ": " + e.Problem }

func invalid(argument, format string, args ...any) error {
	return &ArgumentError{argument, fmt.Sprintf(format, args...)}
}

// New returns a Client. It sends no requests. If cfg is invalid, the error is an
// [*ArgumentError].
func New(cfg Config) (*Client, error) { return newClient(cfg, defaultTimeouts) }

func newClient(cfg Config, limits timeouts) (*Client, error) {
	region, err := cfg.region()
	if err != nil {
		return nil, err
	}
	where, err := cfg.endpoint(region)
	if err != nil {
		return nil, err
	}
	version, known := signVersions[strings.ToLower(cfg.SignVersion)]
	if !known {
		return nil, invalid("sign_version", `must be "v4" or "v1"`)
	}
	if cfg.RequestPayer != "" && cfg.RequestPayer != "requester" {
		return nil, invalid("request_payer", `must be "requester"`)
	}
	if cfg.Credentials == nil {
		return nil, invalid("credentials", "must be set")
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}

	c := &Client{
		endpoint:    where,
		credentials: cfg.Credentials,
		clock:       clock{trusted: where.authenticated(cfg.Insecure)},
		http:        newHTTPClient(cfg, newTransport(cfg, limits), limits),
		signer:      &signerV4{region: region},
		log:         cfg.Log,
		signsV1:     version == oss.AuthV1,
		payer:       cfg.RequestPayer,
		sdk: []oss.ClientOption{
			oss.AuthVersion(version),
			oss.Region(region),
			oss.UseCname(cfg.CNAME),
			oss.ForcePathStyle(cfg.PathStyle),
			// The engine compares the CRC-64 of OSS with that of the file. The check of
			// the SDK would compute it a second time.
			oss.EnableCRC(false),
		},
	}
	sdk, err := oss.New(where.url(), "", "", c.sdk...)
	if err != nil {
		return nil, err
	}
	c.userAgent = strings.TrimSpace(sdk.Config.UserAgent + " " + cfg.UserAgent)
	return c, nil
}

var signVersions = map[string]oss.AuthVersionType{
	"":   oss.AuthV4,
	"v4": oss.AuthV4,
	"v1": oss.AuthV1,
}

// Endpoint returns host[:port] in lower case. Checkpoints are identified by it.
func (c *Client) Endpoint() string { return c.endpoint.host }
