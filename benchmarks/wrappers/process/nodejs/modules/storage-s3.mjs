// Client of a storage that speaks S3: MinIO, or any other; standard library only, buckets in the path.
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { bodyOf, Service } from './shared-signing.mjs';
import { asPair, checkedBucket, checkedKey, uniqueName } from './storage-base.mjs';

/** S3 takes parts of 5 MB or more, the last one excepted. */
const PART_BYTES = 8 * 1024 * 1024;

export class S3Storage {
  #service = new Service('s3', {
    endpoint: process.env.SEBS_STORAGE_ENDPOINT,
    region: process.env.SEBS_STORAGE_REGION,
    accessKey: process.env.SEBS_STORAGE_ACCESS_KEY,
    secretKey: process.env.SEBS_STORAGE_SECRET_KEY,
  });

  /** Stores a local file. A promise of the unique key that it got; also iterable as [key, promise]. */
  upload(bucket, file, filepath) {
    const key = uniqueName(file);
    return asPair(key, this.#uploadFile(bucket, key, filepath));
  }

  /** With bytes, text or a readable: a promise of the unique key. Without: [writable, promise of the key, key]. */
  uploadStream(bucket, file, data) {
    const key = uniqueName(file);
    if (data instanceof Uint8Array || typeof data === 'string') return this.#put(bucket, key, Buffer.from(data));
    const source = data ?? new PassThrough();
    const stored = this.#uploadReadable(bucket, key, source);
    return data === undefined ? [source, stored, key] : stored;
  }

  /** Writes an object to a local file; folders on the way are made. */
  async download(bucket, file, filepath) {
    const response = await this.#open('GET', bucket, file);
    await mkdir(dirname(filepath), { recursive: true });
    await pipeline(response, createWriteStream(filepath));
  }

  /** A promise of a readable with the bytes of an object. */
  downloadStream(bucket, file) {
    return this.#open('GET', bucket, file);
  }

  /** Writes all objects below a prefix to `path`/<key>; a promise of their keys in order. */
  async downloadDirectory(bucket, prefix, path) {
    const start = checkedKey(bucket, prefix.replace(/\/+$/, ''));
    const keys = await this.#list(bucket, `${start}/`);
    for (const key of keys) await this.download(bucket, checkedKey(bucket, key), join(path, key));
    return keys.sort();
  }

  async #uploadFile(bucket, key, filepath) {
    const { size } = await stat(filepath);
    const headers = { 'content-length': String(size) };
    await this.#send('PUT', bucket, key, { headers, body: () => createReadStream(filepath) });
    return key;
  }

  async #put(bucket, key, data) {
    await this.#send('PUT', bucket, key, withLength(data));
    return key;
  }

  /** Its length is not known beforehand: small ones in one request, others in parts. */
  async #uploadReadable(bucket, key, source) {
    const parts = partsOf(source);
    const first = await parts.next();
    if (first.done) return this.#put(bucket, key, Buffer.alloc(0));
    if (first.value.length < PART_BYTES) return this.#put(bucket, key, first.value);
    const begun = String((await this.#send('POST', bucket, key, { query: [['uploads', '']], ...withLength() })).body);
    const upload = ['uploadId', unescaped(/<UploadId>(.*?)<\/UploadId>/.exec(begun)[1])];
    try {
      const tags = [];
      for (let part = first; !part.done; part = await parts.next()) {
        const query = [['partNumber', String(tags.length + 1)], upload];
        tags.push((await this.#send('PUT', bucket, key, { query, ...withLength(part.value) })).headers.etag);
      }
      const list = tags.map((tag, n) => `<Part><PartNumber>${n + 1}</PartNumber><ETag>${tag}</ETag></Part>`).join('');
      const xml = Buffer.from(`<CompleteMultipartUpload>${list}</CompleteMultipartUpload>`);
      const { body } = await this.#send('POST', bucket, key, { query: [upload], ...withLength(xml) });
      // This one answer may be an error that comes with status 200.
      if (body.includes('<Error>'))
        throw new Error(`'${key}' could not be put together in bucket '${bucket}': ${codeIn(body)}`);
      return key;
    } catch (error) {
      await this.#send('DELETE', bucket, key, { query: [upload] });
      throw error;
    }
  }

  async #list(bucket, prefix) {
    const keys = [];
    let more = [];
    do {
      const query = [['list-type', '2'], ['encoding-type', 'url'], ['prefix', prefix], ...more];
      const text = String((await this.#send('GET', bucket, null, { query })).body);
      for (const [, key] of text.matchAll(/<Key>(.*?)<\/Key>/g))
        keys.push(decodeURIComponent(key.replaceAll('+', ' ')));
      const [, token] = /<NextContinuationToken>(.*?)<\/NextContinuationToken>/.exec(text) ?? [];
      more = token === undefined ? [] : [['continuation-token', unescaped(token)]];
    } while (more.length > 0);
    return keys;
  }

  /** Headers and body of a response that was read in full. */
  async #send(method, bucket, key, options) {
    const response = await this.#open(method, bucket, key, options);
    return { headers: response.headers, body: await bodyOf(response) };
  }

  async #open(method, bucket, key, { query, headers, body } = {}) {
    const path = key === null ? `/${checkedBucket(bucket)}` : `/${checkedBucket(bucket)}/${checkedKey(bucket, key)}`;
    const response = await this.#service.request({ method, path, query, headers, body });
    if (response.statusCode < 300) return response;
    const code = codeIn(await bodyOf(response));
    const error = new Error(
      response.statusCode === 404
        ? `there is no object '${key}' in bucket '${bucket}' (${code})`
        : `${method} of '${key}' in bucket '${bucket}' failed: ${response.statusCode} ${code}`,
    );
    throw response.statusCode === 404 ? Object.assign(error, { code: 'ENOENT' }) : error;
  }
}

function withLength(data = Buffer.alloc(0)) {
  return { headers: { 'content-length': String(data.length) }, body: () => data };
}

/** What a readable gives, in portions of one part each. */
async function* partsOf(source) {
  let chunks = [];
  let bytes = 0;
  for await (const chunk of source) {
    chunks.push(Buffer.from(chunk));
    bytes += chunks.at(-1).length;
    if (bytes < PART_BYTES) continue;
    const all = Buffer.concat(chunks);
    const whole = all.length - (all.length % PART_BYTES);
    for (let at = 0; at < whole; at += PART_BYTES) yield all.subarray(at, at + PART_BYTES);
    chunks = [all.subarray(whole)];
    bytes = all.length - whole;
  }
  if (bytes > 0) yield Buffer.concat(chunks);
}

function codeIn(xml) {
  return /<Code>(.*?)<\/Code>/.exec(String(xml))?.[1] ?? 'no reason given';
}

const ENTITIES = { lt: '<', gt: '>', quot: '"', '#34': '"', amp: '&' };

function unescaped(text) {
  return text.replace(/&(lt|gt|quot|#34|amp);/g, (_, name) => ENTITIES[name]);
}
