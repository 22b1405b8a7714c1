// What a run gives a driver, for tests: a context with folders of its own, a ledger that remembers, and requests that
// are sent as a user of the platform would. Comes in: how to make a driver; goes out: a bench that is cleared away again.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';
import { loadCatalogue } from '../../src/benchmarks/catalogue.js';
import type { WrapperAnswer } from '../../src/generated/wrapper-answer.js';
import type {
  Deployment,
  DriverContext,
  Endpoint,
  Ledger,
  Placement,
  PlatformDriver,
  ResourceRef,
} from '../../src/platforms/driver.js';

const PROBE = fileURLToPath(new URL('./fixtures/probe', import.meta.url));
/** One for all tests of a file: packages are built once. */
const cacheDir = mkdtempSync(join(tmpdir(), 'sebs-contract-cache-'));
afterAll(() => rmSync(cacheDir, { recursive: true, force: true }));

export interface LedgerEntry {
  state: keyof { intended: 1; created: 1; removed: 1; kept: 1; failed: 1 };
  resource: ResourceRef;
}

export interface Bench {
  context: DriverContext;
  folder: string;
  ledger: LedgerEntry[];
  notes: string[];
  /** State of every entry, by kind and id. */
  ledgerStates(): Record<string, string>;
  /** All that functions wrote. */
  logs(): string;
  remove(): void;
}

export function makeBench(options: Partial<DriverContext> = {}): Bench {
  const folder = mkdtempSync(join(tmpdir(), 'sebs-contract-'));
  const ledger: LedgerEntry[] = [];
  const notes: string[] = [];
  const note = (state: LedgerEntry['state']) => (resource: ResourceRef) => void ledger.push({ state, resource });
  const book: Ledger = {
    intend: note('intended'),
    created: note('created'),
    removed: note('removed'),
    kept: note('kept'),
    failed: note('failed'),
  };
  const context: DriverContext = {
    platformId: 'here',
    options: {},
    runId: `contract-${randomBytes(4).toString('hex')}`,
    logDir: join(folder, 'logs'),
    scratchDir: join(folder, 'scratch'),
    cacheDir,
    env: process.env,
    ledger: book,
    signal: new AbortController().signal,
    note: (_level, text) => void notes.push(text),
    ...options,
  };
  return {
    context,
    folder,
    ledger,
    notes,
    ledgerStates: () =>
      Object.fromEntries(ledger.map(({ state, resource }) => [`${resource.kind} ${resource.id}`, state])),
    logs: () => readTree(context.logDir),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

export interface DeployOptions {
  language: string;
  memoryMb?: number | null;
  id?: string;
  environment?: Record<string, string>;
}

/** Packages the probe function and deploys it as a run would. */
export async function deployProbe(driver: PlatformDriver, options: DeployOptions): Promise<Deployment> {
  const { language, memoryMb = null, id = `probe-${language}-${memoryMb ?? 'any'}`, environment = {} } = options;
  const catalogue = await loadCatalogue({ paths: [{ id: 'probe', path: PROBE }], ids: [] });
  const { capabilities } = driver;
  const planned = {
    id: `package-${language}`,
    platform: 'here',
    benchmark: 'probe',
    language,
    language_version: capabilities.languages[language]?.[0] ?? 'none',
    architecture: capabilities.architectures[0] ?? 'none',
    kind: capabilities.packageKinds[0] ?? 'none',
    source_sha256: catalogue.benchmarks.get('probe')?.sourceSha256 ?? '',
  };
  const code = await driver.buildPackage({ package: planned, catalogue });
  const deployment = {
    id,
    platform: 'here',
    benchmark: 'probe',
    package: planned.id,
    memory_mb: memoryMb,
    timeout_s: 60,
    replicate: 0,
  };
  return driver.deploy({ deployment, package: planned, code, environment });
}

export interface ProbeAnswer extends WrapperAnswer {
  status: number;
}

/** Places where the platform leaves it to the client, sends, and gives the sandbox back. */
export async function invoke(endpoint: Endpoint, event: unknown, attempt = 'attempt'): Promise<ProbeAnswer> {
  const placement = await placeIn(endpoint);
  const answer = await sendTo(endpoint, placement, event, attempt);
  placement?.release();
  return answer;
}

export async function placeIn(endpoint: Endpoint, signal?: AbortSignal): Promise<Placement | undefined> {
  return endpoint.place?.({ mark: () => undefined, signal: signal ?? new AbortController().signal });
}

/** Rejects when the connection ends without an answer. */
export function sendTo(
  endpoint: Endpoint,
  placement: Placement | undefined,
  event: unknown,
  attempt = 'attempt',
): Promise<ProbeAnswer> {
  const body = JSON.stringify(event);
  const headers = { ...endpoint.headers, 'content-type': 'application/json', 'x-sebs-attempt': attempt };
  return new Promise((resolve, reject) => {
    const url = new URL(endpoint.path, placement?.origin ?? endpoint.origin);
    const request = httpRequest(url, { method: endpoint.method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const bytes = Buffer.concat(chunks);
        const flat = Object.fromEntries(Object.entries(response.headers).map(([name, value]) => [name, String(value)]));
        const answer = endpoint.decode?.(bytes, flat) ?? JSON.parse(bytes.toString('utf8'));
        resolve({ ...(answer as WrapperAnswer), status: response.statusCode ?? 0 });
      });
    });
    request.on('error', reject);
    request.end(body);
  });
}

/** Waits until something is so; fails with words when it never is. */
export async function until(condition: () => boolean, what: string, limitMs = 10_000): Promise<void> {
  const deadline = performance.now() + limitMs;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`waited ${limitMs} ms in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function readTree(folder: string): string {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
      .join('');
  } catch {
    return '';
  }
}
