// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"runtime/pprof"
	"slices"
	"strconv"
	"syscall"
	"time"
)

// trial is a measurement in a separate process.
type trial struct {
	What      string // key in measured
	URL       string // of the server
	File      string
	Old       string // file that File replaces in an update
	Key       string // of the object
	Dir       string // for checkpoints
	PartSize  int64
	Parallel  int
	Elsewhere bool // the update runs on another machine
	Env       []string
}

// cost is the result of a trial. Wall and CPU do not include the start of the process.
// Peak is that of the whole process.
type cost struct {
	Wall, CPU float64 // seconds
	Peak      int64   // bytes of memory; 0 if unknown
	Bytes     int64   // written to disk, if the trial counts them
	transfer          // of an update
}

// measured are the functions of trials. Each prepares a trial and returns the function to
// measure.
var measured = map[string]func(context.Context, trial) (work func() error, err error){
	"idle":        idle,
	"floor":       floor,
	"engine":      engine,
	"sdk v1":      sdkV1,
	"sdk v2":      sdkV2,
	"sha256":      sha256Alone,
	"fingerprint": fingerprint,
	"journal":     journal,
	"update":      update,
}

// serveTrial runs a trial in this process, and prints its cost.
func serveTrial(ctx context.Context, text string) error {
	var t trial
	if err := json.Unmarshal([]byte(text), &t); err != nil {
		return err
	}
	work, err := measured[t.What](ctx, t)
	if err != nil {
		return err
	}
	if path := os.Getenv("BENCH_PROFILE"); path != "" {
		stop, err := profile(path)
		if err != nil {
			return err
		}
		defer stop()
	}
	began, cpu := time.Now(), cpuSeconds()
	if err := work(); err != nil {
		return err
	}
	c := cost{Wall: time.Since(began).Seconds(), CPU: cpuSeconds() - cpu, Peak: peakMemory(), Bytes: written, transfer: transferred}
	return json.NewEncoder(os.Stdout).Encode(c)
}

// command returns the command that runs a trial.
func (t trial) command(ctx context.Context) (*exec.Cmd, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(t)
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, self, "trial", string(text))
	cmd.Env = append(os.Environ(), t.Env...)
	return cmd, nil
}

func (t trial) run(ctx context.Context) (c cost, err error) {
	cmd, err := t.command(ctx)
	if err != nil {
		return cost{}, err
	}
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return cost{}, fmt.Errorf("%s: %w: %s", t.What, err, stderr.String())
	}
	return c, json.Unmarshal(stdout.Bytes(), &c)
}

// inTurns runs all trials alternately, and returns the medians in the order of the trials.
// It calls between before each run.
func (b *bench) inTurns(ctx context.Context, trials []trial, between func(*trial)) ([]cost, error) {
	costs := make([][]cost, len(trials))
	for round := range b.rounds {
		for i, t := range trials {
			t.Key = fmt.Sprintf("%d-%d", round, i)
			between(&t)
			c, err := t.run(ctx)
			if err != nil {
				return nil, err
			}
			costs[i] = append(costs[i], c)
			fmt.Fprintf(os.Stderr, "%-12s part %-9s x%-3d %7.3f s wall %7.3f s CPU %6.1f MiB\n",
				t.What, sizeText(t.PartSize), t.Parallel, c.Wall, c.CPU, float64(c.Peak)/(1<<20))
		}
	}
	medians := make([]cost, len(trials))
	for i, all := range costs {
		medians[i] = cost{
			Wall:  median(all, func(c cost) float64 { return c.Wall }),
			CPU:   median(all, func(c cost) float64 { return c.CPU }),
			Peak:  int64(median(all, func(c cost) float64 { return float64(c.Peak) })),
			Bytes: int64(median(all, func(c cost) float64 { return float64(c.Bytes) })),
			transfer: transfer{
				Sent:   int64(median(all, func(c cost) float64 { return float64(c.Sent) })),
				Copied: int64(median(all, func(c cost) float64 { return float64(c.Copied) })),
				Parts:  int(median(all, func(c cost) float64 { return float64(c.Parts) })),
				Copies: int(median(all, func(c cost) float64 { return float64(c.Copies) })),
			},
		}
	}
	return medians, nil
}

func median[T any](all []T, of func(T) float64) float64 {
	var values []float64
	for _, one := range all {
		values = append(values, of(one))
	}
	slices.Sort(values)
	return (values[(len(values)-1)/2] + values[len(values)/2]) / 2
}

// profile writes a CPU profile to path, until it is stopped.
func profile(path string) (stop func(), err error) {
	file, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	return func() {
		pprof.StopCPUProfile()
		_ = file.Close()
	}, pprof.StartCPUProfile(file)
}

func cpuSeconds() float64 {
	var usage syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &usage) // cannot fail with these arguments
	return float64(usage.Utime.Nano()+usage.Stime.Nano()) / 1e9
}

// peakMemory reads /proc on Linux. Getrusage would return the peak of the parent process
// if that is larger, because a process inherits it.
func peakMemory() int64 {
	status, _ := os.ReadFile("/proc/self/status")
	_, after, _ := bytes.Cut(status, []byte("VmHWM:"))
	fields := bytes.Fields(after)
	if len(fields) == 0 {
		return 0
	}
	kib, _ := strconv.ParseInt(string(fields[0]), 10, 64)
	return kib << 10
}
