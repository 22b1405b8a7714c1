// Signed requests (AWS signature version 4) over connections that are kept, with the standard library alone: what S3 and
// DynamoDB servers ask for, MinIO and ScyllaDB included. Credentials stay in this process.
import { createHash, createHmac } from 'node:crypto';
import { buffer } from 'node:stream/consumers';

const TIMEOUT_MS = 60_000;
const UNSIGNED = 'UNSIGNED-PAYLOAD';

/** One service of one server. */
export class Service {
  #name;
  #url;
  #region;
  #accessKey;
  #secretKey;
  #transport;
  #signingKey = { day: '', key: Buffer.alloc(0) };

  constructor(name, { endpoint, region, accessKey, secretKey }) {
    this.#name = name;
    this.#url = new URL(endpoint);
    this.#region = region;
    this.#accessKey = accessKey;
    this.#secretKey = secretKey;
  }

  /**
   * A response whose body is still to be read. `body` makes bytes or a readable: a kept connection may have been closed
   * by the server, and then the request is sent again on a new one.
   */
  async request({ method, path, query = [], headers = {}, body, bodyHash = UNSIGNED }) {
    this.#transport ??= await transportFor(this.#url);
    const { target, signed } = this.#sign(method, path, query, headers, bodyHash);
    for (;;) {
      const outcome = await this.#send(method, target, signed, body?.());
      if (outcome.response !== undefined) return outcome.response;
      const closed = outcome.kept && ['ECONNRESET', 'EPIPE'].includes(outcome.error.code);
      if (!closed) throw outcome.error;
    }
  }

  #send(method, path, headers, content) {
    const { request, agent } = this.#transport;
    return new Promise((resolve) => {
      const sent = request(this.#url, { method, path, headers, agent, timeout: TIMEOUT_MS }, (response) =>
        resolve({ response }),
      );
      sent.on('timeout', () => sent.destroy(new Error(`no answer from ${this.#url.origin} within 60 s`)));
      sent.on('error', (error) => resolve({ error, kept: sent.reusedSocket }));
      if (typeof content?.pipe === 'function') {
        content.on('error', (error) => sent.destroy(error));
        content.pipe(sent);
      } else sent.end(content);
    });
  }

  #sign(method, path, query, headers, bodyHash) {
    const now = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
    const encoded = path.split('/').map(encode).join('/');
    const search = query
      .map(([key, value]) => `${encode(key)}=${encode(value)}`)
      .sort()
      .join('&');
    const all = { host: this.#url.host, 'x-amz-date': now, 'x-amz-content-sha256': bodyHash, ...headers };
    const names = Object.keys(all).sort();
    const lines = names.map((name) => `${name}:${all[name]}`);
    const canonical = [method, encoded, search, ...lines, '', names.join(';'), bodyHash].join('\n');
    const scope = `${now.slice(0, 8)}/${this.#region}/${this.#name}/aws4_request`;
    const text = ['AWS4-HMAC-SHA256', now, scope, sha256(canonical)].join('\n');
    const signature = createHmac('sha256', this.#keyOf(now.slice(0, 8)))
      .update(text)
      .digest('hex');
    const authorization = `AWS4-HMAC-SHA256 Credential=${this.#accessKey}/${scope}, SignedHeaders=${names.join(';')}, Signature=${signature}`;
    return { target: search === '' ? encoded : `${encoded}?${search}`, signed: { ...all, authorization } };
  }

  #keyOf(day) {
    if (this.#signingKey.day !== day) {
      const parts = [day, this.#region, this.#name, 'aws4_request'];
      const first = Buffer.from(`AWS4${this.#secretKey}`);
      this.#signingKey = {
        day,
        key: parts.reduce((key, part) => createHmac('sha256', key).update(part).digest(), first),
      };
    }
    return this.#signingKey.key;
  }
}

export function sha256(data) {
  return createHash('sha256').update(data).digest('hex');
}

/** The whole body, after which the connection is kept. */
export function bodyOf(response) {
  return buffer(response);
}

async function transportFor(url) {
  const { request, Agent } = await import(url.protocol === 'https:' ? 'node:https' : 'node:http');
  return { request, agent: new Agent({ keepAlive: true }) };
}

function encode(text) {
  return encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}
