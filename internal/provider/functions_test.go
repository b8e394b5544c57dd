// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"
)

// call calls a function of a provider that is not configured.
func call(t *testing.T, name string, arguments ...tftypes.Value) (string, *tfprotov6.FunctionError) {
	t.Helper()
	s := &server{T: t, ProviderServer: providerserver.NewProtocol6(New("test")())()}
	req := &tfprotov6.CallFunctionRequest{Name: name}
	for _, argument := range arguments {
		req.Arguments = append(req.Arguments, s.dynamic(argument))
	}
	resp, err := s.CallFunction(t.Context(), req)
	s.check(err, nil)
	if resp.Error != nil {
		return "", resp.Error
	}
	value, err := resp.Result.Unmarshal(tftypes.String)
	s.check(err, nil)
	var result string
	s.check(value.As(&result), nil)
	return result, nil
}

func TestCRC64Function(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, content string) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	for content, want := range map[string]string{
		"":                              "0",
		"123456789":                     "11051210869376104954", // 0x995DC9BBDF1939FA, the check value of CRC-64/XZ
		strings.Repeat("\x00", 3<<20+1): "16166031822795021843",
	} {
		if got, err := call(t, "crc64", text(write("file", content))); err != nil || got != want {
			t.Errorf("%d bytes: %q, %v, want %q", len(content), got, err, want)
		}
	}

	for name, tt := range map[string]struct{ path, says string }{
		"absent":            {filepath.Join(dir, "absent"), `${path.module}/file`},
		"empty":             {"", `${path.module}/file`},
		"directory":         {dir, "is a directory, not a regular file"},
		"moves the cursor":  {filepath.Join(dir, "\x1b[2J"), `\x1b[2J`},
		"below a file":      {filepath.Join(write("plain", ""), "x"), "plain"},
		"home of a user":    {"~no-such-user/file", `${path.module}/file`},
		"with a NUL inside": {"a\x00b", `a\x00b`},
	} {
		_, err := call(t, "crc64", text(tt.path))
		if err == nil || err.FunctionArgument == nil || *err.FunctionArgument != 0 || !strings.Contains(err.Text, tt.says) {
			t.Errorf("%s: %+v does not say %q at the argument", name, err, tt.says)
		}
		if err != nil && strings.Contains(err.Text, "\x1b") {
			t.Errorf("%s: %q", name, err.Text)
		}
	}
}

// A leading ~ is the home directory, as in source.
func TestCRC64Function_home(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("USERPROFILE", home)
	if err := os.WriteFile(filepath.Join(home, "file"), []byte("123456789"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := call(t, "crc64", text("~/file")); err != nil || got != "11051210869376104954" {
		t.Errorf("%q, %v", got, err)
	}
}

func TestContentTypeFunction(t *testing.T) {
	t.Parallel()
	for key, want := range map[string]string{
		"site/index.HTML": "text/html",
		"a.b/c":           unknownContentType,
		"dir.zip/":        unknownContentType,
	} {
		if got, err := call(t, "content_type", text(key)); err != nil || got != want {
			t.Errorf("%q: %q, %v, want %q", key, got, err, want)
		}
	}
	for key, says := range map[string]string{
		"": "must not be empty", "/a.zip": "must not begin with", strings.Repeat("a", 1024): "at most 1023 bytes",
	} {
		_, err := call(t, "content_type", text(key))
		if err == nil || err.FunctionArgument == nil || *err.FunctionArgument != 0 || !strings.Contains(err.Text, says) {
			t.Errorf("%q: %+v does not say %q at the argument", key, err, says)
		}
	}
}

// The functions return what the resource exports. Terraform calls them in plans with
// a provider that is not configured yet, and with unknown values.
func TestAccFunctions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	file := w.write("file", "hello")
	w.testIf(tfversion.SkipBelow(tfversion.Version1_8_0), resource.TestStep{
		Config:      w.providerBlock() + `output "absent" { value = provider::ossresumable::crc64("absent") }`,
		ExpectError: says("Invalid value for \"path\" parameter: ... absent ... ${path.module}/file"),
	}, resource.TestStep{
		Config: w.object(file) + fmt.Sprintf(`
resource "terraform_data" "path" { input = %q }

output "crc64" { value = provider::ossresumable::crc64(%[1]q) }
output "later" { value = provider::ossresumable::crc64(terraform_data.path.output) }
output "same"  { value = provider::ossresumable::crc64(%[1]q) == ossresumable_object.test.crc64 }
output "type"  { value = provider::ossresumable::content_type(ossresumable_object.test.key) == ossresumable_object.test.content_type }
`, file),
		ConfigStateChecks: []statecheck.StateCheck{
			statecheck.ExpectKnownOutputValue("crc64", knownvalue.StringExact("11177612005948864433")),
			statecheck.ExpectKnownOutputValue("later", knownvalue.StringExact("11177612005948864433")),
			statecheck.ExpectKnownOutputValue("same", knownvalue.Bool(true)),
			statecheck.ExpectKnownOutputValue("type", knownvalue.Bool(true)),
		},
	})
}
