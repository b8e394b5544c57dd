// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

// Command bench measures the time, CPU time and memory of uploads and plans. It compares
// the engine with the uploaders of the Alibaba Cloud Go SDKs and with a lower bound, in one
// run against one server. So the ratios are valid for other machines, too.
//
// One process runs the server and collects the results (main.go, server.go). Each
// measurement runs in a separate process (trial.go) with its own CPU time and memory.
// Measurements that are compared alternate (rounds), so that other load affects all of
// them. Each of the other files produces one table.
//
// The command delta has a report of its own: what an update of a file sends (update.go), for
// edits of a file of random bytes (edits.go) and for pairs of real files (pairs.go), compared
// with other ways to find what is new (reference.go, rsync.go).
package main
