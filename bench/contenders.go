// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"

	"github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss"
	"github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss/credentials"
	ossv1 "github.com/aliyun/aliyun-oss-go-sdk/oss"
	"golang.org/x/sync/errgroup"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/ossclient"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/partplan"
)

const (
	bucketName = "bench"
	region     = "cn-hangzhou"
)

// engine is the engine of the provider at apply. The hash of the file is in the cache,
// because the plan has computed it.
func engine(ctx context.Context, t trial) (func() error, error) {
	uploader, err := newUploader(t)
	if err != nil {
		return nil, err
	}
	return func() error {
		_, err := uploader.Upload(ctx, resumable.Request{
			Destination: resumable.Destination{Object: resumable.Object{Bucket: bucketName, Key: t.Key}},
			Options:     resumable.Options{CheckpointDir: t.Dir, PartSize: t.PartSize, Parallelism: t.Parallel, MultipartThreshold: 1},
			Source:      t.File,
		})
		return err
	}, nil
}

// idle is the engine without an upload.
func idle(_ context.Context, t trial) (func() error, error) {
	_, err := newUploader(t)
	return func() error { return nil }, err
}

func newUploader(t trial) (*resumable.Uploader, error) {
	client, err := ossclient.New(ossclient.Config{
		Endpoint:    t.URL,
		Region:      region,
		Credentials: ossclient.Static(ossclient.Credentials{AccessKeyID: osstest.AccessKeyID, AccessKeySecret: osstest.AccessKeySecret}),
		Parallelism: t.Parallel,
	})
	if err != nil {
		return nil, err
	}
	return resumable.New(resumable.Config{OSS: client, Endpoint: client.Endpoint()}), nil
}

// sdkV1 is UploadFile of the Go SDK v1, which the alicloud provider and ossutil use.
func sdkV1(_ context.Context, t trial) (func() error, error) {
	bucket, err := bucketV1(t)
	if err != nil {
		return nil, err
	}
	return func() error {
		return bucket.UploadFile(t.Key, t.File, t.PartSize, ossv1.Routines(t.Parallel), ossv1.Checkpoint(true, filepath.Join(t.Dir, "v1.cp")))
	}, nil
}

func bucketV1(t trial) (*ossv1.Bucket, error) {
	client, err := ossv1.New(t.URL, osstest.AccessKeyID, osstest.AccessKeySecret, ossv1.AuthVersion(ossv1.AuthV4), ossv1.Region(region))
	if err != nil {
		return nil, err
	}
	return client.Bucket(bucketName)
}

// sdkV2 is the Uploader of the Go SDK v2.
func sdkV2(ctx context.Context, t trial) (func() error, error) {
	client := oss.NewClient(oss.LoadDefaultConfig().
		WithEndpoint(t.URL).WithRegion(region).WithUsePathStyle(true).
		WithCredentialsProvider(credentials.NewStaticCredentialsProvider(osstest.AccessKeyID, osstest.AccessKeySecret)))
	uploader := oss.NewUploader(client, func(o *oss.UploaderOptions) {
		o.PartSize, o.ParallelNum = t.PartSize, t.Parallel
		o.EnableCheckpoint, o.CheckpointDir = true, t.Dir
	})
	return func() error {
		_, err := uploader.UploadFile(ctx, &oss.PutObjectRequest{Bucket: new(bucketName), Key: new(t.Key)}, t.File)
		return err
	}, nil
}

// floor is a lower bound: PUT requests of net/http with the same parts, signed in advance,
// without checksums, checkpoint, retries and Complete.
func floor(ctx context.Context, t trial) (func() error, error) {
	bucket, err := bucketV1(t)
	if err != nil {
		return nil, err
	}
	upload, err := bucket.InitiateMultipartUpload(t.Key)
	if err != nil {
		return nil, err
	}
	file, err := os.Open(t.File)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	plan, err := partplan.New(info.Size(), t.PartSize)
	if err != nil {
		return nil, err
	}
	requests := make(chan *http.Request, plan.Len())
	for part := range plan.Parts() {
		signed, err := bucket.SignURL(t.Key, ossv1.HTTPPut, 3600, ossv1.AddParam("partNumber", fmt.Sprint(part.Number)), ossv1.AddParam("uploadId", upload.UploadID))
		if err != nil {
			return nil, err
		}
		target, err := url.Parse(signed)
		if err != nil {
			return nil, err
		}
		requests <- (&http.Request{
			Method: http.MethodPut, URL: target, Header: http.Header{}, ContentLength: part.Size,
			Body: io.NopCloser(io.NewSectionReader(file, part.Offset, part.Size)),
		}).WithContext(ctx)
	}
	close(requests)
	return func() error { return putAll(requests, t.Parallel) }, nil
}

func putAll(requests <-chan *http.Request, parallel int) error {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = parallel
	client := &http.Client{Transport: transport}
	var workers errgroup.Group
	for range parallel {
		workers.Go(func() error {
			for request := range requests {
				response, err := client.Do(request)
				if err != nil {
					return err
				}
				_, err = io.Copy(io.Discard, response.Body)
				response.Body.Close()
				if err != nil || response.StatusCode != http.StatusOK {
					return fmt.Errorf("%s: %w", response.Status, err)
				}
			}
			return nil
		})
	}
	return workers.Wait()
}
