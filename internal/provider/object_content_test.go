// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
)

// Equal content from another argument is not a change.
func TestAccObject_content(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	config := func(lines ...string) string { return w.providerBlock() + w.resource(lines...) }
	same := planned(action(plancheck.ResourceActionUpdate), knownText("source_hash", sha256Hello), kept("etag", "last_modified"))
	w.test(
		w.sends(5, resource.TestStep{
			Config: config(`content = "hello"`),
			ConfigPlanChecks: planned(
				knownText("source_hash", sha256Hello), known("content_length", knownvalue.Int64Exact(5)), kept("crc64"), unknown("etag")),
			Check: w.holds("hello", "text/plain"),
		}),
		w.sends(0, resource.TestStep{Config: config(`content_base64 = "aGVsbG8="`), ConfigPlanChecks: same}),
		w.sends(0, resource.TestStep{Config: config(fmt.Sprintf("source = %q", w.write("file", "hello"))), ConfigPlanChecks: same}),
		w.sends(0, resource.TestStep{Config: config(`content = "hello"`, fmt.Sprintf("source_hash = %q", sha256Hello)), ConfigPlanChecks: same}),
		resource.TestStep{
			Config:      config(`content = "hello"`, fmt.Sprintf("source_hash = %q", sha256World)),
			ExpectError: says("Content does not match source_hash ... The SHA-256 of the content differs from source_hash"),
		},
		w.sends(5, resource.TestStep{
			Config:           config(`content_base64 = "d29ybGQ="`),
			ConfigPlanChecks: planned(knownText("source_hash", sha256World), unknown("etag")),
			Check:            w.holds("world", "text/plain"),
		}),
	)
}

func TestAccObject_emptyContent(t *testing.T) {
	for _, attribute := range []string{"content", "content_base64"} {
		t.Run(attribute, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.test(resource.TestStep{
				Config: w.providerBlock() + w.resource(attribute+` = ""`),
				ConfigPlanChecks: planned(
					knownText("source_hash", sha256Empty), knownText("crc64", "0"), known("content_length", knownvalue.Int64Exact(0))),
				Check: w.holds("", "text/plain"),
			})
		})
	}
}

func TestAccObject_unknownContent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	config := func(input string) string {
		return fmt.Sprintf(`
resource "terraform_data" "text" {
  input = %q
}
`, input) + w.providerBlock() + w.resource("content = terraform_data.text.output")
	}
	allUnknown := unknown("content", "source_hash", "crc64", "content_length", "etag", "version_id", "last_modified")
	w.test(
		w.sends(5, resource.TestStep{
			Config: config("hello"), ConfigPlanChecks: planned(action(plancheck.ResourceActionCreate), allUnknown),
			Check: w.holds("hello", "text/plain"),
		}),
		w.sends(5, resource.TestStep{
			Config: config("world"), ConfigPlanChecks: planned(action(plancheck.ResourceActionUpdate), allUnknown),
			Check: w.holds("world", "text/plain"),
		}),
	)
}

// The state contains content, but not the content of a file.
func TestAccObject_fileNotInState(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const bytes = "the bytes of the file"
	w.test(resource.TestStep{
		Config: w.object(w.write("file", bytes)), ConfigPlanChecks: planned(),
		ConfigStateChecks: []statecheck.StateCheck{lacks{bytes, base64.StdEncoding.EncodeToString([]byte(bytes))}},
	})
}

// lacks is a check that a state does not contain these texts.
type lacks []string

func (texts lacks) CheckState(_ context.Context, req statecheck.CheckStateRequest, resp *statecheck.CheckStateResponse) {
	state, err := json.Marshal(req.State)
	if err != nil {
		resp.Error = err
	}
	for _, text := range texts {
		if strings.Contains(string(state), text) {
			resp.Error = fmt.Errorf("%q is in the state %s", text, state)
		}
	}
}
