// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package resumable

import (
	"cmp"
	"context"
	"log/slog"
	"math"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/checkpoint"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable/source"
)

// Config is shared by all uploads of one Uploader. Only OSS and Endpoint are
// required. The zero value of every other field is valid.
type Config struct {
	OSS      OSS
	Endpoint string // host of OSS; with bucket and key it names the journal

	// MaxParallelParts limits the parts in flight across all uploads.
	// 0: only the limit of each upload applies.
	MaxParallelParts int

	// LockWait is how long an upload waits for another process that uploads
	// to the same destination. 0: one minute.
	LockWait time.Duration

	// Retry is the policy for requests that transfer bytes or publish the
	// object. The zero value is the default policy.
	Retry RetryPolicy

	// ToolVersion is recorded in journals, for people who read them.
	ToolVersion string

	// Log receives progress, warnings and decisions. nil: discarded.
	Log *slog.Logger

	// Progress is called every few seconds with the progress of an upload.
	// Uploads call it concurrently and wait for it. nil: not called.
	Progress func(Object, Progress)
}

// Uploader uploads local files as objects. It is safe for concurrent use.
type Uploader struct {
	cfg    Config
	budget *semaphore.Weighted // parts in flight of all uploads

	warned sync.Map // checkpoint directories whose stale journals a warning has named
	held   sync.Map // by Object; see [Uploader.hold]
}

// New returns an Uploader.
func New(cfg Config) *Uploader {
	cfg.LockWait = cmp.Or(cfg.LockWait, time.Minute)
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	cfg.Retry = cfg.Retry.withDefaults()
	return &Uploader{cfg: cfg, budget: semaphore.NewWeighted(cmp.Or(int64(cfg.MaxParallelParts), math.MaxInt64))}
}

// Endpoint returns the host of OSS that this Uploader uses.
func (u *Uploader) Endpoint() string { return u.cfg.Endpoint }

// FingerprintSource returns the fingerprint of the file at path. It reads the
// file once, or not at all if the hash cache in checkpointDir has an entry for
// it. It sends nothing and writes only that cache. If the cache cannot be used,
// uncached is the reason, and every later call reads the file again. Files that
// are too small for the cache are always read, and uncached is nil.
func FingerprintSource(ctx context.Context, path, checkpointDir string) (fp Fingerprint, uncached, err error) {
	src, err := source.Open(path)
	if err != nil {
		return Fingerprint{}, nil, err
	}
	defer func() { _ = src.Close() }()
	return src.FingerprintCached(ctx, checkpointDir)
}

// FingerprintContent is like FingerprintSource for bytes in memory.
func FingerprintContent(ctx context.Context, content []byte) (Fingerprint, error) {
	return source.FromBytes("content", content).Fingerprint(ctx, "")
}

func (u *Uploader) key(obj Object) checkpoint.Key {
	return checkpoint.Key{Endpoint: u.cfg.Endpoint, Bucket: obj.Bucket, Object: obj.Key}
}
