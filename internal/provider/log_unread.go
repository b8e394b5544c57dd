// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import "os"

// dropUnreadLogs keeps the plugin framework from writing a trace that nobody
// reads. Without TF_LOG and TF_LOG_PROVIDER, Terraform parses each line of it
// and throws it away (go-plugin, client.go, logStderr): a third of the
// processor time of a plan over 1,000 objects, on both sides of the pipe. What
// the user has set stays. Our own lines are few, and not touched.
//
// The variables are those of terraform-plugin-go and -framework, in their
// internal/logging/environment_variables.go.
func dropUnreadLogs() {
	if os.Getenv("TF_LOG") != "" || os.Getenv("TF_LOG_PROVIDER") != "" {
		return
	}
	for _, name := range []string{"TF_LOG_SDK", "TF_LOG_SDK_FRAMEWORK", "TF_LOG_SDK_PROTO"} {
		if os.Getenv(name) == "" {
			_ = os.Setenv(name, "off") // of this process; it starts no other
		}
	}
}
