// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

// Command ossserver runs an OSS server on loopback until it is interrupted. It is
// for trying out clients without an account. It deletes its objects when it exits.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/url"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "ossserver:", err)
		os.Exit(1)
	}
}

// names is a flag that may be repeated.
type names []string

func (n *names) String() string     { return strings.Join(*n, ",") }
func (n *names) Set(s string) error { *n = append(*n, s); return nil }

func run(ctx context.Context, args []string) (err error) {
	var cfg osstest.Config
	var buckets names
	var credential osstest.Credential
	var temporary []osstest.Credential
	flags := flag.NewFlagSet("ossserver", flag.ContinueOnError)
	addr := flags.String("addr", "127.0.0.1:0", "loopback `address` to listen on; port 0 selects a free port")
	logged := flags.Bool("log", false, "print one line per request to standard error")
	flags.StringVar(&cfg.Dir, "dir", "", "`directory` for bodies (default a temporary directory)")
	flags.StringVar(&cfg.Region, "region", "cn-hangzhou", "`region` that V4 signatures must name")
	flags.Int64Var(&cfg.Bandwidth, "bandwidth", 0, "limit request bodies to this many `bytes` per second and connection")
	flags.BoolVar(&cfg.Discard, "discard", false, "hash and count bodies, but do not store them")
	flags.Var(&buckets, "bucket", "`name` of a bucket to create; may be repeated")
	flags.Func("callback-proxy", "`URL` of an HTTP proxy for callbacks to hosts other than loopback; without it they fail", func(value string) (err error) {
		cfg.CallbackProxy, err = url.Parse(value)
		return err
	})
	flags.Func("sts", "also accept a temporary credential, `ID:secret:token`", func(value string) error {
		part := strings.Split(value, ":")
		if len(part) != 3 {
			return errors.New("must be ID:secret:token")
		}
		temporary = append(temporary, osstest.Credential{AccessKeyID: part[0], AccessKeySecret: part[1], SecurityToken: part[2]})
		return nil
	})
	flags.StringVar(&credential.AccessKeyID, "access-key", osstest.AccessKeyID, "access key `ID` to accept")
	flags.StringVar(&credential.AccessKeySecret, "secret-key", osstest.AccessKeySecret, "access key `secret` to accept")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *logged {
		cfg.Log = os.Stderr
	}

	server, err := osstest.New(cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Close()) }()
	server.RemoveCredential(osstest.AccessKeyID)
	for _, c := range append(temporary, credential) {
		server.AddCredential(c)
	}
	for _, name := range buckets {
		server.CreateBucket(name)
	}
	url, err := server.Start(*addr)
	if err != nil {
		return err
	}
	fmt.Printf("endpoint:          %s\n", url)
	fmt.Printf("region:            %s\n", cfg.Region)
	fmt.Printf("access key ID:     %s\n", credential.AccessKeyID)
	fmt.Printf("access key secret: %s\n", credential.AccessKeySecret)
	<-ctx.Done()
	return nil
}
