// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"os"
	"regexp"
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/resource"
)

// The table "Arguments by purpose" lists every argument of the resource once.
func TestObjectPage_arguments(t *testing.T) {
	page, err := os.ReadFile("../../templates/resources/object.md.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	section := regexp.MustCompile(`(?s)## Arguments by purpose\n(.*?)\n## `).FindSubmatch(page)
	if section == nil {
		t.Fatal("the page has no such section")
	}
	var listed []string
	for _, name := range regexp.MustCompile("`(\\w+)`").FindAllSubmatch(section[1], -1) {
		listed = append(listed, string(name[1]))
	}
	var resp resource.SchemaResponse
	new(objectResource).Schema(t.Context(), resource.SchemaRequest{}, &resp)
	arguments := []string{"timeouts"}
	for name, attribute := range resp.Schema.Attributes {
		if name != "id" && (attribute.IsRequired() || attribute.IsOptional()) { // id must not be set
			arguments = append(arguments, name)
		}
	}
	slices.Sort(listed)
	slices.Sort(arguments)
	if !slices.Equal(listed, arguments) {
		t.Errorf("the page lists\n%q\nthe schema has\n%q", listed, arguments)
	}
}
