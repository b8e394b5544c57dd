// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"
)

// Serve serves Terraform until it ends. With debug, it waits for Terraform to attach
// and prints instructions.
func Serve(version string, debug bool) error {
	var opts []tf6server.ServeOpt
	if debug {
		remove, err := makeSocketsPrivate()
		if err != nil {
			return err
		}
		defer remove()
		opts = append(opts, tf6server.WithManagedDebug())
	} else {
		dropUnreadLogs()
	}
	return tf6server.Serve("registry.terraform.io/ossresumable/ossresumable", newServer(version), opts...)
}

// socketDirVariable is the variable of go-plugin for the directory of its socket
// (constants.go, EnvUnixSocketDir).
const socketDirVariable = "PLUGIN_UNIX_SOCKET_DIR"

// makeSocketsPrivate makes go-plugin create its Unix socket in a new directory that
// only this user can access. remove deletes the directory. The mode of the socket
// itself depends on the umask, and under a debugger the protocol has no TLS. (On
// Windows, the protocol uses a port of the loopback address.)
func makeSocketsPrivate() (remove func(), err error) {
	dir, err := os.MkdirTemp(os.Getenv(socketDirVariable), "ossresumable-") // 0700
	if err != nil {
		return nil, fmt.Errorf("create a private directory for the socket: %w", err)
	}
	remove = func() { _ = os.RemoveAll(dir) } //nolint:gosec // the directory that was just created
	if err := os.Setenv(socketDirVariable, dir); err != nil {
		remove()
		return nil, err
	}
	return remove, nil
}

func newServer(version string) func() tfprotov6.ProviderServer {
	return func() tfprotov6.ProviderServer {
		return frameworkServer{printable{providerserver.NewProtocol6(New(version)())().(framework)}, new(sync.Map)}
	}
}

// framework is the server of the plugin framework.
type framework interface {
	tfprotov6.ProviderServer
	tfprotov6.ListResourceServer
	tfprotov6.ActionServer
}

// frameworkServer fixes a memory leak of the framework, which keeps the cancel function
// of every request until the provider ends (v1.19.0, internal/proto6server/serve.go,
// registerContext), and with it all loggers in the context of the request. That is 12 KB
// for each request, and there are about five requests for each object. Requests that
// come once for each object therefore get a context that can be released.
type frameworkServer struct {
	framework

	actions *sync.Map // a channel for each action that runs, closed at its end
}

func (s frameworkServer) ValidateResourceConfig(ctx context.Context, req *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	return serve(ctx, req, s.framework.ValidateResourceConfig)
}

func (s frameworkServer) UpgradeResourceState(ctx context.Context, req *tfprotov6.UpgradeResourceStateRequest) (*tfprotov6.UpgradeResourceStateResponse, error) {
	return serve(ctx, req, s.framework.UpgradeResourceState)
}

func (s frameworkServer) UpgradeResourceIdentity(ctx context.Context, req *tfprotov6.UpgradeResourceIdentityRequest) (*tfprotov6.UpgradeResourceIdentityResponse, error) {
	return serve(ctx, req, s.framework.UpgradeResourceIdentity)
}

func (s frameworkServer) ImportResourceState(ctx context.Context, req *tfprotov6.ImportResourceStateRequest) (*tfprotov6.ImportResourceStateResponse, error) {
	return serve(ctx, req, s.framework.ImportResourceState)
}

func (s frameworkServer) ReadResource(ctx context.Context, req *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	return serve(ctx, req, s.framework.ReadResource)
}

func (s frameworkServer) PlanResourceChange(ctx context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	return serve(ctx, req, s.framework.PlanResourceChange)
}

func (s frameworkServer) ApplyResourceChange(ctx context.Context, req *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	return serve(ctx, req, s.framework.ApplyResourceChange)
}

func (s frameworkServer) InvokeAction(ctx context.Context, req *tfprotov6.InvokeActionRequest) (*tfprotov6.InvokeActionServerStream, error) {
	stream, err := s.framework.InvokeAction(ctx, req)
	if err != nil {
		return nil, err
	}
	events := stream.Events
	stream.Events = func(push func(tfprotov6.InvokeActionEvent) bool) {
		ended := make(chan struct{})
		s.actions.Store(ended, nil)
		defer func() { s.actions.Delete(ended); close(ended) }()
		events(push)
	}
	return stream, nil
}

// stopTimeout is how long a StopProvider waits for the actions that it interrupts. It is
// longer than a request to OSS takes to end.
const stopTimeout = 10 * time.Second

// StopProvider returns after the interrupted actions have reported their errors. After
// that, terraform-plugin-go drops what an action reports (v0.31.0,
// tfprotov6/tf6server/server.go, InvokeAction). Terraform takes an action without a
// report for a success: version 1.16 then starts the upload of the resource, and older
// ones do not say what is safe.
func (s frameworkServer) StopProvider(ctx context.Context, req *tfprotov6.StopProviderRequest) (*tfprotov6.StopProviderResponse, error) {
	resp, err := s.framework.StopProvider(ctx, req)
	timeout := time.After(stopTimeout)
	s.actions.Range(func(ended, _ any) bool {
		select {
		case <-ended.(chan struct{}): //nolint:forcetypeassert // nothing else is stored
			return true
		case <-timeout:
			return false
		}
	})
	return resp, err
}

func serve[Request, Response any](ctx context.Context, req Request, handle func(context.Context, Request) (Response, error)) (Response, error) {
	held := new(heldContext)
	held.ctx.Store(&ctx)
	defer held.ctx.Store(&ended)
	return handle(held, req)
}

// heldContext forwards to another context until that is replaced by ended.
type heldContext struct {
	ctx atomic.Pointer[context.Context]
}

var ended = func() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}()

func (c *heldContext) Deadline() (time.Time, bool) { return (*c.ctx.Load()).Deadline() }
func (c *heldContext) Done() <-chan struct{}       { return (*c.ctx.Load()).Done() }
func (c *heldContext) Err() error                  { return (*c.ctx.Load()).Err() }
func (c *heldContext) Value(key any) any           { return (*c.ctx.Load()).Value(key) }
