// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

func TestValidate(t *testing.T) {
	const notOne, notValue = "Invalid Attribute Combination", "Invalid attribute value"
	const noKMS, notMap = "Argument requires KMS encryption", "Invalid map entry"
	null := tftypes.NewValue(tftypes.String, nil)
	type values = map[string]tftypes.Value

	metadata := func(name, value string) values { return values{"metadata": texts(map[string]string{name: value})} }
	tags := func(key, value string) values { return values{"tags": texts(map[string]string{key: value})} }
	manyTags := func(n int) values {
		many := map[string]string{}
		for i := range n {
			many[fmt.Sprint("key", i)] = ""
		}
		return values{"tags": texts(many)}
	}

	for _, test := range []struct {
		name   string
		config values
		want   string // summary of the only error; "": no error
	}{
		{"source", values{}, ""},
		{"no source", values{"source": null}, "Missing Attribute Configuration"},
		{"content", values{"source": null, "content": text("")}, ""},
		{"content_base64", values{"source": null, "content_base64": text("")}, ""},
		{"source and content", values{"content": text("x")}, notOne},
		{"source and unknown content", values{"content": unknownValue}, ""},
		{"unknown source", values{"source": unknownValue}, ""},
		{"content_base64 without padding", values{"source": null, "content_base64": text("aGVsbG8")}, "Invalid attribute value"},
		{"content_base64 of another alphabet", values{"source": null, "content_base64": text("__--")}, "Invalid attribute value"},

		{"empty header", values{"cache_control": text("")}, notValue},
		{"header injection", values{"content_disposition": text("inline\r\nX-Evil: 1")}, notValue},
		{"header with umlaut", values{"content_encoding": text("gzïp")}, notValue},
		{"header with space", values{"content_language": text("en ")}, notValue},
		{"unknown header", values{"content_language": unknownValue}, ""},

		{"expires of RFC 3339", values{"expires": text("2027-01-31T12:00:00+08:00")}, ""},
		{"expires of RFC 1123", values{"expires": text("Sun, 31 Jan 2027 12:00:00 GMT")}, ""},
		{"expires in another zone", values{"expires": text("Sun, 31 Jan 2027 12:00:00 CST")}, "Invalid attribute value"},
		{"expires without time", values{"expires": text("2027-01-31")}, "Invalid attribute value"},
		{"expires with a fraction", values{"expires": text("2027-01-31T12:00:00.5Z")}, "Invalid attribute value"},
		{"expires in another year", values{"expires": text("2027-13-31T12:00:00Z")}, "Invalid attribute value"},
		{"expires unknown", values{"expires": unknownValue}, ""},

		{"metadata", metadata("a-1", "team a; b=c"), ""},
		{"metadata name in upper case", metadata("Owner", "x"), notMap},
		{"metadata name with underscore", metadata("a_b", "x"), notMap},
		{"metadata name empty", metadata("", "x"), notMap},
		{"metadata value empty", metadata("a", ""), notMap},
		{"metadata value with newline", metadata("a", "x\ny"), notMap},
		{"metadata value in Chinese", metadata("a", "报告"), notMap},
		{"metadata of 8 KiB with the mark", metadata("a", strings.Repeat("x", 8<<10-64-1)), ""},
		{"metadata over 8 KiB with the mark", metadata("a", strings.Repeat("x", 8<<10-64)), "Map too large"},
		{"metadata of the mark's name", metadata("ossresumable-owner", "x"), "Invalid map entry"},
		{"metadata null entry", values{"metadata": mapWith("a", nil)}, notMap},
		{"metadata unknown entry", values{"metadata": mapWith("a", tftypes.UnknownValue)}, ""},
		{"metadata unknown entry of wrong name", values{"metadata": mapWith("A", tftypes.UnknownValue)}, notMap},

		{"tags", tags("a:b/c 1", "d e+f=g-h._"), ""},
		{"tag without value", tags("a", ""), ""},
		{"tag without key", tags("", "a"), notMap},
		{"tag key of 128", tags(strings.Repeat("k", 128), ""), ""},
		{"tag key of 129", tags(strings.Repeat("k", 129), ""), notMap},
		{"tag value of 256", tags("k", strings.Repeat("v", 256)), ""},
		{"tag value of 257", tags("k", strings.Repeat("v", 257)), notMap},
		{"tag with &", tags("k", "a&b"), notMap},
		{"tag with newline", tags("k", "a\n"), notMap},
		{"10 tags", manyTags(10), ""},
		{"11 tags", manyTags(11), "Map too large"},

		{"acl", values{"acl": text("public-read-write")}, ""},
		{"acl unheard of", values{"acl": text("public")}, notValue},
		{"storage_class", values{"storage_class": text("DeepColdArchive")}, ""},
		{"storage_class in lower case", values{"storage_class": text("standard")}, notValue},
		{"encryption", values{"server_side_encryption": text("SM4")}, ""},
		{"encryption unheard of", values{"server_side_encryption": text("aws:kms")}, notValue},
		{"KMS", values{"server_side_encryption": text("KMS"), "server_side_data_encryption": text("SM4"), "kms_key_id": text("k")}, ""},
		{"data encryption unheard of", values{"server_side_encryption": text("KMS"), "server_side_data_encryption": text("AES256")}, notValue},
		{"data encryption without KMS", values{"server_side_encryption": text("AES256"), "server_side_data_encryption": text("SM4")}, noKMS},
		{"key without KMS", values{"kms_key_id": text("k")}, noKMS},
		{"key with unknown encryption", values{"server_side_encryption": unknownValue, "kms_key_id": text("k")}, ""},

		{"traffic_limit too low", values{"traffic_limit": number(819199)}, "Invalid attribute value"},
		{"traffic_limit lowest", values{"traffic_limit": number(819200)}, ""},
		{"traffic_limit highest", values{"traffic_limit": number(838860800)}, ""},
		{"traffic_limit too high", values{"traffic_limit": number(838860801)}, "Invalid attribute value"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newWorld(t).serve(nil)
			config := objectConfig("file")
			maps.Copy(config, test.config)
			resp, err := s.ValidateResourceConfig(t.Context(), &tfprotov6.ValidateResourceConfigRequest{TypeName: typeName, Config: s.encode(config)})
			s.check(err, nil)
			switch {
			case test.want == "" && len(resp.Diagnostics) > 0:
				t.Error(show(resp.Diagnostics))
			case test.want != "" && (len(resp.Diagnostics) != 1 || resp.Diagnostics[0].Summary != test.want):
				t.Errorf("got %s, want one %q", show(resp.Diagnostics), test.want)
			}
		})
	}
}

func texts(values map[string]string) tftypes.Value {
	elements := map[string]tftypes.Value{}
	for name, value := range values {
		elements[name] = text(value)
	}
	return tftypes.NewValue(tftypes.Map{ElementType: tftypes.String}, elements)
}

func mapWith(name string, value any) tftypes.Value {
	return tftypes.NewValue(tftypes.Map{ElementType: tftypes.String},
		map[string]tftypes.Value{name: tftypes.NewValue(tftypes.String, value)})
}
