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

// Config says where OSS is and who asks. Region and Credentials are required.
type Config struct {
	// Endpoint is "https://host[:port]", "http://host[:port]" or a host, which
	// is taken as https. Empty: an endpoint of Region. A host that is an IP
	// address is used path style.
	Endpoint string

	// Which endpoint of Region, in place of the public one.
	Internal   bool // from within Alibaba Cloud, over https all the same
	Accelerate bool // the nearest to the client, for a bucket that has transfer acceleration

	// How Endpoint names the bucket, in place of a host below it.
	CNAME     bool // Endpoint is a domain bound to the bucket, and names no other
	PathStyle bool // in the path; OSS itself does not take that

	Proxy    *url.URL // nil: what HTTPS_PROXY, HTTP_PROXY and NO_PROXY say
	Insecure bool     // the certificate of Endpoint is not verified

	Region      string // "cn-hangzhou" or "oss-cn-hangzhou"; part of a V4 signature
	Credentials CredentialsProvider
	SignVersion string // "v4" or "v1"; "" is "v4"
	UserAgent   string // appended to the SDK's own

	// RequestPayer is "requester" to pay for requests to a bucket of another
	// account that wants that, or "". OSS ignores it elsewhere.
	RequestPayer string

	Parallelism int // requests at the same time; that many connections are kept open

	// Retry is for requests without a body. They are tried four times at most.
	Retry resumable.RetryPolicy

	// Log takes a line for each try that is followed by another. nil: discarded.
	Log *slog.Logger
}

// Client is OSS as one provider configuration sees it. It is safe for
// concurrent use.
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
	payer       string // x-oss-request-payer of every request; "": none
}

// ArgumentError reports an argument that [New] does not accept.
type ArgumentError struct {
	Argument string // its name in the provider block
	Problem  string // the rest of a sentence that begins with the argument
}

func (e *ArgumentError) Error() string { return e.Argument + ": " + e.Problem }

func invalid(argument, format string, args ...any) error {
	return &ArgumentError{argument, fmt.Sprintf(format, args...)}
}

// New returns a Client. It sends nothing. What is wrong with cfg is an
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
		clock:       clock{trusted: where.provesServer(cfg.Insecure)},
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
			// The engine compares OSS's CRC with the planned one. The SDK's own
			// would hash every byte a second time to find the same.
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

// Endpoint is host[:port] in lower case. It names checkpoints.
func (c *Client) Endpoint() string { return c.endpoint.host }
