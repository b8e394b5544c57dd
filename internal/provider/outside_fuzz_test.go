// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// checkPrintable fails if a diagnostic contains control characters for a terminal.
func checkPrintable(t *testing.T, diags diag.Diagnostics) {
	t.Helper()
	for _, d := range diags {
		for _, r := range d.Summary() + d.Detail() {
			if r < ' ' && r != '\n' || strings.ContainsRune(controlRunes, r) {
				t.Errorf("%q: %q", d.Summary(), d.Detail())
			}
		}
	}
}

// An import ID names exactly one object, without decoding, or is an error.
func FuzzParseImportID(f *testing.F) {
	for _, id := range []string{"my-bucket/a.zip", "oss://my-bucket/a//b/", "", "/", "my-bucket//a", "oss://my-bucket/" + hostile, "a/\xff"} {
		f.Add(id)
	}
	f.Fuzz(func(t *testing.T, id string) {
		obj, diags := importedObject(t.Context(), resource.ImportStateRequest{ID: id})
		checkPrintable(t, diags)
		if diags.HasError() {
			if len(diags) != 1 {
				t.Errorf("%q: %d errors", id, len(diags))
			}
			return
		}
		if err := checkObject(obj); err != nil {
			t.Errorf("%q: %v", id, err)
		}
		if !strings.HasSuffix(id, importID(obj)) || strings.TrimPrefix(id, "oss://") != importID(obj) {
			t.Errorf("%q became %q", id, importID(obj))
		}
	})
}

// The state of another provider is untrusted. For any state, the object of the takeover
// has a valid name, and it is the one in the state.
func FuzzAlicloudState(f *testing.F) {
	f.Add([]byte(`{"bucket":"my-bucket","key":"a.zip","content_length":"5","acl":"private"}`))
	f.Add([]byte(`{"bucket":"my-bucket","key":["a"]}`))
	f.Add([]byte(`{"bucket":"my-bucket","key":"/a","key":"b"}`))
	f.Add([]byte(`{"bucket":"a\u001b[2J","key":"\u202e"}`))
	f.Add([]byte("{"))
	f.Add([]byte("null"))
	f.Fuzz(func(t *testing.T, state []byte) {
		raw := &tfprotov6.RawState{JSON: state}
		attributes, obj, err := alicloudState(raw)
		if err != nil {
			var resp resource.MoveStateResponse
			takeOverFromAlicloud(t.Context(), resource.MoveStateRequest{
				SourceTypeName: alicloudObject, SourceProviderAddress: "registry.terraform.io/aliyun/alicloud", SourceRawState: raw,
			}, &resp)
			if !resp.Diagnostics.HasError() {
				t.Errorf("%q: %v, and nothing is said", state, err)
			}
			checkPrintable(t, resp.Diagnostics)
			return
		}
		if err := checkObject(obj); err != nil {
			t.Errorf("%q: %v", state, err)
		}
		var named struct{ Bucket, Key any }
		if json.Unmarshal(state, &named) == nil && attributes["bucket"] != obj.Bucket {
			t.Errorf("%q: bucket %q", state, obj.Bucket)
		}
	})
}

// An accepted callback has a valid URL and fits into a header. A refused one is not
// repeated.
func FuzzCallback(f *testing.F) {
	f.Add("http://example.com/a", "b=${object}", "x:a", "v")
	f.Add("http://example.com;https://[::1]:80/?q", "", "X:A", "")
	f.Add("ftp://example.com", "b", "", "v")
	f.Add("http://%zz", hostile, hostile, hostile)
	f.Fuzz(func(t *testing.T, address, body, name, value string) {
		request := validator.StringRequest{Path: path.Root("callback").AtName("url"), ConfigValue: types.StringValue(address)}
		var resp validator.StringResponse
		areCallbackURLs().ValidateString(t.Context(), request, &resp)
		checkPrintable(t, resp.Diagnostics)
		if !resp.Diagnostics.HasError() {
			for one := range strings.SplitSeq(address, ";") {
				u, err := url.Parse(one)
				if err != nil || u.Host == "" || strings.ContainsAny(one, "\r\n") {
					t.Errorf("%q was accepted", one)
				}
			}
		}
		var vars validator.MapResponse
		areCallbackVars().ValidateMap(t.Context(), validator.MapRequest{
			Path: path.Root("callback").AtName("vars"), ConfigValue: oneVar(name, value),
		}, &vars)
		checkPrintable(t, vars.Diagnostics)
		if long := len(value) > 12 && utf8.ValidString(value); long {
			for _, d := range vars.Diagnostics {
				if strings.Contains(d.Detail(), value) {
					t.Errorf("the value %q is repeated: %s", value, d.Detail())
				}
			}
		}
		var whole validator.ObjectResponse
		object := types.ObjectValueMust(callbackTypes, map[string]attr.Value{
			"url": types.StringValue(address), "host": types.StringNull(), "body": types.StringValue(body),
			"body_type": types.StringNull(), "vars": oneVar(name, value),
		})
		isCallback{}.ValidateObject(t.Context(), validator.ObjectRequest{Path: path.Root("callback"), ConfigValue: object}, &whole)
		checkPrintable(t, whole.Diagnostics)
		got := callbackOf(object)
		if got.URL != address || got.Body != body || got.Vars[name] != value {
			t.Errorf("got %+v", got)
		}
	})
}

func oneVar(name, value string) types.Map {
	return types.MapValueMust(types.StringType, map[string]attr.Value{name: types.StringValue(value)})
}

var callbackTypes = map[string]attr.Type{
	"url": types.StringType, "host": types.StringType, "body": types.StringType, "body_type": types.StringType,
	"vars": types.MapType{ElemType: types.StringType},
}
