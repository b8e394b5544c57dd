// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

// Schemajson prints the output of "terraform providers schema -json". It gets the schema
// directly from the provider server, so generating docs/ needs no Terraform. It also
// includes resource identities, list resources and actions, which the command omits
// before Terraform 1.12 and 1.14.
package main

import (
	"context"
	"encoding/json"
	"log"
	"os"
	"strings"

	tfjson "github.com/hashicorp/terraform-json"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/zclconf/go-cty/cty"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/provider"
)

func main() {
	log.SetFlags(0)
	ctx := context.Background()
	server := providerserver.NewProtocol6(provider.New("dev")())()

	schema, err := server.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		log.Fatal(err)
	}
	identity, err := server.GetResourceIdentitySchemas(ctx, &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		log.Fatal(err)
	}
	for _, d := range append(schema.Diagnostics, identity.Diagnostics...) {
		log.Fatalf("%s: %s", d.Summary, d.Detail)
	}

	encoder := json.NewEncoder(os.Stdout)
	encoder.SetIndent("", "  ")
	err = encoder.Encode(tfjson.ProviderSchemas{
		FormatVersion: "1.0",
		Schemas: map[string]*tfjson.ProviderSchema{
			// tfplugindocs expects the short name. It does not find full addresses of other
			// namespaces.
			"ossresumable": {
				ConfigSchema:             schemaJSON(schema.Provider),
				ResourceSchemas:          convert(schema.ResourceSchemas, schemaJSON),
				DataSourceSchemas:        convert(schema.DataSourceSchemas, schemaJSON),
				EphemeralResourceSchemas: convert(schema.EphemeralResourceSchemas, schemaJSON),
				ListResourceSchemas:      convert(schema.ListResourceSchemas, schemaJSON),
				ActionSchemas:            convert(schema.ActionSchemas, actionJSON),
				Functions:                convert(schema.Functions, functionJSON),
				ResourceIdentitySchemas:  convert(identity.IdentitySchemas, identityJSON),
			},
		},
	})
	if err != nil {
		log.Fatal(err)
	}
}

func convert[From, To any](from map[string]From, each func(From) To) map[string]To {
	to := make(map[string]To, len(from))
	for name, v := range from {
		to[name] = each(v)
	}
	return to
}

func schemaJSON(s *tfprotov6.Schema) *tfjson.Schema {
	return &tfjson.Schema{Version: uint64(s.Version), Block: blockJSON(s.Block)}
}

func actionJSON(a *tfprotov6.ActionSchema) *tfjson.ActionSchema {
	return &tfjson.ActionSchema{Block: blockJSON(a.Schema.Block)}
}

func identityJSON(s *tfprotov6.ResourceIdentitySchema) *tfjson.IdentitySchema {
	attributes := make(map[string]*tfjson.IdentityAttribute, len(s.IdentityAttributes))
	for _, a := range s.IdentityAttributes {
		attributes[a.Name] = &tfjson.IdentityAttribute{
			IdentityType:      typeJSON(a.Type),
			Description:       a.Description,
			RequiredForImport: a.RequiredForImport,
			OptionalForImport: a.OptionalForImport,
		}
	}
	return &tfjson.IdentitySchema{Version: uint64(s.Version), Attributes: attributes}
}

func functionJSON(f *tfprotov6.Function) *tfjson.FunctionSignature {
	signature := &tfjson.FunctionSignature{
		Description:        f.Description,
		Summary:            f.Summary,
		DeprecationMessage: f.DeprecationMessage,
		ReturnType:         typeJSON(f.Return.Type),
	}
	for _, p := range f.Parameters {
		signature.Parameters = append(signature.Parameters, parameterJSON(p))
	}
	if f.VariadicParameter != nil {
		signature.VariadicParameter = parameterJSON(f.VariadicParameter)
	}
	return signature
}

func parameterJSON(p *tfprotov6.FunctionParameter) *tfjson.FunctionParameter {
	return &tfjson.FunctionParameter{
		Name:        p.Name,
		Description: p.Description,
		IsNullable:  p.AllowNullValue,
		Type:        typeJSON(p.Type),
	}
}

func blockJSON(b *tfprotov6.SchemaBlock) *tfjson.SchemaBlock {
	blocks := make(map[string]*tfjson.SchemaBlockType, len(b.BlockTypes))
	for _, t := range b.BlockTypes {
		blocks[t.TypeName] = &tfjson.SchemaBlockType{
			NestingMode: tfjson.SchemaNestingMode(strings.ToLower(t.Nesting.String())),
			Block:       blockJSON(t.Block),
			MinItems:    uint64(t.MinItems),
			MaxItems:    uint64(t.MaxItems),
		}
	}
	return &tfjson.SchemaBlock{
		Attributes:      attributesJSON(b.Attributes),
		NestedBlocks:    blocks,
		Description:     b.Description,
		DescriptionKind: kindJSON(b.DescriptionKind),
		Deprecated:      b.Deprecated,
	}
}

func attributesJSON(list []*tfprotov6.SchemaAttribute) map[string]*tfjson.SchemaAttribute {
	attributes := make(map[string]*tfjson.SchemaAttribute, len(list))
	for _, a := range list {
		attribute := &tfjson.SchemaAttribute{
			Description:     a.Description,
			DescriptionKind: kindJSON(a.DescriptionKind),
			Deprecated:      a.Deprecated,
			Required:        a.Required,
			Optional:        a.Optional,
			Computed:        a.Computed,
			Sensitive:       a.Sensitive,
			WriteOnly:       a.WriteOnly,
		}
		// An attribute has either a type or nested attributes.
		if a.NestedType != nil {
			attribute.AttributeNestedType = &tfjson.SchemaNestedAttributeType{
				Attributes:  attributesJSON(a.NestedType.Attributes),
				NestingMode: tfjson.SchemaNestingMode(strings.ToLower(a.NestedType.Nesting.String())),
			}
		} else {
			attribute.AttributeType = typeJSON(a.Type)
		}
		attributes[a.Name] = attribute
	}
	return attributes
}

func kindJSON(k tfprotov6.StringKind) tfjson.SchemaDescriptionKind {
	return tfjson.SchemaDescriptionKind(strings.ToLower(k.String()))
}

// typeJSON converts a type through its JSON form, which both libraries support.
func typeJSON(t tftypes.Type) cty.Type {
	text, err := json.Marshal(t)
	if err != nil {
		log.Fatal(err)
	}
	var typ cty.Type
	if err := json.Unmarshal(text, &typ); err != nil {
		log.Fatal(err)
	}
	return typ
}
