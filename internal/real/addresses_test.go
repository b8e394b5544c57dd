// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package real

import (
	"crypto/rand"
	"mime"
	"path"
	"strings"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/ossclient"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// askAddresses checks domains, endpoints and content types.
func (w *world) askAddresses() {
	w.ask("A4", "HEAD of HTML and of an image has neither a Content-Disposition nor x-oss-force-download from OSS", "neither", func(p *probe) {
		for _, name := range []string{"page.html", "image.png"} {
			p.put(p.in(plain), p.prefix+name, "<p>text</p>", map[string]string{"Content-Type": mime.TypeByExtension(path.Ext(name))})
			r := p.head(p.in(plain), p.prefix+name)
			p.check(r.header["Content-Disposition"] == nil && r.header["X-Oss-Force-Download"] == nil, "%s has neither", name)
		}
		p.saw("endpoint %s", p.endpoint())
	})
	w.ask("A5", "HEAD and GET of .apk and .ipa files succeed", "200", func(p *probe) {
		for _, name := range []string{"app.apk", "app.ipa"} {
			p.put(p.in(plain), p.prefix+name, "app", map[string]string{"Content-Type": "application/vnd.android.package-archive"})
			p.is("HEAD "+name, p.head(p.in(plain), p.prefix+name), 200)
			p.is("GET "+name, p.do(call{method: "GET", bucket: p.in(plain), key: p.prefix + name}), 200)
		}
	})
	w.ask("A6", "The default public endpoint accepts data (for accounts since 2025-03-20, regions in mainland China return PublicEndpointForbidden)", "404, 200, 200", func(p *probe) {
		p.publicOnly()
		to := p.raw.origin.Scheme + "://oss-" + p.raw.region + ".aliyuncs.com"
		head := p.do(call{method: "HEAD", bucket: p.in(plain), key: p.prefix + "absent", origin: to})
		p.is("HEAD", head, "404 NoSuchKey "+head.element("EC"))
		p.is("PutObject", p.do(call{method: "PUT", bucket: p.in(plain), key: p.prefix + "default", origin: to, body: "text"}), 200)
		begun := p.do(call{method: "POST", bucket: p.in(plain), key: p.prefix + "default", query: []string{"uploads"}, origin: to})
		p.is("Initiate", begun, 200)
	})
	w.ask("A7", "HEAD returns NoSuchKey, NoSuchBucket and SignatureDoesNotMatch in x-oss-err", "all in x-oss-err", func(p *probe) {
		p.refuses("no object", p.head(p.in(plain), p.prefix+"absent"), 404, "NoSuchKey")
		p.refuses("no bucket", p.head("ossresumable-"+strings.ToLower(rand.Text()), "absent"), 404, "NoSuchBucket")
		credentials, err := p.config.Credentials.Credentials(p.ctx)
		p.must(err)
		credentials.AccessKeySecret += "x"
		r := p.do(call{method: "HEAD", bucket: p.in(plain), key: p.prefix + "absent", credentials: &credentials})
		p.refuses("wrong secret", r, 403, "SignatureDoesNotMatch")
	})
	w.ask("A8", "OSS accepts a V4 signature with the header Date instead of x-oss-date", "200", func(p *probe) {
		p.put(p.in(plain), p.prefix+"dated", "text", nil)
		p.is("HEAD", p.head(p.in(plain), p.prefix+"dated"), 200)
	})
	w.ask("A8x", "oss-accelerate accepts a signature for the region of the bucket", "a complete upload", func(p *probe) {
		p.variable(accelerateVariable)
		cfg := p.config
		cfg.Endpoint, cfg.Accelerate = "", true
		if p.server != nil {
			cfg.Endpoint, cfg.Accelerate = "http://oss-accelerate.aliyuncs.com", false
		}
		p.through(cfg, "accelerated")
	})
	w.ask("A8c", "A CNAME accepts that signature, and answers contain the bucket", "a complete upload", func(p *probe) {
		cfg := p.config
		cfg.Endpoint, cfg.CNAME = p.variable(cnameVariable), true
		p.through(cfg, "cname")
	})
}

// through performs an upload with another endpoint.
func (p *probe) through(cfg ossclient.Config, name string) {
	client, err := ossclient.New(cfg)
	p.must(err)
	p.client = client

	up := p.initiate(resumable.Destination{Object: p.object(plain, name)})
	p.send(up, []byte(name))
	parts, err := client.ListParts(p.ctx, up.Upload)
	p.must(err)
	p.same(parts, up.parts)
	open, err := client.ListMultipartUploads(p.ctx, up.Object)
	p.must(err)
	p.is("uploads", len(open), 1)
	p.complete(up)
	p.is("CRC-64", p.info(up.Object).CRC64, crcOf(up.content))
}
