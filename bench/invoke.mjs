// What the measuring client costs: requests per second, and the client's own CPU time for each request, of sebs's
// invoker, of undici's `request` and of node:http, against one server in a process of its own. The three take turns
// within each round, so that whatever disturbs the machine disturbs all of them. About 15 seconds. Needs `npm run build`.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import { Agent, request as undiciRequest } from 'undici';
import { clientHost } from '../dist/host/facts.js';
import { createInvoker } from '../dist/invoke/invoker.js';

const ROUNDS = 5;
const TURN_MS = 200;
const BODY = Buffer.from(JSON.stringify({ event: 'x'.repeat(88) }));
const CONNECTIONS = ['keep-alive', 'fresh'];
const AT_ONCE = [1, 10];

// Answers without parsing: each request here arrives in one piece or two and ends with the body's last byte.
const SERVER = `
const answer = 'HTTP/1.1 200 OK\\r\\ncontent-type: application/json\\r\\ncontent-length: 2\\r\\n\\r\\n{}';
require('node:net').createServer({ noDelay: true }, (socket) => {
  socket.on('data', (data) => { if (data[data.length - 1] === 125) socket.write(answer); });
  socket.on('error', () => {});
}).listen(0, '127.0.0.1', function () { console.log(this.address().port); });
process.stdin.resume().on('end', () => process.exit());`;

const server = spawn(process.execPath, ['--eval', SERVER], { stdio: ['pipe', 'pipe', 'inherit'] });
const [port] = await once(server.stdout, 'data');
const origin = `http://127.0.0.1:${String(port).trim()}`;

const { os, kernel, cpu_model, cores, virtualised } = await clientHost();
console.log(`${os}, Linux ${kernel}, ${cores} × ${cpu_model}, virtualised: ${virtualised}, Node.js ${process.version}`);
console.log(`${ROUNDS} rounds of ${TURN_MS} ms each; medians; client and server share the machine\n`);

const clients = await Promise.all([oursClient(), undiciClient(), nodeClient()]);
const results = new Map();
try {
  for (const client of clients)
    for (const connection of CONNECTIONS) for (const atOnce of AT_ONCE) await turn(client, connection, atOnce, 100);
  for (let round = 0; round < ROUNDS; round += 1)
    for (const connection of CONNECTIONS)
      for (const atOnce of AT_ONCE)
        for (const client of clients) {
          const key = `${connection}/${atOnce}/${client.name}`;
          results.set(key, [...(results.get(key) ?? []), await turn(client, connection, atOnce, TURN_MS)]);
        }
} finally {
  for (const client of clients) await client.close();
  server.stdin.end();
}

console.log('connection  at once  client          requests/s  µs/request  client CPU µs/request  to undici');
for (const connection of CONNECTIONS)
  for (const atOnce of AT_ONCE)
    for (const { name } of clients) {
      const of = (client, field) =>
        median(results.get(`${connection}/${atOnce}/${client}`).map((result) => result[field]));
      const [rate, cpu] = [of(name, 'perSecond'), of(name, 'cpuUs')];
      const ratio = (rate / of('undici request', 'perSecond')).toFixed(2);
      console.log(
        [
          connection.padEnd(11),
          String(atOnce).padStart(7),
          ` ${name.padEnd(15)}`,
          rate.toFixed(0).padStart(10),
          (1e6 / rate).toFixed(1).padStart(11),
          cpu.toFixed(1).padStart(22),
          `${ratio} ×`.padStart(10),
        ].join(' '),
      );
    }

/** Closed loop: `atOnce` requests are always under way. */
async function turn(client, connection, atOnce, ms) {
  const cpu = process.cpuUsage();
  const began = performance.now();
  const end = began + ms;
  let done = 0;
  const worker = async () => {
    while (performance.now() < end) {
      await client.send(connection);
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  const { user, system } = process.cpuUsage(cpu);
  return { perSecond: done / ((performance.now() - began) / 1000), cpuUs: (user + system) / done };
}

async function oursClient() {
  const invoker = await createInvoker();
  const endpoint = { origin, path: '/', method: 'POST', headers: {} };
  return {
    name: 'sebs invoker',
    async send(connection) {
      const request = { attemptId: 'bench', endpoint, connection, body: BODY, timeoutUs: 5_000_000 };
      const { state, error } = await invoker.send(request);
      if (state !== 'answered') throw new Error(error);
    },
    close: () => invoker.close(),
  };
}

async function undiciClient() {
  const agents = { 'keep-alive': new Agent({ pipelining: 1 }), fresh: new Agent({ pipelining: 0 }) };
  return {
    name: 'undici request',
    async send(connection) {
      const headers = { 'content-type': 'application/json', 'x-sebs-attempt': 'bench' };
      const options = { method: 'POST', headers, body: BODY, dispatcher: agents[connection] };
      const { body } = await undiciRequest(`${origin}/`, { ...options, reset: connection === 'fresh' });
      await body.arrayBuffer();
    },
    close: () => Promise.all(Object.values(agents).map((agent) => agent.destroy())),
  };
}

async function nodeClient() {
  const agents = { 'keep-alive': new http.Agent({ keepAlive: true }), fresh: new http.Agent({ keepAlive: false }) };
  return {
    name: 'node:http',
    send: (connection) =>
      new Promise((resolve, reject) => {
        const headers = {
          'content-type': 'application/json',
          'content-length': BODY.length,
          'x-sebs-attempt': 'bench',
        };
        const request = http.request(
          `${origin}/`,
          { method: 'POST', headers, agent: agents[connection] },
          (response) => {
            response.on('data', () => {}).on('end', resolve);
          },
        );
        request.on('error', reject).end(BODY);
      }),
    close: async () => {
      for (const agent of Object.values(agents)) agent.destroy();
    },
  };
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}
