// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/escape"
)

// warnUnusedMethods warns if the block sets methods other than the one that is used. An
// assume_role block is not a method. taken is the method that resolveCredentials returns.
func warnUnusedMethods(args providerModel, taken string, getenv func(string) string) diag.Diagnostics {
	named := namedMethods(args)
	others := slices.DeleteFunc(slices.Clone(named), func(name string) bool { return name == taken })
	if taken == "" || len(others) == 0 {
		return nil
	}
	used, remedy := taken+" in the block", "Remove the methods that you do not use from the block."
	if !slices.Contains(named, taken) {
		variables := variablesOf(taken, getenv)
		used = variables[0] + " in the environment"
		remedy = fmt.Sprintf("Unset %s to use the credentials of the block, or remove %s from the block.", enumerate(variables), enumerate(others))
	}
	return diag.Diagnostics{warningAt(path.Root(others[0]), "Credentials of the provider block are not used", escape.Sprintf(
		"The provider block sets %s, but the provider uses the credentials of %s, which take precedence as in the alicloud provider. It "+
			"therefore reads, changes and deletes objects as another user or role than the block sets. %s",
		enumerate(others), used, remedy))}
}

// namedMethods returns the methods that the block sets, in order of precedence.
func namedMethods(args providerModel) (named []string) {
	for _, method := range []struct {
		name string
		is   bool
	}{
		{"access_key", args.AccessKey.ValueString() != ""},
		{"profile", args.Profile.ValueString() != ""},
		{"credentials_uri", args.CredentialsURI.ValueString() != ""},
		{"ecs_role_name", args.ECSRoleName.ValueString() != ""},
		{"assume_role_with_oidc", len(args.AssumeRoleWithOIDC.Elements()) > 0},
	} {
		if method.is {
			named = append(named, method.name)
		}
	}
	return named
}

// variablesOf returns the variables that are set and select a method. The method of a key
// in the environment has the name of its variable.
func variablesOf(method string, getenv func(string) string) []string {
	var candidates []string
	for _, m := range methodVariables {
		if m.argument == method {
			candidates = m.variables
		}
	}
	for _, names := range credentialVariables {
		if names.id == method {
			candidates = []string{names.id, names.secret, names.token}
		}
	}
	return slices.DeleteFunc(slices.Clone(candidates), func(name string) bool { return getenv(name) == "" })
}

// enumerate returns "a", "a and b" or "a, b and c".
func enumerate(names []string) string {
	last := len(names) - 1
	if last < 1 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:last], ", ") + " and " + names[last]
}

// warnWeakTLS warns of settings that let an attacker on the network read or change the
// data. Requests to a loopback address do not use the network.
func warnWeakTLS(args providerModel, conn connection, getenv func(string) string) (diags diag.Diagnostics) {
	switch {
	case clearText(conn.endpoint, conn.proxy):
		where, remedy := escape.Sprintf("%s in the provider block", conn.endpointAt), escape.Text("Use https://, or omit the scheme.")
		if len(conn.endpointAt.Steps()) == 0 {
			variable := firstVariable(endpointVariables, getenv)
			where = escape.Sprintf("%s in the environment", variable)
			remedy = escape.Sprintf("The provider block sets no endpoint. Set %s to an https:// address, or unset it to use the endpoint of the region.", variable)
		}
		diags.Append(warningAt(conn.endpointAt, "Requests to OSS are not encrypted", escape.Sprintf(
			"%s is an http:// address. An attacker on the network can read and change the data that is sent and received, and can answer "+
				"in place of OSS. %s", where, remedy)))
	case args.Insecure.ValueBool() && !onLoopback(conn.endpoint, conn.proxy):
		diags.Append(warningAt(path.Root("insecure"), "Certificate of OSS is not verified",
			"insecure is set. An attacker on the network can answer in place of OSS, and can read and change the data that is sent and "+
				"received. Remove insecure. For a private certificate authority, add it to the trust store of the system, or set "+
				"SSL_CERT_FILE to its file (not on macOS and Windows)."))
	}
	return diags
}

// clearText reports whether requests to an address go over a network without TLS.
func clearText(address string, proxy *url.URL) bool {
	u, err := url.Parse(address)
	return err == nil && u.Scheme == "http" && !onLoopback(address, proxy)
}

// onLoopback reports whether an address, with or without a scheme, is a loopback address
// that is reached without a proxy.
func onLoopback(address string, proxy *url.URL) bool {
	if !strings.Contains(address, "://") {
		address = "https://" + address
	}
	u, err := url.Parse(address)
	if err != nil || proxy != nil {
		return false
	}
	host := strings.ToLower(u.Hostname())
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.Unmap().IsLoopback()
}

// firstVariable returns the name of the first variable that is set, or "".
func firstVariable(variables []string, getenv func(string) string) string {
	i := slices.IndexFunc(variables, func(name string) bool { return getenv(name) != "" })
	if i < 0 {
		return ""
	}
	return variables[i]
}
