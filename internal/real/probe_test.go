// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package real

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/ossclient"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// probe runs one question and collects the observations for its row.
type probe struct {
	*world
	ctx    context.Context
	client *ossclient.Client // that of the world, unless the question needs another one
	seen   []string
	wrong  bool
}

// ended is the panic value that ends a question early.
type ended struct{ verdict string }

// ask runs a question and adds a row. A failed question does not affect the others.
func (w *world) ask(id, question, expected string, ask func(*probe)) (verdict string) {
	w.t.Helper()
	p := &probe{world: w, ctx: w.ctx, client: w.client}
	r := row{id: id, question: question, expected: expected, verdict: p.run(ask)}
	if w.ctx.Err() != nil {
		r.verdict, p.seen = notAsked, []string{"the run was interrupted"}
	}
	r.seen = redact(strings.Join(p.seen, "; "), w.private())
	w.rows = append(w.rows, r)
	w.t.Logf("%-4s %-9s %s %s", r.id, r.verdict, r.question, r.seen)
	if r.verdict == no && r.decides() {
		w.unexpected(r)
	}
	return r.verdict
}

func (p *probe) run(ask func(*probe)) (verdict string) {
	defer func() {
		switch e := recover().(type) {
		case nil:
		case ended:
			verdict = e.verdict
		default:
			panic(e)
		}
	}()
	ask(p)
	if p.wrong {
		return no
	}
	return yes
}

// saw adds an observation to the row.
func (p *probe) saw(format string, args ...any) {
	p.seen = append(p.seen, fmt.Sprintf(format, args...))
}

// is compares an observed value with the expected one.
func (p *probe) is(what string, got, want any) {
	g, w := fmt.Sprint(got), fmt.Sprint(want)
	if g == w {
		p.saw("%s: %s", what, brief(g))
		return
	}
	p.wrong = true
	p.saw("%s: %q instead of %q", what, brief(g), brief(w))
}

// brief shortens a text for the table.
func brief(text string) string {
	if len(text) > 80 {
		return fmt.Sprintf("%s… (%d bytes)", strings.ToValidUTF8(text[:60], ""), len(text))
	}
	return text
}

// check is like is, for a condition.
func (p *probe) check(ok bool, format string, args ...any) {
	p.wrong = p.wrong || !ok
	text := fmt.Sprintf(format, args...)
	if !ok {
		text = "NOT: " + text
	}
	p.seen = append(p.seen, text)
}

// refuses compares the status and code of an answer. The row contains the EC, too.
func (p *probe) refuses(what string, r reply, status int, code string) {
	if !r.is(status, code) {
		p.wrong = true
		p.saw("%s: %s instead of %d %s (request ID %s)", what, r, status, code, r.header.Get("x-oss-request-id"))
		return
	}
	p.saw("%s: %s", what, r)
}

// fails is like refuses, for an error of the client.
func (p *probe) fails(what string, err error, status int, code string) {
	refused, ok := errors.AsType[*resumable.ServiceError](err)
	if !ok || refused.StatusCode != status || refused.Code != code {
		p.wrong = true
		p.saw("%s: %v instead of %d %s", what, err, status, code)
		return
	}
	p.saw("%s: %s", what, told(err))
}

// told returns the status, code and EC of an error.
func told(err error) string {
	if refused, ok := errors.AsType[*resumable.ServiceError](err); ok {
		return strings.TrimSpace(fmt.Sprint(refused.StatusCode, " ", refused.Code, " ", refused.EC))
	}
	return fmt.Sprint(err)
}

// must ends the question if err is not nil.
func (p *probe) must(err error) {
	if err != nil {
		p.saw("%v", err)
		panic(ended{no})
	}
}

// skip ends the question with the verdict "not asked".
func (p *probe) skip(format string, args ...any) {
	p.saw(format, args...)
	panic(ended{notAsked})
}

// realOnly skips a question that the test server cannot answer like OSS.
func (p *probe) realOnly(reason string) {
	if p.server != nil && !p.pretends {
		p.skip("%s", reason)
	}
}

// publicOnly skips a question that only public endpoints of OSS can answer.
func (p *probe) publicOnly() {
	if !strings.HasSuffix(p.endpoint(), ".aliyuncs.com") {
		p.skip("%s is not an endpoint of Alibaba Cloud", p.endpoint())
	}
}

// needs skips a question if an earlier one has not created what it needs.
func (p *probe) needs(there bool, id string) {
	if !there {
		p.skip("%s did not create what this question needs", id)
	}
}

// in returns the bucket of a kind. Without one, it skips the question.
func (p *probe) in(kind string) string {
	if p.buckets[kind] == "" {
		p.skip("%s is not set", bucketVariables[kind])
	}
	return p.buckets[kind]
}

// variable returns an environment variable. If it is not set, it skips the question.
func (p *probe) variable(name string) string {
	if p.variables[name] == "" {
		p.skip("%s is not set", name)
	}
	return p.variables[name]
}

// do sends a raw request and returns the answer with any status.
func (p *probe) do(q call) reply {
	r, err := p.raw.do(p.ctx, q)
	p.must(err)
	return r
}

// done sends a raw request that must succeed.
func (p *probe) done(q call) reply {
	r := p.do(q)
	if r.status/100 != 2 {
		p.must(fmt.Errorf("%s %s: %s", q.method, q.query, r))
	}
	return r
}

// put creates a small object with headers, which are pairs of name and value.
func (p *probe) put(bucket, key, body string, header map[string]string) reply {
	return p.done(call{method: "PUT", bucket: bucket, key: key, body: body, header: header})
}

func (p *probe) head(bucket, key string) reply {
	return p.do(call{method: "HEAD", bucket: bucket, key: key})
}

// asLimited sends a request as a user without a permission. On the test server, it
// temporarily denies the permission for all users.
func (p *probe) asLimited(q call, action string) reply {
	id, secret, _ := strings.Cut(p.variable(limitedVariable), ":")
	q.credentials = &ossclient.Credentials{AccessKeyID: id, AccessKeySecret: secret}
	if p.server != nil {
		defer p.server.DenyActions(action)()
	}
	return p.do(q)
}
