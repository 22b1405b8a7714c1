// For the tests of benchmarks and storage: the runtimes of this machine, packages in a cache of their own, a storage in
// a temporary folder, and handlers run for real by importing them as the workers do.
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import type { Benchmark } from '../../src/benchmarks/catalogue.js';
import type { BuildPackageOptions, CodePackage } from '../../src/benchmarks/package.js';
import type { ResourceRef } from '../../src/generated/ledger.js';
import { createStorage } from '../../src/storage/directory.js';
import type { ObjectStorage, RunHome, StorageContext } from '../../src/storage/storage.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const WRAPPERS = join(ROOT, 'benchmarks/wrappers/process');

export interface TestRuntime {
  version: string;
  executable: string;
}

export const NODE: TestRuntime = { version: process.versions.node, executable: process.execPath };
/** undefined where this machine has no python3. */
export const PYTHON: TestRuntime | undefined = probePython();

function probePython(): TestRuntime | undefined {
  try {
    const script = 'import sys, platform; print(sys.executable); print(platform.python_version())';
    const [executable, version] = execFileSync('python3', ['-c', script], { encoding: 'utf8' }).trim().split('\n');
    return executable === undefined || version === undefined ? undefined : { executable, version };
  } catch {
    return undefined;
  }
}

export function runtimeOf(language: string): TestRuntime {
  const runtime = language === 'python' ? PYTHON : NODE;
  if (runtime === undefined) throw new Error('python3 is missing: guard the test with PYTHON');
  return runtime;
}

/** A folder of its own, gone after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sebs-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes files by their relative paths. */
export function writeTree(folder: string, files: Readonly<Record<string, string>>): string {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return folder;
}

export const INPUT_MJS = `export const generate = ({ size, seed }) => ({ event: { size, seed } });
export const validate = ({ event, output }) => (output?.size === event.size ? null : 'wrong size');
`;

/** A benchmark of the user's, in Python and Node.js, that answers with its event. */
export function ownBenchmark(files: Readonly<Record<string, string>> = {}): string {
  return writeTree(join(temporaryFolder(), 'own'), {
    'benchmark.yaml': 'version: 1\nlanguages: { python: {}, nodejs: {} }\ninputs: { test: a test }\n',
    'input.mjs': INPUT_MJS,
    'python/function.py': 'from .lib.answer import answer\n\n\ndef handler(event):\n    return answer(event)\n',
    'python/lib/answer.py': 'def answer(event):\n    return event\n',
    'nodejs/function.mjs': "export { answer as handler } from './lib/answer.mjs';\n",
    'nodejs/lib/answer.mjs': 'export const answer = async (event) => event;\n',
    ...files,
  });
}

/** A wrapper that is only there to be packed. */
export function smallWrapper(): string {
  return writeTree(temporaryFolder(), {
    'worker.py': 'print("a worker")\n',
    'worker.mjs': 'console.log("a worker");\n',
  });
}

export function packageOptions(
  benchmark: Benchmark,
  language: string,
  changes: Partial<BuildPackageOptions> = {},
): BuildPackageOptions {
  return {
    benchmark,
    language,
    runtime: runtimeOf(language),
    architecture: process.arch,
    wrapperDir: join(WRAPPERS, language),
    kind: 'directory',
    cacheDir: join(temporaryFolder(), 'cache'),
    signal: new AbortController().signal,
    env: process.env,
    ...changes,
  };
}

/** A bucket that is the run's own. */
export function homeIn(bucket: string): RunHome {
  return { bucket, inputs: '', outputs: '' };
}

export interface StorageFixture {
  storage: ObjectStorage;
  context: StorageContext;
  /** What passed through the ledger, e.g. "intend bucket b". */
  ledger: string[];
}

export async function directoryStorage(): Promise<StorageFixture> {
  const { context, ledger } = storageContext();
  return { storage: await createStorage(context), context, ledger };
}

/** Where a storage finds itself in a run, with a ledger that is kept as text. */
export function storageContext(change: Partial<StorageContext> = {}): Omit<StorageFixture, 'storage'> {
  const ledger: string[] = [];
  const line = (verb: string) => (resource: ResourceRef) => {
    ledger.push(`${verb} ${resource.kind} ${resource.id}`);
  };
  const context: StorageContext = {
    platformId: 'here',
    options: {},
    runId: 'run',
    scratchDir: change.scratchDir ?? temporaryFolder(),
    env: {},
    place: { listen: '127.0.0.1', address: '127.0.0.1' },
    ledger: {
      intend: line('intend'),
      created: line('created'),
      removed: line('removed'),
      kept: line('kept'),
      failed: line('failed'),
    },
    signal: new AbortController().signal,
    ...change,
  };
  return { context, ledger };
}

/** A MinIO server for a whole test file; end it with `storage.close()`. The folder is the caller's to remove. */
export async function minioStorage(scratchDir: string): Promise<StorageFixture> {
  const { context, ledger } = storageContext({ scratchDir, env: process.env });
  const { createStorage: createMinio } = await import('../../src/storage/minio.js');
  return { storage: await createMinio(context), context, ledger };
}

const PYTHON_CALLER = `
import importlib, json, sys
sys.path[:0] = [sys.argv[1], sys.argv[1] + '/site-packages']
handler = importlib.import_module('function.' + sys.argv[2]).handler
print(json.dumps([handler(event) for event in json.load(sys.stdin)]))
`;
const NODE_CALLER = `
import { readFileSync } from 'node:fs';
const { handler } = await import(process.argv[1] + '/function/' + process.argv[2] + '.mjs');
const answers = [];
for (const event of JSON.parse(readFileSync(0, 'utf8'))) answers.push(await handler(event));
process.stdout.write(JSON.stringify(answers));
`;

export interface HandlerAnswer {
  result: unknown;
  measurement?: Record<string, number>;
}

/** Runs a handler in one new process, once for each event, and returns what it returned. */
export async function callHandler(
  language: string,
  code: CodePackage,
  events: readonly unknown[],
  env: Record<string, string> = {},
  handler = 'function',
): Promise<HandlerAnswer[]> {
  const args = language === 'python' ? ['-c', PYTHON_CALLER] : ['--input-type=module', '-e', NODE_CALLER];
  const text = await runScript(language, [...args, code.path, handler], JSON.stringify(events), env);
  return JSON.parse(text) as HandlerAnswer[];
}

/** Standard output of a script; rejects with what it wrote to standard error. */
export function runScript(
  language: string,
  args: readonly string[],
  input: string,
  env: Record<string, string> = {},
): Promise<string> {
  const { PATH = '' } = process.env;
  const child = spawn(runtimeOf(language).executable, args, { env: { PATH, ...env }, timeout: 60_000 });
  return new Promise((resolve, reject) => {
    const output = { stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output.stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      output.stderr += text;
    });
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve(output.stdout) : reject(new Error(output.stderr))));
    child.stdin.end(input);
  });
}

export function copyFolder(from: string): string {
  const to = join(temporaryFolder(), 'copy');
  cpSync(from, to, { recursive: true });
  return to;
}
