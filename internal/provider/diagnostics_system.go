// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"crypto/x509"
	"errors"
	"net"
	"net/url"
	"strings"
	"syscall"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/escape"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// explainFiles knows one error of the operating system that may meet whatever is
// opened: the source, a checkpoint, a connection. Nothing is wrong with any of
// them.
func explainFiles(err error) (explanation, bool) {
	if !errors.Is(err, syscall.EMFILE) && !errors.Is(err, syscall.ENFILE) {
		return explanation{}, false
	}
	return explanation{
		summary: "Too many open files",
		next: "The operating system lets this process open no more files and connections. What OSS already holds is kept. Raise the " +
			"limit (ulimit -n in the shell that runs Terraform, LimitNOFILE for a service), or need fewer: terraform apply " +
			"-parallelism=4, or a smaller parallelism or max_parallel_parts in the provider block. Then run terraform apply to go on " +
			"from here.",
	}, true
}

// explainNetwork is about a request that was not answered.
func explainNetwork(obj resumable.Object, err error) (explanation, bool) {
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return explanation{
			summary: "Certificate of OSS is not trusted",
			next: "It was signed by an authority that this machine does not know. That is so with private installations, and behind a " +
				"proxy that decrypts what passes (see HTTPS_PROXY, and proxy_url in the provider block). Add its certificate authority " +
				"to the system's, or name the file in the environment variable SSL_CERT_FILE (not on macOS and Windows). If you expect " +
				"neither, the connection may be intercepted: do not set insecure.",
		}, true
	}
	if _, ok := errors.AsType[x509.HostnameError](err); ok {
		return explanation{
			summary: "Certificate is not for this host",
			next: "Check endpoint in the provider block. OSS is asked at BUCKET.ENDPOINT: where the certificate is for the endpoint " +
				"alone, set use_path_style = true; where the endpoint is a domain bound to the bucket, set use_cname = true.",
		}, true
	}
	if lookup, ok := errors.AsType[*net.DNSError](err); ok {
		endpoint, twice := strings.CutPrefix(lookup.Name, obj.Bucket+"."+obj.Bucket+".")
		if twice && obj.Bucket != "" {
			return explanation{
				summary: "Bucket is in the endpoint",
				next: escape.Sprintf("The bucket comes before the endpoint, which begins with it already. In the provider block, write "+
					"endpoint = %q; or, where the endpoint is a domain bound to the bucket, add use_cname = true.",
					strings.TrimSuffix(endpoint, ".")),
			}, true
		}
	}
	if unreachable(err) {
		return explanation{
			summary: "OSS cannot be reached",
			next: "Check the network, the proxy variables HTTPS_PROXY and NO_PROXY, and the endpoint and region of the provider. " +
				"Then run terraform apply again.",
		}, true
	}
	return explanation{}, false
}

// unreachable looks for the concrete types: the interface net.Error would do,
// but every file system error contains one, too.
func unreachable(err error) bool {
	var operation *net.OpError
	var lookup *net.DNSError
	var request *url.Error
	return errors.As(err, &operation) || errors.As(err, &lookup) || errors.As(err, &request)
}
