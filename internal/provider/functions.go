// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"io/fs"

	"github.com/hashicorp/terraform-plugin-framework/function"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/escape"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// The functions do not need a configured provider, because Terraform also calls
// them during validation, and any number of times in one command.
var (
	_ function.Function = crc64Function{}
	_ function.Function = contentTypeFunction{}
)

type crc64Function struct{}

func newCRC64Function() function.Function { return crc64Function{} }

func (crc64Function) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "crc64"
}

// Definition warns of files that change, because Terraform requires a function to
// return its first result again. Source: internal/lang/function_results.go of
// Terraform.
func (crc64Function) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "CRC-64 of a local file, as OSS reports it",
		MarkdownDescription: "Returns the CRC-64 (ECMA) of a local file as a decimal number. OSS reports the same number in " +
			"`x-oss-hash-crc64ecma` for an object with the same content, and `ossresumable_object` exports it as `crc64`. Each " +
			"call reads the whole file. It sends nothing and does not load the file into memory.\n\n" +
			"The file must exist at plan and must not change until the apply ends, because Terraform calls the function again " +
			"during the apply and requires the same result. For a file that the same apply creates, use the attribute `crc64` of " +
			"the resource that uploads it. Requires Terraform 1.8 or later.",
		Parameters: []function.Parameter{function.StringParameter{
			Name: "path",
			MarkdownDescription: "Path of a regular file, or of a link to one. A relative path is relative to the working directory " +
				"of Terraform, so write `\"${path.module}/file\"` in a module. A leading `~` stands for the home directory.",
		}},
		Return: function.StringReturn{},
	}
}

func (crc64Function) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var file string
	if resp.Error = req.Arguments.Get(ctx, &file); resp.Error != nil {
		return
	}
	fp, _, err := resumable.FingerprintSource(ctx, file, "")
	if err != nil {
		resp.Error = argumentError(0, unreadable(err))
		return
	}
	resp.Error = resp.Result.Set(ctx, fp.CRC64)
}

// unreadable says why the checksum of a file could not be computed, and what to
// do. Terraform adds the final period.
func unreadable(err error) escape.Text {
	text := escape.Sprint(err)
	switch {
	case errors.Is(err, context.Canceled):
		return text
	case errors.Is(err, fs.ErrNotExist):
		return text + ". A relative path is relative to the working directory of Terraform; in a module, write " +
			"\"${path.module}/file\". If a resource creates the file, use an attribute of that resource instead"
	case errors.Is(err, fs.ErrPermission):
		return text + ". Allow the user that runs Terraform to read the file"
	case errors.Is(err, resumable.ErrSourceChanged):
		return text + ". Wait until the program that writes the file has finished, then run Terraform again"
	}
	return text
}

type contentTypeFunction struct{}

func newContentTypeFunction() function.Function { return contentTypeFunction{} }

func (contentTypeFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "content_type"
}

func (contentTypeFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Content type for an object key",
		MarkdownDescription: "Returns the `Content-Type` that `ossresumable_object` uses for a key if `content_type` is not set. The " +
			"type follows from the extension, by a table that is the same on every machine; it is `application/octet-stream` for " +
			"an unknown extension. Use the function to add a charset, or to set another type for some extensions only. Requires " +
			"Terraform 1.8 or later.",
		Parameters: []function.Parameter{function.StringParameter{
			Name:                "key",
			MarkdownDescription: "Key of an object: 1 to 1023 bytes of UTF-8 that do not begin with `/` or `\\`.",
		}},
		Return: function.StringReturn{},
	}
}

func (contentTypeFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var key string
	if resp.Error = req.Arguments.Get(ctx, &key); resp.Error != nil {
		return
	}
	if err := checkKey(key); err != nil {
		resp.Error = argumentError(0, escape.Sprintf("the key %v", err))
		return
	}
	resp.Error = resp.Result.Set(ctx, contentTypeOf(key))
}
