// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

// Command bench measures what an upload costs, and what a plan does: our engine
// beside the uploaders of Alibaba Cloud's Go SDKs and beside a floor, in one
// run against one server, so that the ratios hold on any machine.
//
// One process serves and watches (main.go, server.go). Every measurement is a
// process of its own (trial.go), so that CPU time and memory are its own; those
// that are compared take turns (rounds), so that a busy minute hits all of them.
// Each other file is one table.
package main
