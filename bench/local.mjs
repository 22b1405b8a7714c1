// Platform local against the same done with bare dockerode: same image, limits, hardening and readiness, interleaved in
// one run. Prints forced cold starts one and eight at a time (paired ratios with the exact interval of their median), 50
// cold and 50 warm invocations of 110.dynamic-html with removal, and what the memory sampler takes of a core.
// Needs a Docker engine; `--check` ends with 1 when a bound is not met; `--pairs N` for a quick look, `--only cold`,
// `--only together`, `--only hundred` or `--only sampler` and `--language python` or `nodejs` for a part.
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadCatalogue } from '../dist/benchmarks/catalogue.js';
import { cacheDirectory } from '../dist/cache/cache.js';
import { createInvoker } from '../dist/invoke/invoker.js';
import { openCounters } from '../dist/platforms/local/cgroup.js';
import { createDriver } from '../dist/platforms/local/driver.js';
import { connectEngine, isEngine } from '../dist/platforms/local/engine.js';
import { ensureImages } from '../dist/platforms/local/images.js';
import { startSampler } from '../dist/platforms/local/sampler.js';
import { containerRequest, localOptions, PORT } from '../dist/platforms/local/settings.js';
import { machine, median as middle } from './machine.mjs';

const pairs = Number(option('--pairs') ?? 30);
const only = option('--only');
const language = option('--language');
const wanted = (part) => only === undefined || only === part;
const EVENT = JSON.stringify({ username: 'bench', count: 10, seed: 1, nonce: 1 });
const signal = new AbortController().signal;
const engine = await connectEngine(process.env);
if (!isEngine(engine)) {
  console.log(`left out: ${engine.problem}`);
  process.exit();
}
const { client } = engine;
const folder = mkdtempSync(join(tmpdir(), 'sebs-bench-local-'));
const runId = `bench-${process.pid}`;
const nothing = () => undefined;
const context = {
  platformId: 'docker',
  options: {},
  runId,
  logDir: join(folder, 'logs'),
  scratchDir: folder,
  cacheDir: cacheDirectory(process.env),
  env: process.env,
  ledger: { intend: nothing, created: nothing, removed: nothing, kept: nothing, failed: nothing },
  signal,
  note: nothing,
};
const driver = await createDriver(context);
const misses = [];
for (const name of ['SIGINT', 'SIGTERM']) process.once(name, () => clear().finally(() => process.exit(130)));
try {
  console.log(machine());
  for (const [name, version] of [
    ['nodejs', '20'],
    ['python', '3.11'],
  ])
    if (language === undefined || language === name) await compare(name, version);
  if (wanted('sampler')) await samplerCost();
} finally {
  await clear();
}
for (const miss of misses) console.log(`MISSED: ${miss}`);
if (process.argv.includes('--check') && misses.length > 0) process.exitCode = 1;

/** The driver removes by label: what was made by hand too. */
async function clear() {
  await driver.close();
  rmSync(folder, { recursive: true, force: true });
}

function option(name) {
  const at = process.argv.indexOf(name);
  return at < 0 ? undefined : process.argv[at + 1];
}

async function compare(language, version) {
  const { endpoint, deployment, bare } = await bothWays(language, version);
  const invoker = await createInvoker();
  const send = () => ({ attemptId: 'a', endpoint, connection: 'fresh', body: Buffer.from(EVENT), timeoutUs: 30e6 });

  async function ours(count) {
    await driver.forceColdStart(deployment, { sandboxes: count });
    endpoint.beforeRelease();
    const began = performance.now();
    const answers = await invoker.sendTogether(Array.from({ length: count }, send));
    const took = performance.now() - began;
    const failed = answers.find((answer) => answer.state !== 'answered' || answer.status !== 200);
    if (failed !== undefined) throw new Error(`an invocation failed: ${failed.error ?? failed.status}`);
    return took;
  }

  async function theirs(count) {
    const began = performance.now();
    const made = await Promise.all(Array.from({ length: count }, bare.cold));
    const took = performance.now() - began;
    await Promise.all(made.map(({ container }) => container.remove({ force: true, v: true })));
    return took;
  }

  await ours(1);
  await theirs(1);
  for (const [part, count, n] of [
    ['cold', 1, pairs],
    ['together', 8, Math.max(6, Math.round(pairs / 3))],
  ]) {
    if (!wanted(part)) continue;
    const ratios = [];
    const times = { ours: [], theirs: [] };
    for (let pair = 0; pair < n; pair += 1) {
      // Which one comes first changes from pair to pair.
      const order = pair % 2 === 0 ? ['ours', 'theirs'] : ['theirs', 'ours'];
      const took = {};
      for (const who of order) took[who] = await (who === 'ours' ? ours(count) : theirs(count));
      await driver.endSandboxes(deployment);
      times.ours.push(took.ours);
      times.theirs.push(took.theirs);
      ratios.push(took.ours / took.theirs);
    }
    const { median, low, high } = medianInterval(ratios);
    const what = `${language}: ${count} cold at once`;
    console.log(
      `${what}, ${n} pairs: ${middle(times.ours).toFixed(0)} ms against ${middle(times.theirs).toFixed(0)} ms bare; ratio ${median.toFixed(3)}, 95 % CI ${low.toFixed(3)} to ${high.toFixed(3)} (bound: upper end 1.15)`,
    );
    if (high > 1.15) misses.push(`${what}: ${high.toFixed(3)} > 1.15`);
  }

  if (wanted('hundred')) await hundred();
  await invoker.close();

  async function hundred() {
    const total = { ours: 0, theirs: 0 };
    for (let round = 0; round < 10; round += 1)
      for (const who of round % 2 === 0 ? ['ours', 'theirs'] : ['theirs', 'ours']) {
        const began = performance.now();
        if (who === 'ours') {
          for (let i = 0; i < 5; i += 1) await ours(1);
          for (let i = 0; i < 5; i += 1) {
            endpoint.beforeRelease();
            await invoker.sendTogether([send()]);
          }
          await driver.endSandboxes(deployment);
        } else {
          for (let i = 0; i < 5; i += 1) {
            const { container, port } = await bare.cold();
            if (i === 4) for (let warm = 0; warm < 5; warm += 1) await call(port);
            await container.remove({ force: true, v: true });
          }
        }
        total[who] += performance.now() - began;
      }
    const ratio = total.ours / total.theirs;
    console.log(
      `${language}: 50 cold and 50 warm, removal included: ${(total.ours / 1000).toFixed(1)} s against ${(total.theirs / 1000).toFixed(1)} s bare; ratio ${ratio.toFixed(3)} (bound: 1.3)`,
    );
    if (ratio > 1.3) misses.push(`${language}: 50 + 50 takes ${ratio.toFixed(3)} > 1.3`);
  }
}

/** The function as the driver deploys it, and the same container by hand. */
async function bothWays(language, version) {
  const catalogue = await loadCatalogue({ paths: [], ids: ['110.dynamic-html'] });
  const planned = {
    id: `package-${language}`,
    platform: 'docker',
    benchmark: '110.dynamic-html',
    language,
    language_version: version,
    architecture: engine.architecture,
    kind: 'directory',
    source_sha256: '',
  };
  const code = await driver.buildPackage({ package: planned, catalogue });
  const shape = { id: `bench-${language}`, platform: 'docker', benchmark: planned.benchmark, package: planned.id };
  const deployment = await driver.deploy({
    deployment: { ...shape, memory_mb: 256, timeout_s: 30, replicate: 0 },
    package: planned,
    code,
    environment: {},
  });
  const { run } = await ensureImages(language, version, { client, env: process.env, signal, say: nothing });
  const networks = await client.listNetworks({ filters: { label: [`sebs-run=${runId}`] } });
  const asked = containerRequest({
    id: 'bare',
    image: run,
    packagePath: code.path,
    memoryMb: 256,
    network: 'bridge',
    networkName: networks[0].Name,
    labels: { 'sebs-run': runId, 'sebs-platform': 'docker' },
    environment: {},
    options: localOptions({}),
  });
  return { endpoint: await driver.endpoint(deployment, 'http'), deployment, bare: { cold: () => bareCold(asked) } };
}

async function bareCold(asked) {
  const container = await client.createContainer(asked);
  const stream = await container.attach({ stream: true, stdout: true, stderr: true });
  const ready = new Promise((resolve) => {
    const stdout = { write: (chunk) => void (String(chunk).includes('ready') && resolve()) };
    client.modem.demuxStream(stream, stdout, { write: nothing });
  });
  await container.start();
  const [{ NetworkSettings }] = await Promise.all([container.inspect(), ready]);
  const port = NetworkSettings.Ports[`${PORT}/tcp`][0].HostPort;
  await call(port);
  return { container, port };
}

function call(port) {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(EVENT) };
    const sent = request({ host: '127.0.0.1', port, method: 'POST', path: '/', headers, agent: false }, (response) => {
      response.resume().on('end', () => (response.statusCode === 200 ? resolve() : reject(new Error('not answered'))));
    });
    sent.on('error', reject).end(EVENT);
  });
}

/** Share of one core while 1, 2, 4 and 8 containers serve. */
async function samplerCost() {
  const { bare } = await bothWays('python', '3.11');
  const made = await Promise.all(Array.from({ length: 8 }, bare.cold));
  const files = await Promise.all(
    made.map(async ({ container }) => openCounters((await container.inspect()).State.Pid, true).memoryFile),
  );
  const shares = new Map();
  for (const count of [1, 2, 4, 8]) {
    const sampler = startSampler();
    const watches = files.slice(0, count).map((file) => sampler.watch(file));
    for (const watch of watches) watch.begin();
    await new Promise((resolve) => setTimeout(resolve, 500));
    const [before, began] = [sampler.cpuUs(), performance.now()];
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    shares.set(count, (sampler.cpuUs() - before) / 1000 / (performance.now() - began));
    const samples = watches[0].end()?.count ?? 0;
    console.log(
      `sampler, ${count} serving: ${(shares.get(count) * 100).toFixed(2)} % of a core, ${samples} samples in 5.5 s`,
    );
    await sampler.close();
  }
  await Promise.all(made.map(({ container }) => container.remove({ force: true, v: true })));
  const further = (shares.get(8) - shares.get(1)) / 7;
  console.log(
    `sampler: each further container ${(further * 100).toFixed(2)} % (bounds: 2 % for one, 0.5 % for each further)`,
  );
  if (shares.get(1) > 0.02) misses.push(`the sampler takes ${(shares.get(1) * 100).toFixed(2)} % for one container`);
  if (further > 0.005) misses.push(`the sampler takes ${(further * 100).toFixed(2)} % for each further container`);
}

/** Exact, by ranks of the binomial with p = 1/2. */
function medianInterval(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const n = sorted.length;
  let below = 0.5 ** n;
  let tail = below;
  let rank = 0;
  while (tail <= 0.025) {
    rank += 1;
    below *= (n - rank + 1) / rank;
    tail += below;
  }
  return { median: middle(values), low: sorted[Math.max(0, rank - 1)], high: sorted[n - Math.max(1, rank)] };
}
