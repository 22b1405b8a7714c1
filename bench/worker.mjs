// The cost of the workers: p50 of a no-op handler behind a worker against a bare HTTP server of the same language's
// standard library, same client, same run, interleaved in rounds, over kept and over fresh connections. Prints the
// medians, the ratios (the aim is 1.3 at most) and the machine. `node bench/worker.mjs [launches]`; ends in 1 when missed.
import { spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from 'undici';

const AIM = 1.3;
const PER_ROUND = 100;
const ROUNDS = 6;
const launches = Number(process.argv[2] ?? 6);
const wrappers = fileURLToPath(new URL('../benchmarks/wrappers/process/', import.meta.url));
const body = Buffer.from('{"n":1}');

const BARE_PYTHON = `
import http.server, os, sys
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    disable_nagle_algorithm = True
    wbufsize = -1
    def do_POST(self):
        self.rfile.read(int(self.headers['content-length']))
        self.send_response(200)
        self.send_header('content-type', 'application/json')
        self.send_header('content-length', '2')
        self.end_headers()
        self.wfile.write(b'{}')
        self.wfile.flush()
    def log_message(self, *_):
        pass
server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
os.write(3, b'ready %d\\n' % server.server_port)
server.serve_forever()
`;
const BARE_NODE = `
const { createServer } = require('node:http');
const server = createServer((request, response) => {
  request.on('data', () => {});
  request.on('end', () => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': 2 });
    response.end('{}');
  });
});
server.listen(0, '127.0.0.1', () => require('node:fs').writeSync(3, 'ready ' + server.address().port + '\\n'));
`;

/** A package with a handler that does nothing, as the packager lays it out. */
function noopPackage(folder, language) {
  const [worker, file, code] =
    language === 'python'
      ? ['worker.py', 'function.py', 'def handler(event):\n    return {}\n']
      : ['worker.mjs', 'function.mjs', 'export async function handler() {\n  return {};\n}\n'];
  mkdirSync(join(folder, 'function'), { recursive: true });
  copyFileSync(join(wrappers, language, worker), join(folder, worker));
  writeFileSync(join(folder, 'function', file), code);
  if (language === 'python') writeFileSync(join(folder, 'function', '__init__.py'), '');
  writeFileSync(join(folder, 'sebs-package.json'), '{"handler":"function"}');
  return join(folder, worker);
}

/** Starts a server that writes `ready <port>` to descriptor 3. */
async function start(name, command, args) {
  const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit', 'pipe'], detached: true });
  const port = await new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`${name} ended with ${code} before it was ready`)));
    child.stdio[3].once('data', (data) => resolve(Number(String(data).trim().split(' ')[1])));
  });
  return { name, child, origin: `http://127.0.0.1:${port}`, keepAlive: [], fresh: [] };
}

async function send(client) {
  const began = performance.now();
  const response = await client.request({
    method: 'POST',
    path: '/',
    body,
    headers: { 'content-type': 'application/json' },
  });
  await response.body.arrayBuffer();
  const us = (performance.now() - began) * 1000;
  if (response.statusCode !== 200) throw new Error(`status ${response.statusCode}`);
  return us;
}

async function round(server) {
  const kept = new Client(server.origin);
  await send(kept);
  for (let i = 0; i < PER_ROUND; i += 1) server.keepAlive.push(await send(kept));
  await kept.close();
  for (let i = 0; i < PER_ROUND; i += 1) {
    const client = new Client(server.origin);
    server.fresh.push(await send(client));
    await client.close();
  }
}

function quantile(values, q) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))];
}

/** Where the kernel places a process matters as much as its code, so every launch starts all four anew. */
async function launch(folder, totals) {
  const servers = [];
  try {
    servers.push(await start('bare python', 'python3', ['-c', BARE_PYTHON]));
    servers.push(await start('worker python', 'python3', ['-s', '-S', '-B', noopPackage(join(folder, 'p'), 'python')]));
    servers.push(await start('bare nodejs', process.execPath, ['-e', BARE_NODE]));
    servers.push(await start('worker nodejs', process.execPath, [noopPackage(join(folder, 'n'), 'nodejs')]));
    for (let i = -1; i < ROUNDS; i += 1) {
      for (const server of i % 2 === 0 ? servers : [...servers].reverse()) await round(server);
      if (i === -1) for (const server of servers) server.keepAlive.length = server.fresh.length = 0; // warm-up
    }
    for (const { name, keepAlive, fresh } of servers) {
      totals[name] ??= { keepAlive: [], fresh: [] };
      const total = totals[name];
      total.keepAlive.push(...keepAlive);
      total.fresh.push(...fresh);
    }
  } finally {
    for (const server of servers) server.child.kill('SIGKILL');
  }
}

function line(policy, language, totals) {
  const [bare, worker] = [totals[`bare ${language}`][policy], totals[`worker ${language}`][policy]];
  const ratio = quantile(worker, 0.5) / quantile(bare, 0.5);
  const text = (values) => `p50 ${quantile(values, 0.5).toFixed(0)} µs (p99 ${quantile(values, 0.99).toFixed(0)})`;
  const verdict = `ratio ${ratio.toFixed(2)} (aim <= ${AIM})${ratio > AIM ? ' MISSED' : ''}`;
  console.log(`${policy.padEnd(9)} ${language.padEnd(6)} worker ${text(worker)}, bare ${text(bare)}, ${verdict}`);
  return ratio <= AIM;
}

const folder = mkdtempSync(join(tmpdir(), 'sebs-bench-worker-'));
try {
  const totals = {};
  for (let i = 0; i < launches; i += 1) await launch(folder, totals);
  console.log(`${cpus()[0]?.model ?? 'unknown CPU'}, ${cpus().length} cores, Node.js ${process.versions.node}`);
  console.log(`no-op handler, ${launches} launches x ${ROUNDS} rounds x ${PER_ROUND} requests, interleaved`);
  const reached = ['keepAlive', 'fresh'].flatMap((policy) =>
    ['python', 'nodejs'].map((language) => line(policy, language, totals)),
  );
  process.exitCode = reached.every(Boolean) ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
