// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"iter"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// lists returns the methods for lists, which tfprotov6.ProviderServer does not include.
func (s *server) lists() tfprotov6.ListResourceServer {
	return s.ProviderServer.(tfprotov6.ListResourceServer)
}

// listConfig is the configuration of a list block.
func (s *server) listConfig(config map[string]tftypes.Value) *tfprotov6.DynamicValue {
	s.Helper()
	schema, err := s.GetProviderSchema(s.Context(), &tfprotov6.GetProviderSchemaRequest{})
	s.check(err, schema.Diagnostics)
	return s.dynamic(filled(schema.ListResourceSchemas[typeName].ValueType().(tftypes.Object), config))
}

// query lists objects, as "terraform query" does. It sends no request before the first
// result is read.
func (s *server) query(ctx context.Context, config map[string]tftypes.Value, limit int64, include bool) iter.Seq[tfprotov6.ListResourceResult] {
	s.Helper()
	encoded := s.listConfig(config)
	valid, err := s.lists().ValidateListResourceConfig(ctx, &tfprotov6.ValidateListResourceConfigRequest{TypeName: typeName, Config: encoded})
	s.check(err, valid.Diagnostics)
	stream, err := s.lists().ListResource(ctx, &tfprotov6.ListResourceRequest{
		TypeName: typeName, Config: encoded, Limit: limit, IncludeResource: include,
	})
	s.check(err, nil)
	return stream.Results
}

// identified returns the bucket and key of a result.
func (s *server) identified(result tfprotov6.ListResourceResult) (bucket, key string) {
	s.Helper()
	s.check(nil, result.Diagnostics)
	value, err := result.Identity.IdentityData.Unmarshal(identityType)
	s.check(err, nil)
	var attributes map[string]tftypes.Value
	s.check(value.As(&attributes), nil)
	s.check(attributes["bucket"].As(&bucket), nil)
	s.check(attributes["key"].As(&key), nil)
	return bucket, key
}
