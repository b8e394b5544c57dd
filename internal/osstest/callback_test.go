// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package osstest_test

import (
	"encoding/base64"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	. "github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
)

func encoded(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }

// TestCallback tests callbacks of put and complete, in a header or in the URL,
// with good and bad answers of the application. The object is stored in each
// case. Source: API page Callback.
func TestCallback(t *testing.T) {
	var status int
	var answer, called string
	application := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		called = r.Header.Get("Content-Type") + " " + string(body)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, answer)
	}))
	defer application.Close()
	header := []string{
		"x-oss-callback", encoded(`{"callbackUrl":"` + application.URL + `","callbackBody":"${bucket}/${object} ${size} ${x:who}","callbackBodyType":"application/json"}`),
		"x-oss-callback-var", encoded(`{"x:who":"me"}`),
	}
	for _, test := range []struct {
		name   string
		status int
		answer string
		want   int
		code   string
	}{
		{"answered", 200, `{"done":true}`, 200, ""},
		{"invalid JSON", 200, "<done/>", 203, "CallbackFailed"},
		{"refused", 500, "{}", 203, "CallbackFailed"},
	} {
		s, c := start(t, Config{})
		status, answer = test.status, test.answer
		id := c.initiate("/b/multipart")
		list := partList(1, c.part("/b/multipart", id, 1, "xyz"))
		query := "callback=" + url.QueryEscape(header[1]) + "&callback-var=" + url.QueryEscape(header[3])
		for key, request := range map[string]func() reply{
			"put":       func() reply { return c.do("PUT", "/b/put", "xyz", header...) },
			"multipart": func() reply { return c.complete("/b/multipart", id, list, header...) },
			"url":       func() reply { return c.do("PUT", "/b/url?"+query, "xyz") },
		} {
			called = ""
			r := request()
			wantReply(t, test.name+" "+key, r, test.want, test.code)
			if test.code == "" && r.body != answer {
				t.Errorf("%s %s: answered %q", test.name, key, r.body)
			}
			if want := "application/json b/" + key + " 3 me"; called != want {
				t.Errorf("%s %s: called %q, want %q", test.name, key, called, want)
			}
			if got := content(t, s, key); got != "xyz" || r.header.Get("ETag") == "" {
				t.Errorf("%s %s: stored %q, ETag %q", test.name, key, got, r.header.Get("ETag"))
			}
		}
	}
}

// TestCallback_refused tests that invalid callbacks are refused before the body
// is stored. Source: HTTP 400 page.
func TestCallback_refused(t *testing.T) {
	s, c := start(t, Config{})
	const good = `{"callbackUrl":"http://127.0.0.1:1/","callbackBody":"x"}`
	id := c.initiate("/b/k")
	list := partList(1, c.part("/b/k", id, 1, "x"))
	for name, test := range map[string]struct{ callback, variables, message string }{
		"not base64":     {"{}", "", "base64"},
		"not JSON":       {encoded("x"), "", "json"},
		"no URL":         {encoded(`{"callbackBody":"x"}`), "", "url"},
		"no body":        {encoded(`{"callbackUrl":"http://127.0.0.1:1/"}`), "", "body"},
		"body type":      {encoded(`{"callbackUrl":"u","callbackBody":"x","callbackBodyType":"text/plain"}`), "", "body type"},
		"too long":       {encoded(strings.Repeat(" ", 5<<10) + good), "", "length"},
		"variables":      {encoded(good), encoded("[]"), "var"},
		"variable names": {encoded(good), encoded(`{"who":"me"}`), "x:"},
	} {
		header := []string{"x-oss-callback", test.callback}
		if test.variables != "" {
			header = append(header, "x-oss-callback-var", test.variables)
		}
		for operation, r := range map[string]reply{
			"put": c.do("PUT", "/b/k", "x", header...), "complete": c.complete("/b/k", id, list, header...),
		} {
			wantReply(t, operation+" "+name, r, 400, "InvalidArgument")
			if !strings.Contains(r.element("Message"), test.message) {
				t.Errorf("%s %s: %s", operation, name, r.element("Message"))
			}
		}
	}
	if _, stored := s.Object("b", "k"); stored {
		t.Error("the object was stored")
	}
	wantReply(t, "both", c.do("PUT", "/b/k?callback="+url.QueryEscape(encoded(good)), "x", "x-oss-callback", encoded(good)), 400, "InvalidArgument")
}

// TestCallback_proxy tests that other hosts are reached through the proxy only,
// and that redirects are not followed. Source: SDK v2 tests.
func TestCallback_proxy(t *testing.T) {
	called := make(chan string, 10)
	internet := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		called <- r.URL.String()
		http.Redirect(w, r, "http://elsewhere.example/", http.StatusMovedPermanently)
	}))
	defer internet.Close()
	proxy, err := url.Parse(internet.URL)
	if err != nil {
		t.Fatal(err)
	}
	const asked = "http://application.example/called"
	header := []string{"x-oss-callback", encoded(`{"callbackUrl":"` + asked + `","callbackBody":"x"}`)}

	_, without := start(t, Config{})
	wantReply(t, "without a proxy", without.do("PUT", "/b/k", "x", header...), 203, "CallbackFailed")
	if len(called) > 0 {
		t.Errorf("called %s without a proxy", <-called)
	}
	_, c := start(t, Config{CallbackProxy: proxy})
	r := c.do("PUT", "/b/k", "x", header...)
	wantReply(t, "redirected", r, 203, "CallbackFailed")
	if got, want := r.element("Message"), "Error status : 301."; got != want {
		t.Errorf("message %q, want %q", got, want)
	}
	if len(called) != 1 {
		t.Fatalf("called %d times", len(called))
	}
	if got := <-called; got != asked {
		t.Errorf("called %s, want %s", got, asked)
	}
}
