// One sandbox of one Node.js function: serves its invocations over HTTP/1.1 with the standard library alone.
//
// Comes in: the package this file lies in (function/, sebs-package.json) and requests `POST /` with the event as JSON.
// Goes out: the answer that schemas/wrapper-answer.schema.json describes.
//
// Environment: SEBS_LISTEN_HOST (127.0.0.1), SEBS_LISTEN_PORT (0: any), SEBS_SANDBOX_ID, SEBS_CONTROL_FD (3; `none` in
// a container). The control channel is a socket pair: the worker writes `ready <port>` to it once it serves, and kills
// its own process group when the other end closes. Without one the line goes to standard output.
import { closeSync, existsSync, fstatSync, openSync, readFileSync, readSync, writeSync } from 'node:fs';
import { createServer, Socket } from 'node:net';

const MAX_BODY_BYTES = 64 * 1024 * 1024;
const MAX_HEAD_BYTES = 64 * 1024;
const STATUS_BYTES = 8192;

const startedAt = new Date(performance.timeOrigin).toISOString();
const sandboxId = process.env.SEBS_SANDBOX_ID ?? `pid-${process.pid}`;
const statusBuffer = Buffer.alloc(STATUS_BYTES);
let invocations = 0;

// ---------------------------------------------------------------- the function

/** The function's handler, or the error that importing it threw. */
async function importHandler() {
  const began = performance.now();
  try {
    const name = JSON.parse(readFileSync(new URL('./sebs-package.json', import.meta.url), 'utf8')).handler;
    const file = ['mjs', 'js', 'cjs']
      .map((ending) => new URL(`./function/${name}.${ending}`, import.meta.url))
      .find((url) => existsSync(url));
    if (file === undefined) throw new Error(`the package has no function/${name}.mjs, .js or .cjs`);
    const module = await import(file.href);
    const handler = module.handler ?? module.default?.handler;
    if (typeof handler !== 'function') throw new TypeError(`module 'function/${name}' exports no function 'handler'`);
    return { handler, importUs: microseconds(performance.now() - began) };
  } catch (failure) {
    const error = describe(failure);
    console.error(error.trace);
    return { error, importUs: microseconds(performance.now() - began) };
  }
}

/** Anything that can be thrown, as the answer's `error`. */
function describe(failure) {
  const known = failure instanceof Error || typeof failure?.message === 'string';
  const message = known ? String(failure.message) : String(failure);
  const error = {
    type: known ? String(failure.name ?? 'Error') : typeof failure,
    message,
    trace: String((known && failure.stack) || message).slice(0, 8000),
  };
  if (/out of memory|allocation failed|failed to allocate/i.test(message)) error.out_of_memory = true;
  return error;
}

/** A handler returns its output, or an object with `result` and its own `measurement`, as in SeBS. */
function splitResult(value) {
  if (value !== null && typeof value === 'object' && !Array.isArray(value) && 'result' in value) {
    const result = { output: value.result ?? null };
    if (value.measurement != null) result.measurement = value.measurement;
    return result;
  }
  return { output: value ?? null };
}

/** Runs the handler once: status and answer as JSON. */
async function invoke(loaded, event, requestId) {
  const index = invocations;
  invocations += 1;
  let value;
  let error = loaded.error;
  peak.reset();
  const before = process.resourceUsage();
  const beginAt = Date.now();
  const began = performance.now();
  let ended = began;
  let endAt = beginAt;
  if (error === undefined) {
    try {
      value = await loaded.handler(event);
      ended = performance.now();
      endAt = Date.now();
    } catch (failure) {
      ended = performance.now();
      endAt = Date.now();
      error = describe(failure);
      console.error(error.trace);
    }
  }
  const answer = {
    request_id: requestId,
    begin_at: new Date(beginAt).toISOString(),
    end_at: new Date(endAt).toISOString(),
    benchmark_us: microseconds(ended - began),
    is_cold: index === 0,
    sandbox_id: sandboxId,
    sandbox_started_at: startedAt,
    invocation_index: index,
    resources: resourcesBetween(before, process.resourceUsage()),
  };
  if (index === 0) answer.import_us = loaded.importUs;
  return finish(answer, value, error);
}

/** The answer with its result or its error, as JSON. */
function finish(answer, value, failed) {
  let error = failed;
  if (error === undefined) {
    try {
      if (typeof value === 'function' || typeof value === 'symbol') throw new TypeError(`it is a ${typeof value}`);
      return { status: 200, body: JSON.stringify({ ...answer, result: splitResult(value) }) };
    } catch (failure) {
      error = describe(failure);
      error.message = `the output of the function cannot be written as JSON: ${error.message}`;
    }
  }
  return { status: 500, body: JSON.stringify({ ...answer, error }) };
}

// ---------------------------------------------------------------- measuring

function microseconds(milliseconds) {
  return Math.round(milliseconds * 1000);
}

/** What an invocation used, of the whole process; children are not included, Node.js does not tell. */
function resourcesBetween(before, after) {
  return {
    ...peak.read(after),
    cpu_user_us: after.userCPUTime - before.userCPUTime,
    cpu_system_us: after.systemCPUTime - before.systemCPUTime,
    page_faults_minor: after.minorPageFault - before.minorPageFault,
    page_faults_major: after.majorPageFault - before.majorPageFault,
    context_switches_voluntary: after.voluntaryContextSwitches - before.voluntaryContextSwitches,
    context_switches_involuntary: after.involuntaryContextSwitches - before.involuntaryContextSwitches,
  };
}

/** Peak resident memory of this process, since the last reset where the kernel allows one. */
const peak = {
  status: openOrUndefined('/proc/self/status', 'r'),
  clear: openOrUndefined('/proc/self/clear_refs', 'w'),

  reset() {
    if (this.clear === undefined) return;
    try {
      writeSync(this.clear, '5');
    } catch {
      closeSync(this.clear);
      this.clear = undefined;
    }
  },

  read(usage) {
    const scope = this.clear === undefined ? 'since sandbox start' : 'invocation';
    if (this.status !== undefined) {
      // Not maxRSS: on Linux it also remembers the size of the process that started this one.
      const length = readSync(this.status, statusBuffer, 0, STATUS_BYTES, 0);
      const at = statusBuffer.indexOf('VmHWM:');
      if (at >= 0 && at < length) {
        const kilobytes = Number.parseInt(statusBuffer.latin1Slice(at + 6, at + 30), 10);
        return { memory_peak_bytes: kilobytes * 1024, memory_peak_scope: scope };
      }
    }
    return { memory_peak_bytes: usage.maxRSS * 1024, memory_peak_scope: 'since sandbox start' };
  },
};

function openOrUndefined(path, flags) {
  try {
    return openSync(path, flags);
  } catch {
    return undefined;
  }
}

// ---------------------------------------------------------------- HTTP
// By hand over node:net: node:http costs 7 ms of every cold start, and more per request than all the measuring.

/** A request that a worker does not answer; the connection is closed after the reply. */
class BadRequest extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

const REASONS = {
  200: 'OK',
  400: 'Bad Request',
  405: 'Method Not Allowed',
  411: 'Length Required',
  413: 'Content Too Large',
  431: 'Request Header Fields Too Large',
  500: 'Internal Server Error',
};

/** Headers by lower-case name, with :close and :length. Throws BadRequest. */
function parseHead(text) {
  const lines = text.split('\r\n');
  const first = lines[0].split(' ');
  if (first.length !== 3 || !first[2].startsWith('HTTP/1.')) {
    throw new BadRequest(400, 'the request does not begin with an HTTP/1 request line');
  }
  if (first[0] !== 'POST') throw new BadRequest(405, 'a function is invoked by POST');
  const head = { __proto__: null };
  for (let i = 1; i < lines.length; i += 1) {
    const line = lines[i];
    const colon = line.indexOf(':');
    if (colon < 0) throw new BadRequest(400, 'a header line has no colon');
    head[line.slice(0, colon).trim().toLowerCase()] = line.slice(colon + 1).trim();
  }
  const connection = head.connection?.toLowerCase() ?? '';
  head[':close'] = connection.includes('close') || (first[2] === 'HTTP/1.0' && !connection.includes('keep-alive'));
  const length = head['content-length'];
  if (length === undefined || head['transfer-encoding'] !== undefined) {
    throw new BadRequest(411, 'a request needs a content-length');
  }
  if (!/^\d+$/.test(length)) throw new BadRequest(400, 'the content-length is not a number');
  head[':length'] = Number(length);
  if (head[':length'] > MAX_BODY_BYTES) throw new BadRequest(413, `the body is longer than ${MAX_BODY_BYTES} bytes`);
  return head;
}

/** What one connection received and has not yet answered, and how to take whole requests out of it. */
function createInbox(socket) {
  let chunks = [];
  let bytes = 0;
  let head;

  /** The first `length` bytes, which must be there, followed by `skip` bytes that nobody wants. */
  function take(length, skip) {
    const all = chunks.length === 1 ? chunks[0] : Buffer.concat(chunks, bytes);
    const rest = all.subarray(length + skip);
    chunks = rest.length === 0 ? [] : [rest];
    bytes = rest.length;
    return all.subarray(0, length);
  }

  function takeHead() {
    if (chunks.length > 1) chunks = [Buffer.concat(chunks, bytes)];
    const end = bytes === 0 ? -1 : chunks[0].indexOf('\r\n\r\n');
    if (end < 0) {
      if (bytes > MAX_HEAD_BYTES) throw new BadRequest(431, `the header is longer than ${MAX_HEAD_BYTES} bytes`);
      return;
    }
    head = parseHead(take(end, 4).latin1Slice());
    if (head.expect?.toLowerCase() === '100-continue') socket.write('HTTP/1.1 100 Continue\r\n\r\n');
  }

  return {
    add(chunk) {
      chunks.push(chunk);
      bytes += chunk.length;
    },
    /** The next complete request, or undefined until more has come. Throws BadRequest. */
    next() {
      if (head === undefined) takeHead();
      if (head === undefined || bytes < head[':length']) return undefined;
      const request = { head, text: head[':length'] === 0 ? '' : take(head[':length'], 0).utf8Slice() };
      head = undefined;
      return request;
    },
  };
}

function reply(socket, status, body, close) {
  const ending = close ? 'connection: close' : 'connection: keep-alive';
  // One string: header and body leave in one write.
  const text =
    `HTTP/1.1 ${status} ${REASONS[status]}\r\ncontent-type: application/json\r\n` +
    `content-length: ${Buffer.byteLength(body)}\r\n${ending}\r\n\r\n${body}`;
  if (close) socket.end(text);
  else socket.write(text);
}

function parseEvent(text) {
  try {
    return JSON.parse(text);
  } catch (failure) {
    throw new BadRequest(400, `the body is not JSON: ${failure.message}`);
  }
}

let running;

/** One invocation at a time: a sandbox is held for one request, and what it uses is measured per process. */
async function invokeAlone(loaded, event, requestId) {
  while (running !== undefined) await running;
  running = invoke(loaded, event, requestId);
  const answer = await running;
  running = undefined;
  return answer;
}

/** Answers the requests of one connection in their order. */
function serveConnection(loaded, socket) {
  const inbox = createInbox(socket);
  let busy = false;
  let ended = false;

  async function answerWaiting() {
    if (busy) return;
    busy = true;
    try {
      for (let request = inbox.next(); request !== undefined; request = inbox.next()) {
        const event = parseEvent(request.text);
        const requestId = request.head['x-sebs-attempt'] ?? crypto.randomUUID();
        const { status, body } = await invokeAlone(loaded, event, requestId);
        reply(socket, status, body, request.head[':close']);
        if (request.head[':close']) return;
      }
      busy = false;
      if (ended) socket.end();
    } catch (problem) {
      if (!(problem instanceof BadRequest)) throw problem;
      reply(socket, problem.status, JSON.stringify({ error: { type: 'BadRequest', message: problem.message } }), true);
    }
  }

  socket.on('error', () => {}); // the client went away
  socket.on('data', (chunk) => {
    inbox.add(chunk);
    answerWaiting();
  });
  socket.on('end', () => {
    ended = true;
    if (!busy) socket.end();
  });
}

// ---------------------------------------------------------------- the control channel

/** The control channel, or undefined; watched from here on, so that a hanging import ends too. */
function openControl() {
  const asked = process.env.SEBS_CONTROL_FD ?? '3';
  if (!/^\d+$/.test(asked)) return undefined;
  let socket;
  try {
    const kind = fstatSync(Number(asked));
    if (!kind.isSocket()) return undefined;
    socket = new Socket({ fd: Number(asked), readable: true, writable: true });
  } catch {
    return undefined;
  }
  socket.on('error', () => {});
  socket.on('close', endGroup);
  socket.resume();
  return socket;
}

/** Ends the whole process group; only one of our own: started by hand, the worker shares its group with a shell. */
function endGroup() {
  try {
    process.kill(-process.pid, 'SIGKILL');
  } catch {
    process.kill(process.pid, 'SIGKILL');
  }
}

const control = openControl();
const loaded = await importHandler();
// Half-open: a client that has said all it wants to say still gets its answer.
const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => serveConnection(loaded, socket));
server.listen(Number(process.env.SEBS_LISTEN_PORT ?? 0), process.env.SEBS_LISTEN_HOST ?? '127.0.0.1', 128, () => {
  const line = `ready ${server.address().port}\n`;
  if (control === undefined) process.stdout.write(line);
  else control.write(line);
});
