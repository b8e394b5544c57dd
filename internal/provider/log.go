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

// tflogHandler writes to Terraform's log, which TF_LOG enables. The logger is in
// the context of each RPC, so a line logged without that context is lost.
//
// It masks nothing, because tflog masks in one context only. Callers must not log
// secrets.
type tflogHandler struct {
	prefix string // of the open groups, "outer.inner."
	fields []slog.Attr
}

// Enabled leaves the decision to tflog, which knows the level of each subsystem.
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
	message := escape.Line(record.Message) // it may name an object
	switch {
	case record.Level >= slog.LevelError:
		tflog.Error(ctx, message, fields)
	case record.Level >= slog.LevelWarn:
		tflog.Warn(ctx, message, fields)
	case record.Level >= slog.LevelInfo:
		tflog.Info(ctx, message, fields)
	default:
		tflog.Debug(ctx, message, fields)
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

// dropUnreadLogs disables the trace log of the plugin framework if it has no
// reader. Without TF_LOG and TF_LOG_PROVIDER, Terraform parses each line and
// discards it (go-plugin, client.go, logStderr), which costs a third of the
// processor time of a plan over 1,000 objects. Variables that the user has set
// stay. The few lines of the provider itself are not affected.
//
// The variables belong to terraform-plugin-go and terraform-plugin-framework. See
// their internal/logging/environment_variables.go.
func dropUnreadLogs() {
	if os.Getenv("TF_LOG") != "" || os.Getenv("TF_LOG_PROVIDER") != "" {
		return
	}
	for _, name := range []string{"TF_LOG_SDK", "TF_LOG_SDK_FRAMEWORK", "TF_LOG_SDK_PROTO"} {
		if os.Getenv(name) == "" {
			_ = os.Setenv(name, "off") // for this process; it starts no other
		}
	}
}
