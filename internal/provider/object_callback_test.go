// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
)

// application is the server that OSS calls.
type application struct {
	url string

	mu   sync.Mutex
	told []string
}

func newApplication(t *testing.T, status int) *application {
	t.Helper()
	app := &application{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		app.mu.Lock()
		app.told = append(app.told, string(body))
		app.mu.Unlock()
		w.WriteHeader(status)
		_, _ = io.WriteString(w, "{}")
	}))
	t.Cleanup(server.Close)
	app.url = server.URL
	return app
}

// received checks all requests that the application has received.
func (app *application) received(t *testing.T, want ...string) func() {
	return func() {
		app.mu.Lock()
		defer app.mu.Unlock()
		if strings.Join(app.told, "; ") != strings.Join(want, "; ") {
			t.Errorf("the application was told %q, want %q", app.told, want)
		}
	}
}

func callback(url, body, more string) string {
	return fmt.Sprintf("callback = {\n    url  = %q\n    body = %q\n    %s\n  }", url, body, more)
}

// Only an upload of content triggers the callback. A change of the callback, or of
// another argument, sends nothing and does not trigger it.
func TestAccObject_callback(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	app := newApplication(t, 200)
	file := w.write("file", "hello")
	first := callback(app.url, "$${object} $${size}", "")
	second := callback(app.url, "$${size} $${x:who}", `vars = { "x:who" = "me" }`)
	update, untouched := action(plancheck.ResourceActionUpdate), kept("etag", "last_modified", "crc64")
	writesNothing := func() {
		for _, r := range w.oss.Requests() {
			if r.Op.Writes() {
				t.Errorf("sent %v", r)
			}
		}
	}
	w.test(
		w.sends(5, resource.TestStep{
			Config: w.object(file, first), ConfigPlanChecks: planned(action(plancheck.ResourceActionCreate)),
			PostApplyFunc: app.received(t, "dir/file.txt 5"),
		}),
		resource.TestStep{
			ResourceName: testAddress, ImportState: true, ImportStateId: testBucket + "/" + testKey,
			ImportStateVerify: true, ImportStateVerifyIgnore: []string{"source", "callback.%", "callback.url", "callback.body"},
		},
		w.sends(0, resource.TestStep{Config: w.object(file, second), ConfigPlanChecks: planned(update, untouched), PostApplyFunc: writesNothing}),
		w.sends(0, resource.TestStep{
			Config: w.object(file, second, `cache_control = "no-cache"`), ConfigPlanChecks: planned(update),
			PostApplyFunc: app.received(t, "dir/file.txt 5"),
		}),
		w.sends(6, resource.TestStep{
			PreConfig: func() { w.write("file", "world!") },
			Config:    w.object(file, second, `cache_control = "no-cache"`), ConfigPlanChecks: planned(update),
			PostApplyFunc: app.received(t, "dir/file.txt 5", "6 me"),
		}),
		w.sends(0, resource.TestStep{
			Config: w.object(file, `cache_control = "no-cache"`), ConfigPlanChecks: planned(update, untouched), PostApplyFunc: writesNothing,
			ConfigStateChecks: []statecheck.StateCheck{state("callback", knownvalue.Null())},
		}),
		w.sends(5, resource.TestStep{
			PreConfig: func() { w.write("file", "hello") },
			Config:    w.object(file, `cache_control = "no-cache"`), ConfigPlanChecks: planned(update),
			PostApplyFunc: app.received(t, "dir/file.txt 5", "6 me"),
		}),
	)
}

// Values from other resources are known at the upload.
func TestAccObject_callbackUnknown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	app := newApplication(t, 200)
	w.test(w.sends(5, resource.TestStep{
		Config: fmt.Sprintf(`
resource "terraform_data" "url" {
  input = %q
}
`, app.url) + w.object(w.write("file", "hello"), `callback = {
    url  = terraform_data.url.output
    body = "$${x:id}"
    vars = { "x:id" = terraform_data.url.id == "" ? "none" : "some" }
  }`),
		ConfigPlanChecks: planned(),
		PostApplyFunc:    app.received(t, "some"),
	}))
}

func TestAccObject_callbackInvalid(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	file := w.write("file", "hello")
	const good = "http://example.com"
	var steps []resource.TestStep
	for line, text := range map[string]string{
		callback("ftp://example.com", "b", ""):                                    "address 1 of 1 is not valid",
		callback("example.com", "b", ""):                                          "address 1 of 1 is not valid",
		callback(good+";", "b", ""):                                               "address 2 of 2 is not valid",
		callback(strings.Repeat(good+";", 5)+good, "b", ""):                       "there are 6",
		callback(good, "", ""):                                                    "callback.body must not be empty",
		callback(good, "b", `body_type = "text/plain"`):                           "value must be one of",
		callback(good, "b", `host = "a b "`):                                      "callback.host",
		callback(good, "b", `vars = { "X:a" = "b" }`):                             "the name must consist of x: and",
		callback(good, "b", `vars = { "x:A" = "b" }`):                             "the name must consist of x: and",
		callback(good, "b", `vars = { "who" = "b" }`):                             "the name must consist of x: and",
		callback(good, strings.Repeat("b", 4000), ""):                             "Callback too large",
		callback(good, "b", `vars = { "x:a" = "`+strings.Repeat("v", 4000)+`" }`): "Callback too large",
		`callback = { url = "http://example.com" }`:                               `attribute "body" is required`,
	} {
		steps = append(steps, resource.TestStep{Config: w.object(file, line), PlanOnly: true, ExpectError: says(text)})
	}
	w.test(steps...)
}

// A failed callback is a warning with the request ID, and the object is in the state.
func TestCallbackFailed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	app := newApplication(t, 500)
	s := w.serve(nil)
	config := objectConfig(w.write("file", "hello"))
	callbackType := s.object.AttributeTypes["callback"].(tftypes.Object)
	config["callback"] = filled(callbackType, map[string]tftypes.Value{"url": text(app.url), "body": text("x")})
	done := s.applyCreate(t.Context(), config, s.planCreate(config).PlannedState)
	s.expectDiagnostic(done.Diagnostics, tfprotov6.DiagnosticSeverityWarning, "Upload succeeded with a warning", "",
		"oss://test-bucket/dir/file.txt is stored, but its callback failed and is not repeated: PutObject: OSS answered 203 CallbackFailed: Error status : 500. (request ID ")
	if s.isNull(done.NewState) {
		t.Error("there is no state")
	}
	app.received(t, "x")()
}
