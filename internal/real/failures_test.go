// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package real

import (
	"encoding/base64"
	"net/http"
	"strings"
	"time"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/ossclient"
)

// askFailures checks error answers of OSS. With an unexpected one, the provider's error
// message may be less helpful.
func (w *world) askFailures() {
	absent := func(p *probe) call { return call{method: "GET", bucket: p.in(plain), key: p.prefix + "absent"} }
	other := "cn-shanghai"
	if w.raw.region == other {
		other = "cn-beijing"
	}
	w.ask("D1", "A signature for another region", "400 InvalidArgument (Invalid signing region)", func(p *probe) {
		q := absent(p)
		q.region = other
		r := p.do(q)
		p.refuses("GET", r, 400, "InvalidArgument")
		p.saw("%s", r.element("Message"))
	})
	w.ask("D1e", "The endpoint of another region, with a signature for that region", "403 AccessDenied, with the right Endpoint", func(p *probe) {
		p.realOnly("the test server is the endpoint of one region")
		p.publicOnly()
		q := absent(p)
		q.region, q.origin = other, p.raw.origin.Scheme+"://oss-"+other+".aliyuncs.com"
		r := p.do(q)
		p.refuses("GET", r, 403, "AccessDenied")
		p.check(r.element("Endpoint") != "", "Endpoint %s, %s", r.element("Endpoint"), r.element("Message"))
	})
	w.ask("D2", "A clock that is 20 minutes fast", "403 RequestTimeTooSkewed, with Date", func(p *probe) {
		q := absent(p)
		q.skew = 20*time.Minute + time.Duration(p.offset.Load())
		r := p.do(q)
		p.refuses("GET", r, 403, "RequestTimeTooSkewed")
		_, err := http.ParseTime(r.header.Get("Date"))
		p.check(err == nil, "the answer has a Date")
	})
	w.ask("D3", "A security token that has expired", "403 SecurityTokenExpired", func(p *probe) {
		key := strings.SplitN(p.variable(expiredVariable)+"::", ":", 3)
		q := absent(p)
		q.credentials = &ossclient.Credentials{AccessKeyID: key[0], AccessKeySecret: key[1], SecurityToken: strings.Trim(key[2], ":")}
		p.refuses("GET", p.do(q), 403, "SecurityTokenExpired")
	})
	w.ask("D4", "Throttling: status, code and x-oss-qos-delay-time", "503 or 429, the delay in milliseconds", func(p *probe) {
		p.skip("no limited number of requests causes it")
	})
	w.ask("D5", "400 BadRequest and 401 are transient", "no", func(p *probe) {
		p.skip("no request is known to cause them")
	})
	w.ask("D6", "HEAD returns ETag and Last-Modified if a response rule of the bucket hides them from GET", "both", func(p *probe) {
		p.realOnly("the test server has no response rules")
		p.put(p.in(hiding), p.prefix+"hidden", "text", nil)
		r := p.head(p.in(hiding), p.prefix+"hidden")
		p.check(r.header.Get("ETag") != "", "ETag")
		p.check(r.header.Get("Last-Modified") != "", "Last-Modified")
	})
	w.ask("D7", "A callback that fails", "203 CallbackFailed, and the object exists", func(p *probe) {
		target := "http://callback.invalid/" // a name that never exists
		callback := base64.StdEncoding.EncodeToString([]byte(`{"callbackUrl":"` + target + `","callbackBody":"etag=${etag}"}`))
		r := p.put(p.in(plain), p.prefix+"callback", "text", map[string]string{"x-oss-callback": callback})
		p.refuses("PUT", r, 203, "CallbackFailed")
		p.is("size", p.info(p.object(plain, "callback")).Size, 4)
	})
}
