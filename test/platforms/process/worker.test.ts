// The workers by themselves: their HTTP, their control channel, and functions that cannot be imported. Raw sockets, since
// a proper client would not send what they must survive.
import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { probeHost, type Runtime, workerCommand } from '../../../src/platforms/process/host.js';
import { until } from '../../contract/driver-harness.js';
import { leftOut } from '../../support/left-out.js';

const wrappers = fileURLToPath(new URL('../../../benchmarks/wrappers/process/', import.meta.url));
const host = await probeHost(process.env);
for (const [language, why] of Object.entries(host.missing)) leftOut(`the ${language} worker`, why);

const ECHO: Readonly<Record<string, Record<string, string>>> = {
  python: { '__init__.py': '', 'function.py': 'def handler(event):\n    return event\n' },
  nodejs: { 'function.mjs': 'export const handler = async (event) => event;\n' },
};

interface Worker {
  child: ChildProcess;
  control: Duplex;
  port: number;
  errors(): string;
}

let folder: string;
const workers: ChildProcess[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sebs-worker-'));
});
afterEach(() => {
  for (const { pid } of workers.splice(0)) {
    try {
      if (pid !== undefined) process.kill(-pid, 'SIGKILL');
    } catch {
      // it has ended
    }
  }
  rmSync(folder, { recursive: true, force: true });
});

async function start(runtime: Runtime, files: Record<string, string>, handler = 'function'): Promise<Worker> {
  cpSync(join(wrappers, runtime.language), folder, { recursive: true });
  mkdirSync(join(folder, 'function'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, 'function', name), text);
  writeFileSync(join(folder, 'sebs-package.json'), JSON.stringify({ handler }));
  const [command = '', ...args] = workerCommand(runtime, folder);
  const child = spawn(command, args, {
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    env: { SEBS_SANDBOX_ID: 's-1' },
  });
  workers.push(child);
  let errors = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  const control = child.stdio[3] as Duplex;
  const line = await new Promise<string>((resolve, reject) => {
    child.once('exit', (code, signal) => reject(new Error(`ended with ${code ?? signal}: ${errors}`)));
    control.once('data', (chunk: Buffer) => resolve(chunk.toString()));
  });
  return { child, control, port: Number(/^ready (\d+)\n$/.exec(line)?.[1]), errors: () => errors };
}

interface Reply {
  status: number;
  head: string;
  body: Record<string, unknown>;
}

/** Sends pieces one after the other, each in a packet of its own, and reads as many replies as are expected. */
async function talk(port: number, pieces: readonly (string | Buffer)[], replies = 1): Promise<Reply[]> {
  const socket = connect(port, '127.0.0.1');
  socket.setNoDelay(true);
  let text = '';
  let closed = false;
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  socket.on('close', () => {
    closed = true;
  });
  socket.on('error', () => undefined);
  for (const piece of pieces) {
    await write(socket, piece);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const found: Reply[] = [];
  await until(
    () => {
      for (let reply = takeReply(); reply !== undefined; reply = takeReply()) found.push(reply);
      return found.length >= replies || closed;
    },
    `${replies} replies, got: ${text.slice(0, 300)}`,
  );
  socket.destroy();
  return found;

  function takeReply(): Reply | undefined {
    const end = text.indexOf('\r\n\r\n');
    const head = text.slice(0, end);
    if (end < 0) return undefined;
    const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
    const rest = Buffer.from(text.slice(end + 4));
    if (rest.length < length) return undefined;
    text = rest.subarray(length).toString();
    const body = rest.subarray(0, length).toString();
    const status = Number(head.split(' ')[1]);
    return { status, head, body: body === '' ? {} : (JSON.parse(body) as Record<string, unknown>) };
  }
}

function write(socket: Socket, piece: string | Buffer): Promise<void> {
  return new Promise((resolve) => void socket.write(piece, () => resolve()));
}

function post(body: string | Buffer, headers = ''): Buffer {
  const bytes = Buffer.from(body);
  return Buffer.concat([
    Buffer.from(`POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${bytes.length}\r\n${headers}\r\n`),
    bytes,
  ]);
}

function outputOf(reply: Reply | undefined): unknown {
  return (reply?.body.result as { output: unknown } | undefined)?.output;
}

function messageIn(reply: Reply | undefined): string | undefined {
  return (reply?.body.error as { message?: string } | undefined)?.message;
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

for (const runtime of host.found) {
  const { language } = runtime;
  const echo = ECHO[language] ?? {};

  describe(`the ${language} worker`, () => {
    it('reads a request that comes byte by byte', async () => {
      const { port } = await start(runtime, echo);
      const bytes = post('{"text":"ü"}', 'X-Sebs-Attempt: a.1\r\n');
      const [reply] = await talk(
        port,
        [...bytes].map((byte) => Buffer.from([byte])),
      );
      expect({ status: reply?.status, id: reply?.body.request_id, output: outputOf(reply) }).toEqual({
        status: 200,
        id: 'a.1',
        output: { text: 'ü' },
      });
    });

    it('answers requests on one connection in their order, those sent ahead too', async () => {
      const { port } = await start(runtime, echo);
      const replies = await talk(
        port,
        [Buffer.concat([post('1'), post('2'), post('3').subarray(0, 30)]), post('3').subarray(30)],
        3,
      );
      expect(replies.map(outputOf)).toEqual([1, 2, 3]);
      expect(replies.map(({ body }) => body.invocation_index)).toEqual([0, 1, 2]);
    });

    it('closes the connection when it is asked to, and keeps it otherwise', async () => {
      const { port } = await start(runtime, echo);
      const [closed, nothing] = await talk(port, [post('1', 'Connection: close\r\n'), post('2')], 2);
      expect(closed?.head).toMatch(/connection: close/i);
      expect(nothing).toBeUndefined();
      const [first, second] = await talk(port, [post('1'), post('2')], 2);
      expect(first?.head).not.toMatch(/connection: close/i);
      expect(outputOf(second)).toBe(2);
    });

    it('answers a client that has closed its side', async () => {
      const { port } = await start(runtime, echo);
      const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
      let text = '';
      socket.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      socket.end(post('7'));
      await until(() => text.includes('"output":7'), 'the answer');
      socket.destroy();
    });

    it('serves a new connection while another is kept open', async () => {
      const { port } = await start(runtime, echo);
      const idle = connect(port, '127.0.0.1');
      await write(idle, post('1').subarray(0, 20));
      expect((await talk(port, [post('2')])).map(outputOf)).toEqual([2]);
      idle.destroy();
      expect((await talk(port, [post('3')])).map(outputOf)).toEqual([3]);
    });

    it('takes and gives bodies of 20 MB', async () => {
      const { port } = await start(runtime, echo);
      const text = 'x'.repeat(20 * 1024 ** 2);
      const [reply] = await talk(port, [post(JSON.stringify(text))]);
      expect(reply?.status).toBe(200);
      expect(outputOf(reply) === text).toBe(true);
    });

    it('says to go on to a client that asks first', async () => {
      const { port } = await start(runtime, echo);
      const whole = post('5', 'Expect: 100-continue\r\n');
      const replies = await talk(port, [whole.subarray(0, -1), whole.subarray(-1)], 2);
      expect(replies.map(({ status }) => status)).toEqual([100, 200]);
    });

    it('refuses what is no invocation, says why, and serves on', async () => {
      const { port } = await start(runtime, echo);
      const requests: [string | Buffer, number][] = [
        ['GET / HTTP/1.1\r\nHost: x\r\n\r\n', 405],
        ['nonsense\r\n\r\n', 400],
        ['POST / HTTP/1.1\r\nno colon\r\n\r\n', 400],
        ['POST / HTTP/1.1\r\nHost: x\r\n\r\n', 411],
        ['POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n1\r\n0\r\n\r\n', 411],
        ['POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n', 400],
        ['POST / HTTP/1.1\r\nContent-Length: 67108865\r\n\r\n', 413],
        [`POST / HTTP/1.1\r\nX: ${'y'.repeat(70_000)}`, 431],
        [post('{"torn":'), 400],
        [post(''), 400],
      ];
      for (const [request, status] of requests) {
        const [reply] = await talk(port, [request]);
        const message = messageIn(reply);
        expect({ status: reply?.status, message }, String(request).slice(0, 60)).toEqual({
          status,
          message: expect.stringMatching(/\w/),
        });
      }
      expect((await talk(port, [post('1')])).map(({ body }) => body.invocation_index)).toEqual([0]);
    });

    it('outlives a client that goes away in the middle', async () => {
      const { port } = await start(runtime, echo);
      const socket = connect(port, '127.0.0.1');
      await write(socket, post(JSON.stringify('z'.repeat(5_000_000))));
      socket.resetAndDestroy();
      expect((await talk(port, [post('1')])).map(outputOf)).toEqual([1]);
    });

    it('gives each request without an id one of its own', async () => {
      const { port } = await start(runtime, echo);
      const ids = (await talk(port, [post('1'), post('2')], 2)).map(({ body }) => String(body.request_id));
      for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      expect(new Set(ids).size).toBe(2);
    });

    it('tells every caller why the function cannot be imported', async () => {
      const broken =
        language === 'python'
          ? { ...echo, 'function.py': 'import no_such_module' }
          : { 'function.mjs': "import 'no-such-module';" };
      const { port, errors } = await start(runtime, broken);
      const replies = await talk(port, [post('1'), post('2')], 2);
      expect(
        replies.map(({ status, body }) => ({ status, index: body.invocation_index, us: body.benchmark_us })),
      ).toEqual([
        { status: 500, index: 0, us: 0 },
        { status: 500, index: 1, us: 0 },
      ]);
      for (const reply of replies) expect(messageIn(reply)).toMatch(/no.such.module/);
      expect(replies.map(({ body }) => 'import_us' in body)).toEqual([true, false]);
      expect(errors()).toMatch(/no.such.module/);
    });

    it('names the handler that is not there', async () => {
      const other =
        language === 'python' ? { ...echo, 'function.py': 'x = 1' } : { 'function.mjs': 'export const x = 1;' };
      const { port } = await start(runtime, other);
      const [reply] = await talk(port, [post('1')]);
      expect(messageIn(reply)).toContain("'handler'");
    });

    it('ends with its whole group when its control channel closes', async () => {
      const parent =
        language === 'python'
          ? {
              ...echo,
              'function.py':
                'import subprocess\ndef handler(event):\n    return subprocess.Popen(["sleep", "300"]).pid\n',
            }
          : {
              'function.mjs':
                "import { spawn } from 'node:child_process';\nexport const handler = () => spawn('sleep', ['300'], { stdio: 'ignore' }).pid;\n",
            };
      const { port, control, child } = await start(runtime, parent);
      const [reply] = await talk(port, [post('1')]);
      const started = Number(outputOf(reply));
      expect(lives(started)).toBe(true);
      control.destroy();
      await until(() => child.signalCode !== null, 'the worker ends');
      expect(child.signalCode).toBe('SIGKILL');
      await until(() => !lives(started), 'what it started ends');
    });
  });
}

describe.skipIf(!host.found.some(({ language }) => language === 'nodejs'))('Node.js modules of every kind', () => {
  const modules: Record<string, Record<string, string>> = {
    'CommonJS with exports': { 'function.cjs': 'exports.handler = async (event) => event;' },
    'CommonJS with module.exports': { 'function.js': 'module.exports = { handler: (event) => event };' },
    'a module with a default export': { 'function.mjs': 'export default { handler: (event) => event };' },
    'a package of type module': {
      'function.js': 'export const handler = (event) => event;',
      'package.json': '{"type":"module"}',
    },
  };
  for (const [name, files] of Object.entries(modules)) {
    it(`imports ${name}`, async () => {
      const runtime = host.found.find(({ language }) => language === 'nodejs');
      if (runtime === undefined) throw new Error('Node.js runs this test');
      const { port } = await start(runtime, files);
      expect((await talk(port, [post('[1]')])).map(outputOf)).toEqual([[1]]);
    });
  }
});
