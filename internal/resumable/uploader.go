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

// Config is what all uploads of one Uploader share. Only OSS and Endpoint are
// required; the zero value of everything else works.
type Config struct {
	OSS      OSS
	Endpoint string // host of OSS; with bucket and key it names the journal

	// MaxParallelParts bounds the parts in flight of all uploads together.
	// 0: no bound beyond each upload's own.
	MaxParallelParts int

	// LockWait is how long an upload waits for another one of the same
	// destination to end. 0: one minute.
	LockWait time.Duration

	// Retry is the policy for requests that move bytes or publish. Its zero
	// value is the default policy.
	Retry RetryPolicy

	// ToolVersion is written into journals, for people who read them.
	ToolVersion string

	// Log takes progress and everything that is worth a line. nil: discarded.
	Log *slog.Logger

	// Progress is told every few seconds how far an upload is. Uploads wait for
	// it, and call it at the same time. nil: not told.
	Progress func(Object, Progress)
}

// Uploader keeps local files as objects. It is safe for concurrent use.
type Uploader struct {
	cfg    Config
	budget *semaphore.Weighted // parts in flight of all uploads

	mentioned sync.Map // checkpoint directories whose stale journals were mentioned
	held      sync.Map // by Object; see [Uploader.hold]
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

// Endpoint is the host of OSS whose objects this Uploader keeps.
func (u *Uploader) Endpoint() string { return u.cfg.Endpoint }

// FingerprintSource reads the file at path once, or not at all when the hash
// cache in checkpointDir knows it. It sends nothing and writes only that cache.
// Where the cache cannot be used, uncached says why: each further call reads the
// file again. A file that is too small for the cache has no use for it.
func FingerprintSource(ctx context.Context, path, checkpointDir string) (fp Fingerprint, uncached, err error) {
	src, err := source.Open(path)
	if err != nil {
		return Fingerprint{}, nil, err
	}
	defer func() { _ = src.Close() }()
	return src.FingerprintCached(ctx, checkpointDir)
}

// FingerprintContent is FingerprintSource for bytes in memory.
func FingerprintContent(ctx context.Context, content []byte) (Fingerprint, error) {
	return source.FromBytes("content", content).Fingerprint(ctx, "")
}

func (u *Uploader) key(obj Object) checkpoint.Key {
	return checkpoint.Key{Endpoint: u.cfg.Endpoint, Bucket: obj.Bucket, Object: obj.Key}
}
