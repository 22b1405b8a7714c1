// What is deployed already, called through the real command: a server on loopback plays the function. No secret of the
// environment reaches a file or a message, whatever the server sends back.
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeWorkspace, manifestOf, planOfRun, rowsOf, type Workspace } from '../support/workspace.js';

let user: Workspace;
let server: Server;
let requests: { method: string; url: string; headers: IncomingMessage['headers']; body: string }[];
let answer: (request: IncomingMessage, response: ServerResponse, body: string) => void;
let origin = '';

beforeEach(async () => {
  user = makeWorkspace();
  requests = [];
  answer = (_request, response) => void response.setHeader('x-instance-id', 'one').end('{"ok":true}');
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => {
      requests.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, body });
      answer(request, response, body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
  user.end();
});

function write(platform: string, factors = ''): void {
  user.write(
    'suite.yaml',
    `
version: 1
name: deployed
platforms: { mine: { type: http, ${platform} } }
experiments: { latency: { type: perf-cost, starts: warm, repetitions: 6, factors: { timeout: 5s, ${factors} } } }
order: { blocks: 2 }
limits: { failures: 100% }
`,
  );
}

describe('a function at a URL', () => {
  it('is sent what the suite says, and its answers are judged and told apart', async () => {
    write(`url: "${origin}/f?x=1", event: { width: 200 }, headers: { X-Own: mine }, expect: { json: { ok: true } },
      evidence: { sandbox_id: "header: x-instance-id" }`);
    let count = 0;
    answer = (_request, response) => {
      count += 1;
      response.setHeader('x-instance-id', count < 5 ? 'one' : 'two').end(JSON.stringify({ ok: count !== 3, count }));
    };
    const { code, stdout, stderr } = await user.sebs(['run', 'suite.yaml', '-q']);
    expect(code, stdout + stderr).toBe(0);
    const run = user.runs()[0] ?? '';
    const rows = rowsOf(run);
    expect(requests.length).toBe(rows.length);
    expect(requests[0]).toMatchObject({ method: 'POST', url: '/f?x=1', body: '{"width":200}' });
    expect(requests[0]?.headers).toMatchObject({ 'x-own': 'mine', 'content-type': 'application/json' });
    expect(rows.filter(({ outcome }) => outcome === 'invalid_output').map(({ error }) => error)).toEqual([
      'the output is not what the suite expects at /ok',
    ]);
    expect([...new Set(rows.map(({ sandbox_id }) => sandbox_id))]).toEqual(['one', 'two']);
    expect(rows[0]?.start_observed).toBe('unknown');
    expect(rows[1]?.start_observed).toBe('warm-reused');
    const [cell] = planOfRun(run).cells;
    expect([cell?.benchmark, cell?.language, cell?.memory_mb, cell?.input]).toEqual([null, null, null, null]);
    expect(readFileSync(join(run, 'raw/ledger.jsonl'), { encoding: 'utf8', flag: 'a+' })).toBe('');
  }, 60_000);

  it('succeeds with the statuses that the suite names, and fails with others', async () => {
    write(`url: "${origin}/", method: GET, expect: { status: [201, 204] }`, 'connection: [fresh, keep-alive]');
    let count = 0;
    answer = (_request, response) => {
      count += 1;
      response.writeHead(count % 2 === 0 ? 201 : 204).end();
    };
    const { code, stdout, stderr } = await user.sebs(['run', 'suite.yaml', '-q']);
    expect(code, stdout + stderr).toBe(0);
    expect(requests.every(({ method, body }) => method === 'GET' && body === '')).toBe(true);
    const rows = rowsOf(user.runs()[0] ?? '');
    expect(new Set(rows.map(({ outcome }) => outcome))).toEqual(new Set(['ok']));
    expect(new Set(rows.map(({ connection_reused }) => connection_reused))).toEqual(new Set([true, false]));

    answer = (_request, response) => void response.writeHead(302, { location: '/elsewhere' }).end('moved');
    const moved = await user.sebs(['run', 'suite.yaml', '-q']);
    expect(moved.code).toBe(3);
    expect(moved.stdout).toContain('HTTP status 302');
  }, 60_000);

  it('keeps the secrets of the environment out of every file and message', async () => {
    const canaries = { TOKEN: 'canary-token-"1', KEY: 'canary/key 2', ADDRESS: `${origin}/canary-path-3` };
    write(`url: "\${ADDRESS}?code=\${KEY}", auth: "Bearer \${TOKEN}", headers: { X-Key: "\${KEY}" },
      evidence: { sandbox_id: "header: x-echo" }`);
    // Everything comes back: in a header, in a body that is quoted as an error, in an answer that is none.
    let count = 0;
    answer = (request, response, body) => {
      count += 1;
      const said = { headers: request.headers, url: request.url, body, key: canaries.KEY, token: canaries.TOKEN };
      response.setHeader('x-echo', encodeURIComponent(String(request.headers['x-key'])));
      if (count % 3 === 0) response.writeHead(500).end(JSON.stringify(said));
      else if (count % 3 === 1) response.end(JSON.stringify({ error: { message: JSON.stringify(said) } }));
      else response.socket?.destroy();
    };
    const { stdout, stderr } = await user.sebs(['run', 'suite.yaml'], { env: canaries, timeout: 60_000 });
    expect(requests[0]?.headers.authorization).toBe('Bearer canary-token-"1');
    expect(requests[0]?.url).toBe('/canary-path-3?code=canary/key%202');
    const missing = await user.sebs(['run', 'suite.yaml'], { env: { ...canaries, TOKEN: undefined } });
    expect(missing.stderr).toContain('the environment variable TOKEN is not set');

    const run = user.runs()[0] ?? '';
    expect(manifestOf(run).platforms?.mine?.type).toBe('http');
    expect(rowsOf(run).some(({ error }) => error?.includes(`\${TOKEN}`))).toBe(true);
    const files = readdirSync(user.path, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
    const texts = [stdout, stderr, missing.stdout, missing.stderr, ...files.map((file) => readFileSync(file, 'utf8'))];
    for (const text of texts) {
      for (const secret of ['canary-token', 'canary/key', 'canary%2Fkey', 'canary-path-3', new URL(origin).host])
        expect(text.includes(secret), `${secret} in ${text.slice(0, 200)}`).toBe(false);
    }
  }, 90_000);
});
