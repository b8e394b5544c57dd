// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/objectvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/escape"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/ossclient"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// A callback belongs to an upload and not to the object. OSS does not store it, so
// Read cannot return it, and a change of the argument changes the state only.

const maxCallbackURLs = 5 // Source: API page Callback

// The names of the variables that OSS defines have no colon. Source: API page
// Callback.
var callbackVarPattern = regexp.MustCompile(`^x:[a-z0-9_.-]+$`)

const callbackStateText = " Plans do not show it, but the state stores it in plain text."

func callbackAttribute() schema.Attribute {
	return schema.SingleNestedAttribute{
		Optional:   true,
		Validators: []validator.Object{isCallback{}, objectvalidator.ConflictsWith(path.MatchRoot("source_object"))}, // OSS sends none for a copy
		MarkdownDescription: "Request that OSS sends to an application after an upload. Only an upload of data triggers it: a change of " +
			"headers does not, nor does an object that already has the content. Changing the callback sends nothing until the next " +
			"upload. If the application does not answer with status 200 and JSON within 5 seconds, the object is stored " +
			"nevertheless; the apply returns a warning, and the callback is not repeated. Do not put secrets into a callback, because " +
			"the state stores it. The application can verify that OSS sent the request by the signature in its `Authorization` header.",
		Attributes: map[string]schema.Attribute{
			"url": schema.StringAttribute{
				Required:   true,
				Sensitive:  true,
				Validators: []validator.String{areCallbackURLs()},
				MarkdownDescription: "Public `http` or `https` address of the application. OSS tries up to 5 addresses, separated by " +
					"semicolons, in order." + callbackStateText,
			},
			"host": schema.StringAttribute{
				Optional:            true,
				Validators:          []validator.String{isHeaderValue()},
				MarkdownDescription: "Value of the `Host` header. Defaults to the host of the address.",
			},
			"body": schema.StringAttribute{
				Required:   true,
				Validators: []validator.String{notEmpty()},
				MarkdownDescription: "Body of the request. OSS replaces its variables, such as `bucket`, `object`, `etag`, `size`, " +
					"`mimeType` and `crc64`, and the variables in `vars`. Write them with two dollar signs, such as `$${etag}`, because " +
					"Terraform interprets a single one. Plans show the body.",
			},
			"body_type": schema.StringAttribute{
				Optional:   true,
				Validators: []validator.String{oneOf("application/x-www-form-urlencoded", "application/json")},
				MarkdownDescription: "Content type of the body. Valid values are `application/x-www-form-urlencoded` and " +
					"`application/json`. Defaults to `application/x-www-form-urlencoded`.",
			},
			"vars": schema.MapAttribute{
				Optional:            true,
				Sensitive:           true,
				ElementType:         types.StringType,
				Validators:          []validator.Map{areCallbackVars()},
				MarkdownDescription: "Custom variables for the body. Names begin with `x:` and are lowercase." + callbackStateText,
			},
		},
	}
}

func areCallbackURLs() validator.String {
	return textRule{"must be an http or https address, or up to 5 of them, separated by semicolons", func(text string) error {
		addresses := strings.Split(text, ";")
		if len(addresses) > maxCallbackURLs {
			return fmt.Errorf("there are %d addresses", len(addresses))
		}
		for i, address := range addresses {
			u, err := url.Parse(address)
			if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || !headerPattern.MatchString(address) {
				return fmt.Errorf("address %d of %d is not valid", i+1, len(addresses))
			}
		}
		return nil
	}}
}

func areCallbackVars() validator.Map {
	return mapRule{
		rule: "must have names that consist of x: and lowercase letters, digits, dots, hyphens and underscores",
		name: func(name string) error {
			if !callbackVarPattern.MatchString(name) {
				return errors.New("the name must consist of x: and lowercase letters, digits, dots, hyphens and underscores")
			}
			return nil
		},
	}
}

// isCallback checks the total size. Unknown values count as empty.
type isCallback struct{}

func (isCallback) Description(context.Context) string { return "must not exceed the size limit of OSS" }

func (r isCallback) MarkdownDescription(ctx context.Context) string { return r.Description(ctx) }

func (isCallback) ValidateObject(_ context.Context, req validator.ObjectRequest, resp *validator.ObjectResponse) {
	if err := ossclient.CheckCallback(callbackOf(req.ConfigValue)); err != nil {
		resp.Diagnostics.Append(errorAt(req.Path, "Callback too large", escape.Sprintf("The callback's %v.", err)))
	}
}

// callbackOf returns the callback of a block. Null and unknown values are zero.
func callbackOf(object types.Object) resumable.Callback {
	texts := map[string]string{}
	for name, value := range object.Attributes() {
		if text, ok := value.(types.String); ok {
			texts[name] = text.ValueString()
		}
	}
	vars, _ := object.Attributes()["vars"].(types.Map)
	return resumable.Callback{
		URL: texts["url"], Host: texts["host"], Body: texts["body"], BodyType: texts["body_type"], Vars: stringsOf(vars),
	}
}
