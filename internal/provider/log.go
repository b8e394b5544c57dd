// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"log/slog"
	"os"
	"slices"

	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/escape"
)

var _ slog.Handler = tflogHandler{}

// tflogHandler forwards to Terraform's log, which TF_LOG shows. The logger is
// in the context of each RPC, so a line logged without that context is lost.
//
// It masks nothing: what tflog masks, it masks in one context only, which
// makes it no protection. Secrets must not get as far as a log line.
type tflogHandler struct {
	prefix string // of the open groups, "outer.inner."
	fields []slog.Attr
}

// Enabled leaves the choice to tflog, which knows the level of each subsystem.
func (tflogHandler) Enabled(context.Context, slog.Level) bool { return true }

func (h tflogHandler) Handle(ctx context.Context, record slog.Record) error {
	fields := map[string]any{}
	for _, attr := range h.fields {
		addField(fields, "", attr)
	}
	record.Attrs(func(attr slog.Attr) bool {
		addField(fields, h.prefix, attr)
		return true
	})
	switch {
	case record.Level >= slog.LevelError:
		tflog.Error(ctx, record.Message, fields)
	case record.Level >= slog.LevelWarn:
		tflog.Warn(ctx, record.Message, fields)
	case record.Level >= slog.LevelInfo:
		tflog.Info(ctx, record.Message, fields)
	default:
		tflog.Debug(ctx, record.Message, fields)
	}
	return nil
}

func (h tflogHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	h.fields = slices.Clone(h.fields)
	for _, attr := range attrs {
		attr.Key = h.prefix + attr.Key
		h.fields = append(h.fields, attr)
	}
	return h
}

func (h tflogHandler) WithGroup(name string) slog.Handler {
	if name != "" {
		h.prefix += name + "."
	}
	return h
}

func addField(fields map[string]any, prefix string, attr slog.Attr) {
	value := attr.Value.Resolve()
	if value.Kind() == slog.KindGroup {
		if attr.Key != "" {
			prefix += attr.Key + "."
		}
		for _, member := range value.Group() {
			addField(fields, prefix, member)
		}
		return
	}
	if attr.Key != "" {
		fields[prefix+attr.Key] = escape.Line(value.String()) // Terraform prints numbers as floats: 8.388608e+06
	}
}

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
