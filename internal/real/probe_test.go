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

// probe asks one question. What it sees becomes the row.
type probe struct {
	*world
	ctx    context.Context
	client *ossclient.Client // the world's, unless a question needs another
	seen   []string
	wrong  bool
}

// ended is how a probe leaves its question early.
type ended struct{ verdict string }

// ask adds a row. A question that fails leaves the others alone.
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

// saw tells more than the question asked.
func (p *probe) saw(format string, args ...any) {
	p.seen = append(p.seen, fmt.Sprintf(format, args...))
}

// is compares what was seen with what is expected.
func (p *probe) is(what string, got, want any) {
	g, w := fmt.Sprint(got), fmt.Sprint(want)
	if g == w {
		p.saw("%s: %s", what, brief(g))
		return
	}
	p.wrong = true
	p.saw("%s: %q in place of %q", what, brief(g), brief(w))
}

// brief keeps a table readable.
func brief(text string) string {
	if len(text) > 80 {
		return fmt.Sprintf("%s… (%d bytes)", strings.ToValidUTF8(text[:60], ""), len(text))
	}
	return text
}

// check is is for what has no value of its own.
func (p *probe) check(ok bool, format string, args ...any) {
	p.wrong = p.wrong || !ok
	text := fmt.Sprintf(format, args...)
	if !ok {
		text = "NOT: " + text
	}
	p.seen = append(p.seen, text)
}

// refuses compares an answer's status and code; the row has its error number, too.
func (p *probe) refuses(what string, r reply, status int, code string) {
	if !r.is(status, code) {
		p.wrong = true
		p.saw("%s: %s in place of %d %s (request ID %s)", what, r, status, code, r.header.Get("x-oss-request-id"))
		return
	}
	p.saw("%s: %s", what, r)
}

// fails is refuses for an error of the client.
func (p *probe) fails(what string, err error, status int, code string) {
	refused, ok := errors.AsType[*resumable.ServiceError](err)
	if !ok || refused.StatusCode != status || refused.Code != code {
		p.wrong = true
		p.saw("%s: %v in place of %d %s", what, err, status, code)
		return
	}
	p.saw("%s: %s", what, told(err))
}

// told is what OSS answered, as a reply shows it.
func told(err error) string {
	if refused, ok := errors.AsType[*resumable.ServiceError](err); ok {
		return strings.TrimSpace(fmt.Sprint(refused.StatusCode, " ", refused.Code, " ", refused.EC))
	}
	return fmt.Sprint(err)
}

// must ends the question when a step on the way to it fails.
func (p *probe) must(err error) {
	if err != nil {
		p.saw("%v", err)
		panic(ended{no})
	}
}

// skip ends the question unasked.
func (p *probe) skip(format string, args ...any) {
	p.saw(format, args...)
	panic(ended{notAsked})
}

// realOnly is for what the test server cannot answer as OSS would.
func (p *probe) realOnly(reason string) {
	if p.server != nil && !p.pretends {
		p.skip("%s", reason)
	}
}

// publicOnly is for what only Alibaba Cloud's own endpoints can answer.
func (p *probe) publicOnly() {
	if !strings.HasSuffix(p.endpoint(), ".aliyuncs.com") {
		p.skip("%s is not an endpoint of Alibaba Cloud", p.endpoint())
	}
}

// needs ends the question unasked unless an earlier one has brought what it needs.
func (p *probe) needs(there bool, id string) {
	if !there {
		p.skip("%s has not brought what this needs", id)
	}
}

// in is the bucket of a kind, or the end of the question.
func (p *probe) in(kind string) string {
	if p.buckets[kind] == "" {
		p.skip("%s names no bucket", bucketVariables[kind])
	}
	return p.buckets[kind]
}

// variable is the value of an environment variable, or the end of the question.
func (p *probe) variable(name string) string {
	if p.variables[name] == "" {
		p.skip("%s is not set", name)
	}
	return p.variables[name]
}

// do sends a raw request and wants an answer, of whatever status.
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

// put stores a small object, with headers as pairs.
func (p *probe) put(bucket, key, body string, header map[string]string) reply {
	return p.done(call{method: "PUT", bucket: bucket, key: key, body: body, header: header})
}

func (p *probe) head(bucket, key string) reply {
	return p.do(call{method: "HEAD", bucket: bucket, key: key})
}

// asLimited sends a request as a user who lacks a permission. The test server takes
// it from all users meanwhile.
func (p *probe) asLimited(q call, action string) reply {
	id, secret, _ := strings.Cut(p.variable(limitedVariable), ":")
	q.credentials = &ossclient.Credentials{AccessKeyID: id, AccessKeySecret: secret}
	if p.server != nil {
		defer p.server.DenyActions(action)()
	}
	return p.do(q)
}
