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

// warnOfOtherMethod warns when the block names methods that are not the one
// taken. A role that is assumed on top is no method of its own. taken is what
// resolveCredentials returns.
func warnOfOtherMethod(args providerModel, taken string, getenv func(string) string) diag.Diagnostics {
	named := namedMethods(args)
	others := slices.DeleteFunc(slices.Clone(named), func(name string) bool { return name == taken })
	if taken == "" || len(others) == 0 {
		return nil
	}
	used, remedy := taken+" in the block", "Remove from the block what is not meant."
	if !slices.Contains(named, taken) {
		variables := variablesOf(taken, getenv)
		used = variables[0] + ", which is set in the environment,"
		remedy = fmt.Sprintf("Unset %s to use what the block names, or remove %s from the block.", enumerate(variables), enumerate(others))
	}
	return diag.Diagnostics{warningAt(path.Root(others[0]), "Provider block names other credentials", escape.Sprintf(
		"The provider block names %s, but those of %s are used: the provider has the order of the alicloud provider, in which "+
			"they come first. Objects are read, changed and deleted as another user or role than the block says. %s",
		enumerate(others), used, remedy))}
}

// namedMethods are the methods that the block names, in their order.
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

// variablesOf are the variables that are set and make a method the one taken.
// The method of a key in the environment is called by its variable.
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

// enumerate is "a", "a and b" or "a, b and c".
func enumerate(names []string) string {
	last := len(names) - 1
	if last < 1 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:last], ", ") + " and " + names[last]
}

// warnOfWeakTLS warns of what lets an attacker on the network read or change
// what is sent. To a loopback address nothing goes over a network.
func warnOfWeakTLS(args providerModel, conn connection, getenv func(string) string) (diags diag.Diagnostics) {
	switch {
	case clearText(conn.endpoint, conn.proxy):
		where, remedy := escape.Sprintf("%s in the provider block", conn.endpointAt), escape.Text("Write https://, or no scheme.")
		if len(conn.endpointAt.Steps()) == 0 {
			variable := firstVariable(endpointVariables, getenv)
			where = escape.Sprintf("%s in the environment", variable)
			remedy = escape.Sprintf("The provider block names no endpoint. Set %s to an https:// address, or unset it to use the endpoint of the region.", variable)
		}
		diags.Append(warningAt(conn.endpointAt, "Requests to OSS are not encrypted", escape.Sprintf(
			"%s is an http:// address. An attacker on the network can read what is uploaded and downloaded, put other bytes in its place, "+
				"and answer as if it were OSS. %s", where, remedy)))
	case args.Insecure.ValueBool() && !onLoopback(conn.endpoint, conn.proxy):
		diags.Append(warningAt(path.Root("insecure"), "Certificate of OSS is not verified",
			"insecure is set. An attacker on the network can answer as if it were OSS, read what is uploaded and downloaded, and put other "+
				"bytes in its place. Remove insecure. For a private certificate authority, add its certificate to those of the system, "+
				"or name its file in SSL_CERT_FILE (all systems but macOS and Windows)."))
	}
	return diags
}

// clearText reports whether requests to an address go over a network without TLS.
func clearText(address string, proxy *url.URL) bool {
	u, err := url.Parse(address)
	return err == nil && u.Scheme == "http" && !onLoopback(address, proxy)
}

// onLoopback reports whether an address, with or without a scheme, is one of
// this machine that is reached without a proxy.
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

// firstVariable is the name of the first variable that is set, or "".
func firstVariable(variables []string, getenv func(string) string) string {
	i := slices.IndexFunc(variables, func(name string) bool { return getenv(name) != "" })
	if i < 0 {
		return ""
	}
	return variables[i]
}
