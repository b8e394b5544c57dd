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

	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/escape"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/ossclient"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// The callback belongs to an upload, not to the object: OSS keeps nothing of
// it, so there is nothing to read back, and a change of it is in the state only.

const maxCallbackURLs = 5 // Source: API page Callback

// A name of OSS's own variables has no colon. Source: API page Callback.
var callbackVarPattern = regexp.MustCompile(`^x:[a-z0-9_.-]+$`)

const callbackSecretText = " Plans do not show it; the state holds it as it is."

func callbackAttribute() schema.Attribute {
	return schema.SingleNestedAttribute{
		Optional:   true,
		Validators: []validator.Object{isCallback{}},
		MarkdownDescription: "Request that OSS makes of an application after an upload, to tell of the new object. It goes with the " +
			"bytes: a change of headers makes none, neither does an object that is found to hold the bytes already, and a change of " +
			"the callback itself sends nothing until the next upload. When the application does not answer 200 with JSON within " +
			"5 seconds, the object is stored all the same: that is a warning, and the callback is not repeated. " +
			"Put no secret into a callback, since the state holds all of it. The application does not need one to know that OSS calls: " +
			"OSS signs the request, in its `Authorization` header.",
		Attributes: map[string]schema.Attribute{
			"url": schema.StringAttribute{
				Required:   true,
				Sensitive:  true,
				Validators: []validator.String{areCallbackURLs()},
				MarkdownDescription: "Public `http` or `https` address to call. Up to 5, separated by semicolons, are tried one " +
					"after the other." + callbackSecretText,
			},
			"host": schema.StringAttribute{
				Optional:            true,
				Validators:          []validator.String{isHeaderValue()},
				MarkdownDescription: "Value of the `Host` header. Default: that of the address.",
			},
			"body": schema.StringAttribute{
				Required:   true,
				Validators: []validator.String{notEmpty()},
				MarkdownDescription: "Body of the request. OSS fills in its variables, such as `bucket`, `object`, `etag`, `size`, " +
					"`mimeType` and `crc64`, and those of `vars`. Write each as `$${etag}`, with two dollar signs: a single one is " +
					"Terraform's. Plans show it.",
			},
			"body_type": schema.StringAttribute{
				Optional:            true,
				Validators:          []validator.String{oneOf("application/x-www-form-urlencoded", "application/json")},
				MarkdownDescription: "Type of the body: `application/x-www-form-urlencoded`, the default, or `application/json`.",
			},
			"vars": schema.MapAttribute{
				Optional:            true,
				Sensitive:           true,
				ElementType:         types.StringType,
				Validators:          []validator.Map{areCallbackVars()},
				MarkdownDescription: "Variables of your own for the body. Names begin with `x:` and are in lower case." + callbackSecretText,
			},
		},
	}
}

func areCallbackURLs() validator.String {
	return textRule{"must be an http or https address, or up to 5 of them with semicolons between", func(text string) error {
		addresses := strings.Split(text, ";")
		if len(addresses) > maxCallbackURLs {
			return fmt.Errorf("there are %d", len(addresses))
		}
		for i, address := range addresses {
			u, err := url.Parse(address)
			if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || !headerPattern.MatchString(address) {
				return fmt.Errorf("address %d of %d is not one", i+1, len(addresses))
			}
		}
		return nil
	}}
}

func areCallbackVars() validator.Map {
	return mapRule{
		rule: "must have names that begin with x: and go on with lower-case letters, digits, dots, hyphens and underscores",
		name: func(name string) error {
			if !callbackVarPattern.MatchString(name) {
				return errors.New("the name must be x: and then lower-case letters, digits, dots, hyphens and underscores")
			}
			return nil
		},
	}
}

// isCallback checks the size of all together. What is unknown yet counts as
// empty.
type isCallback struct{}

func (isCallback) Description(context.Context) string { return "must not exceed what OSS takes" }

func (r isCallback) MarkdownDescription(ctx context.Context) string { return r.Description(ctx) }

func (isCallback) ValidateObject(_ context.Context, req validator.ObjectRequest, resp *validator.ObjectResponse) {
	if err := ossclient.CheckCallback(callbackOf(req.ConfigValue)); err != nil {
		resp.Diagnostics.Append(errorAt(req.Path, "Callback too large", escape.Sprintf("The callback's %v.", err)))
	}
}

// callbackOf is the zero value for null, and for what is not known yet.
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
