// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package ossclient

import (
	"bytes"
	"context"
	"crypto/md5" //nolint:gosec // OSS wants the Content-MD5 of the document
	"encoding/base64"
	"encoding/xml"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/aliyun/aliyun-oss-go-sdk/oss"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

const (
	headerWormMode  = "X-Oss-Object-Worm-Mode"
	headerWormUntil = "X-Oss-Object-Worm-Retain-Until-Date"

	// wormTime is the form in which OSS tells a date of retention.
	wormTime = "2006-01-02T15:04:05.000Z"
)

// retentionDocument is that of PutObjectRetention and GetObjectRetention.
type retentionDocument struct {
	XMLName         struct{} `xml:"Retention"`
	Mode            string
	RetainUntilDate string
}

// errRetentionV1 is about a list in the SDK, which lacks the sub-resource
// "retention"; OSS would refuse the signature.
var errRetentionV1 = errors.New(`object retention needs sign_version = "v4": the signature of version 1 does not cover it`)

// CheckRetention tells why no retention can be asked for, or nil.
func (c *Client) CheckRetention() error {
	if c.signsV1 {
		return errRetentionV1
	}
	return nil
}

// PutObjectRetention implements [resumable.OSS].
func (c *Client) PutObjectRetention(ctx context.Context, obj resumable.Object, retention resumable.Retention) error {
	document, err := xml.Marshal(retentionDocument{Mode: retention.Mode, RetainUntilDate: retention.Until.UTC().Format(wormTime)})
	if err != nil {
		return err
	}
	sum := md5.Sum(document) //nolint:gosec // see the import
	ans, err := c.doRetention(ctx, request{
		op: "PutObjectRetention", method: http.MethodPut, object: obj,
		headers: []oss.Option{oss.ContentType("application/xml"), oss.ContentMD5(base64.StdEncoding.EncodeToString(sum[:]))},
		body:    bytes.NewReader(document),
	})
	if err != nil {
		return err
	}
	return ans.checkEmpty()
}

// GetObjectRetention returns the retention of the current version.
func (c *Client) GetObjectRetention(ctx context.Context, obj resumable.Object) (resumable.Retention, error) {
	ans, err := c.doRetention(ctx, request{op: "GetObjectRetention", method: http.MethodGet, object: obj})
	if notConfigured(err) {
		return resumable.Retention{}, nil
	}
	if err != nil {
		return resumable.Retention{}, err
	}
	var document retentionDocument
	if err := ans.decode(&document); err != nil {
		return resumable.Retention{}, err
	}
	if document.Mode == "" {
		return resumable.Retention{}, nil
	}
	until, err := time.Parse(time.RFC3339, document.RetainUntilDate)
	if err != nil || !plausible(document.Mode) {
		return resumable.Retention{}, ans.malformed("its retention %q until %q is none", document.Mode, document.RetainUntilDate)
	}
	return resumable.Retention{Mode: document.Mode, Until: until}, nil
}

// notConfigured reports that the object exists and has none of what was asked
// for: NoSuchObjectRetentionConfiguration, NoSuchObjectLegalHoldConfiguration and
// their like. Source: recorded answers of OSS (2026).
func notConfigured(err error) bool {
	refusal, ok := errors.AsType[*resumable.ServiceError](err)
	return ok && refusal.StatusCode == http.StatusNotFound &&
		strings.HasPrefix(refusal.Code, "NoSuchObject") && strings.HasSuffix(refusal.Code, "Configuration")
}

func (c *Client) doRetention(ctx context.Context, r request) (answer, error) {
	if err := c.CheckRetention(); err != nil {
		return answer{}, r.unsendable(err)
	}
	r.query = map[string]any{"retention": nil}
	return c.do(ctx, r)
}

// retentionOf is the retention that HeadObject tells of.
func retentionOf(header http.Header) resumable.Retention {
	mode := header.Get(headerWormMode)
	until, err := time.Parse(time.RFC3339, header.Get(headerWormUntil))
	if err != nil || mode == "" {
		return resumable.Retention{}
	}
	return resumable.Retention{Mode: mode, Until: until}
}
