// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

// Runs ali-oss, the vendor's client for Node.js, against the server named by
// OSS_TEST_ENDPOINT, once for each version of the signature. npm_test.go starts
// the server and sets the environment.

'use strict';

const assert = require('node:assert/strict');
const crypto = require('node:crypto');
const fs = require('node:fs');
const http = require('node:http');
const os = require('node:os');
const path = require('node:path');
const { after, before, describe, test } = require('node:test');
const OSS = require('ali-oss');

const partSize = 100 * 1024;
const environment = {
  accessKeyId: process.env.OSS_TEST_ACCESS_KEY_ID,
  accessKeySecret: process.env.OSS_TEST_ACCESS_KEY_SECRET,
  endpoint: process.env.OSS_TEST_ENDPOINT,
  region: `oss-${process.env.OSS_TEST_REGION}`,
};
const temporary = {
  accessKeyId: process.env.OSS_TEST_STS_ID,
  accessKeySecret: process.env.OSS_TEST_STS_KEY,
  stsToken: process.env.OSS_TEST_STS_TOKEN,
};

const text = Buffer.from('text'); // a string would be the name of a file
const md5 = (bytes) => crypto.createHash('md5').update(bytes).digest('hex').toUpperCase();
const fails = (code, status) => (error) => error.code === code && (!status || error.status === status);

for (const authorizationV4 of [false, true]) {
  describe(`ali-oss, signature ${authorizationV4 ? 'V4' : 'V1'}`, () => {
    const bucket = `conformance-v${authorizationV4 ? 4 : 1}`;
    const client = new OSS({ ...environment, bucket, authorizationV4 });
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'conformance-'));
    const bytes = crypto.randomBytes(5 * partSize + 123);
    const file = path.join(folder, 'five-and-a-bit-parts');
    fs.writeFileSync(file, bytes);

    before(() => client.putBucket(bucket));
    after(() => fs.rmSync(folder, { recursive: true }));

    const content = async (name, options) => (await client.get(name, options)).content;

    test('put, head, get', async () => {
      const name = 'folder/ä key+with (signs)%20.txt';
      const put = await client.put(name, bytes, {
        meta: { origin: 'conformance' },
        headers: { 'Cache-Control': 'no-cache', 'Content-Disposition': 'attachment' },
      });
      assert.equal(put.res.headers.etag, `"${md5(bytes)}"`);
      const head = await client.head(name);
      assert.equal(head.meta.origin, 'conformance');
      assert.equal(head.res.headers['content-type'], 'text/plain');
      assert.equal(head.res.headers['cache-control'], 'no-cache');
      assert.equal(head.res.headers['content-length'], String(bytes.length));
      assert.equal(head.res.headers['x-oss-hash-crc64ecma'], put.res.headers['x-oss-hash-crc64ecma']);
      assert.deepEqual(await content(name), bytes);
      const meta = await client.getObjectMeta(name);
      assert.equal(meta.res.headers['x-oss-meta-origin'], undefined);
    });

    test('put a stream of unknown length', async () => {
      await client.putStream('stream', fs.createReadStream(file));
      assert.deepEqual(await content('stream'), bytes);
    });

    test('ranges', async () => {
      await client.put('range', bytes);
      const range = (value) => content('range', { headers: { Range: value } });
      assert.deepEqual(await range('bytes=100-199'), bytes.subarray(100, 200));
      assert.deepEqual(await range(`bytes=${bytes.length - 10}-`), bytes.subarray(-10));
      assert.deepEqual(await range('bytes=-10'), bytes.subarray(-10));
    });

    test('conditions', async () => {
      const { res } = await client.put('condition', text);
      const head = (headers) => client.head('condition', { headers });
      assert.equal((await head({ 'If-None-Match': res.headers.etag })).status, 304);
      await assert.rejects(head({ 'If-Match': '"0"' }), { status: 412 });
    });

    test('a signed URL', async () => {
      await client.put('signed', text);
      // The client signs no URL with an IP address in it.
      const { port } = new URL(environment.endpoint);
      const named = new OSS({ ...environment, endpoint: `http://localhost:${port}`, bucket, authorizationV4 });
      const url = authorizationV4
        ? await named.signatureUrlV4('GET', 60, undefined, 'signed')
        : named.signatureUrl('signed');
      assert.equal(new URL(url).hostname, `${bucket}.localhost`);
      assert.deepEqual(await getFromLoopback(url), { status: 200, body: 'text' });
      assert.equal((await getFromLoopback(url.replace('/signed?', '/other?'))).status, 403);
    });

    test('copy', async () => {
      await client.put('copy-source', bytes, { meta: { origin: 'source' } });
      await client.copy('copy', 'copy-source');
      assert.equal((await client.head('copy')).meta.origin, 'source');
      await client.copy('copy', 'copy-source', { meta: { origin: 'request' } });
      assert.equal((await client.head('copy')).meta.origin, 'request');
      assert.deepEqual(await content('copy'), bytes);
    });

    test('append', async () => {
      const first = await client.append('append', Buffer.from('one '));
      await client.append('append', Buffer.from('two'), { position: first.nextAppendPosition });
      assert.equal(String(await content('append')), 'one two');
      await assert.rejects(client.append('append', Buffer.from('!'), { position: 1 }), fails('PositionNotEqualToLength', 409));
    });

    test('list', async () => {
      for (const name of ['list/a', 'list/b/1', 'list/b/2', 'list/c & d', 'list/ü']) {
        await client.put(name, text);
      }
      const one = await client.list({ prefix: 'list/', delimiter: '/', 'max-keys': 2 });
      assert.deepEqual(one.objects.map((o) => o.name), ['list/a']);
      assert.deepEqual(one.prefixes, ['list/b/']);
      assert.equal(one.isTruncated, true);
      const two = await client.list({ prefix: 'list/', delimiter: '/', marker: one.nextMarker });
      assert.deepEqual(two.objects.map((o) => o.name), ['list/c & d', 'list/ü']);
      const v2 = await client.listV2({ prefix: 'list/', 'max-keys': 3 });
      assert.equal(v2.keyCount, 3);
      const rest = await client.listV2({ prefix: 'list/', 'continuation-token': v2.nextContinuationToken });
      assert.deepEqual(rest.objects.map((o) => o.name), ['list/c & d', 'list/ü']);
    });

    test('tagging', async () => {
      await client.put('tagged', text, { headers: { 'x-oss-tagging': 'team=a%20b&stage=test' } });
      assert.deepEqual((await client.getObjectTagging('tagged')).tag, { stage: 'test', team: 'a b' });
      await client.putObjectTagging('tagged', { only: 'one' });
      assert.deepEqual((await client.getObjectTagging('tagged')).tag, { only: 'one' });
      await client.deleteObjectTagging('tagged');
      assert.deepEqual((await client.getObjectTagging('tagged')).tag, {});
      await assert.rejects(client.put('tagged', text, { headers: { 'x-oss-tagging': 'a=%25' } }), fails('InvalidTag', 400));
    });

    test('ACL', async () => {
      await client.put('acl', text, { headers: { 'x-oss-object-acl': 'public-read' } });
      assert.equal((await client.getACL('acl')).acl, 'public-read');
      await client.putACL('acl', 'private');
      assert.equal((await client.getACL('acl')).acl, 'private');
      await client.putBucketACL(bucket, 'public-read');
      assert.equal((await client.getBucketACL(bucket)).acl, 'public-read');
      await client.putBucketACL(bucket, 'private');
    });

    test('multipart, resumed from a checkpoint', async () => {
      let checkpoint;
      const interrupted = client.multipartUpload('multipart', file, {
        partSize,
        parallel: 1,
        progress: (share, saved) => {
          checkpoint = saved;
          if (saved && saved.doneParts.length === 3) client.cancel();
        },
      });
      await assert.rejects(interrupted, { name: 'cancel' });
      const listed = await client.listParts('multipart', checkpoint.uploadId);
      assert.deepEqual(listed.parts.map((p) => p.PartNumber), ['1', '2', '3']);

      const resumed = await client.multipartUpload('multipart', file, { checkpoint, parallel: 1 });
      assert.match(resumed.etag, /^"[0-9A-F]{32}-6"$/);
      assert.deepEqual(await content('multipart'), bytes);
      await assert.rejects(client.listParts('multipart', checkpoint.uploadId), fails('NoSuchUpload', 404));
    });

    test('multipart by hand: pages, abort', async () => {
      const ids = [];
      for (const name of ['by-hand/a', 'by-hand/a', 'by-hand/b']) {
        ids.push((await client.initMultipartUpload(name)).uploadId);
      }
      const page = await client.listUploads({ prefix: 'by-hand/', 'max-uploads': 1 });
      assert.equal(page.uploads.length, 1);
      const rest = await client.listUploads({
        prefix: 'by-hand/', 'max-uploads': 10,
        'key-marker': page.nextKeyMarker, 'upload-id-marker': page.nextUploadIdMarker,
      });
      assert.deepEqual([...page.uploads, ...rest.uploads].map((u) => u.uploadId), [...ids.slice(0, 2).sort(), ids[2]]);

      for (const number of [1, 2, 3]) {
        await client.uploadPart('by-hand/b', ids[2], number, file, 0, partSize);
      }
      const parts = await client.listParts('by-hand/b', ids[2], { 'max-parts': 2, 'part-number-marker': 1 });
      assert.deepEqual(parts.parts.map((p) => p.PartNumber), ['2', '3']);
      for (const [i, name] of ['by-hand/a', 'by-hand/a', 'by-hand/b'].entries()) {
        await client.abortMultipartUpload(name, ids[i]);
      }
      await assert.rejects(client.abortMultipartUpload('by-hand/b', ids[2]), fails('NoSuchUpload', 404));
    });

    test('errors of Complete', async () => {
      const { uploadId } = await client.initMultipartUpload('wrong');
      const part = async (number, end) => ({
        number, etag: (await client.uploadPart('wrong', uploadId, number, file, 0, end)).etag,
      });
      const [one, two] = [await part(1, 10), await part(2, 10)];
      const complete = (parts) => client.completeMultipartUpload('wrong', uploadId, parts);
      await assert.rejects(complete([one, two]), fails('EntityTooSmall', 400));
      await assert.rejects(complete([{ ...one, etag: '"0"' }]), fails('InvalidPart', 400));
      await complete([two]);
      assert.deepEqual(await content('wrong'), bytes.subarray(0, 10));
    });

    test('part copy', async () => {
      await client.put('part-copy-source', bytes);
      await client.multipartUploadCopy('part-copy', { sourceKey: 'part-copy-source', sourceBucketName: bucket }, { partSize, parallel: 2 });
      assert.deepEqual(await content('part-copy'), bytes);
    });

    test('forbid overwrite', async () => {
      const options = { headers: { 'x-oss-forbid-overwrite': 'true' } };
      await client.put('once', text, options);
      await assert.rejects(client.put('once', Buffer.from('other'), options), fails('FileAlreadyExists', 409));
    });

    test('a temporary credential', async () => {
      const sts = new OSS({ ...environment, ...temporary, bucket, authorizationV4 });
      await sts.put('sts', text);
      assert.equal(String(await content('sts')), 'text');
      const wrong = new OSS({ ...environment, ...temporary, stsToken: 'wrong', bucket, authorizationV4 });
      await assert.rejects(wrong.put('sts', text), fails('InvalidSecurityToken', 403));
    });

    test('wrong keys', async () => {
      const unknown = new OSS({ ...environment, accessKeyId: 'unknown', bucket, authorizationV4 });
      await assert.rejects(unknown.put('key', text), fails('InvalidAccessKeyId', 403));
      const wrong = new OSS({ ...environment, accessKeySecret: 'wrong', bucket, authorizationV4 });
      await assert.rejects(wrong.put('key', text), fails('SignatureDoesNotMatch', 403));
      await assert.rejects(wrong.head('key'), { status: 403 });
    });

    test('versioning', async () => {
      const versioned = `${bucket}-versioned`;
      const client = new OSS({ ...environment, bucket: versioned, authorizationV4 });
      await client.putBucket(versioned);
      await client.putBucketVersioning(versioned, 'Enabled');
      assert.equal((await client.getBucketVersioning(versioned)).versionStatus, 'Enabled');
      const one = (await client.put('key', Buffer.from('one'))).res.headers['x-oss-version-id'];
      const two = (await client.put('key', Buffer.from('two'))).res.headers['x-oss-version-id'];
      assert.equal(String((await client.get('key', { versionId: one })).content), 'one');
      await client.delete('key');
      await assert.rejects(client.get('key'), fails('NoSuchKey', 404));
      const list = await client.getBucketVersions();
      assert.deepEqual(list.objects.map((o) => o.versionId), [two, one]);
      assert.equal(list.deleteMarker.length, 1);
      await client.delete('key', { versionId: list.deleteMarker[0].versionId });
      assert.equal(String((await client.get('key')).content), 'two');
      await client.delete('key', { versionId: one });
      await client.delete('key', { versionId: two });
      await client.deleteBucket(versioned);
    });

    test('delete', async () => {
      await assert.rejects(client.deleteBucket(bucket), fails('BucketNotEmpty', 409));
      await client.delete('never existed');
      await client.delete('range');
      await assert.rejects(client.get('range'), fails('NoSuchKey', 404));
      await assert.rejects(client.head('range'), fails('NoSuchKey', 404));
      const { objects } = await client.list({ 'max-keys': 1000 });
      const names = objects.map((o) => o.name);
      const { deleted } = await client.deleteMulti(names);
      assert.deepEqual(deleted.map((d) => d.Key), names);
      await client.deleteBucket(bucket);
      await assert.rejects(client.put('key', text), fails('NoSuchBucket', 404));
    });
  });
}

// getFromLoopback gets http://<bucket>.localhost/…, whether or not the machine
// resolves such names.
function getFromLoopback(url) {
  const { host, port, pathname, search } = new URL(url);
  return new Promise((resolve, reject) => {
    http.get({ host: '127.0.0.1', port, path: pathname + search, headers: { host } }, (response) => {
      let body = '';
      response.on('data', (chunk) => { body += chunk; });
      response.on('end', () => resolve({ status: response.statusCode, body }));
    }).on('error', reject);
  });
}
