// Stage 3, inputs of a benchmark that is laid out as SeBS does: its input.py, run by the Python of this host in a process
// of its own that ends with ours. Comes in: the benchmark; goes out: the same two functions that an input.mjs exports.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { messageOf } from '../errors.js';
import type { Benchmark } from './catalogue.js';
import { type GeneratedInput, type InputModule, inputError, type ValidatorStorage } from './input-module.js';
import { sebsDataFolder } from './sebs-layout.js';

/** How long input.py may take for one answer. */
const DEADLINE_MS = 60_000;

const HOST = fileURLToPath(new URL('../../benchmarks/sebs-layout/input_host.py', import.meta.url));

/** What input.py wants to be stored; keys begin with the number of its bucket. */
interface Generated {
  event: unknown;
  uploads: { key: string; path: string }[];
  items: unknown[];
}

interface Host {
  /** Sends one request and gives its answer; meanwhile `download` serves what it asks for. One at a time. */
  ask(request: object, storage: ValidatorStorage | null): Promise<Record<string, unknown>>;
}

export async function sebsInputModule(benchmark: Benchmark): Promise<InputModule> {
  const data_dir = (await sebsDataFolder(benchmark.path)) ?? null;
  const host = startHost(benchmark);
  return {
    async generate({ size, seed, storage }): Promise<GeneratedInput> {
      const place = storage ?? { bucket: '', input: '', output: '' };
      const answer = (await host.ask({ do: 'generate', size, seed, data_dir, ...place }, null)) as unknown as Generated;
      const objects = answer.uploads.map(async ({ key, path }) => ({ key, data: await readFile(path) }));
      return { event: answer.event, objects: await Promise.all(objects) };
    },
    async validate({ event, output, language, storage }) {
      // SeBS hands its validators what the handler returned, of which `result` is the output.
      const request = { do: 'validate', event, output: { result: output }, language, data_dir };
      const { verdict } = await host.ask(request, storage);
      return typeof verdict === 'string' ? verdict : null;
    },
  };
}

function startHost(benchmark: Benchmark): Host {
  let child: ChildProcess | undefined;
  let lines: AsyncIterator<string> | undefined;
  let last: Promise<unknown> = Promise.resolve();

  function start(): { write(value: object): void; read(): Promise<Record<string, unknown>> } {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) {
      child = spawn('python3', ['-u', HOST, benchmark.path], { stdio: ['pipe', 2, 'inherit', 'pipe'] });
      child.on('error', () => undefined);
      child.stdin?.on('error', () => undefined);
      const answers = child.stdio[3] as Readable;
      lines = createInterface({ input: answers })[Symbol.asyncIterator]();
      // It ends when its standard input does, so nothing need wait for it.
      child.unref();
      for (const stream of [child.stdin, answers]) (stream as unknown as { unref?(): void } | null)?.unref?.();
    }
    const [host, iterator] = [child, lines];
    return {
      write: (value) => host.stdin?.write(`${JSON.stringify(value)}\n`),
      async read() {
        const line = await iterator?.next();
        if (line === undefined || line.done === true)
          throw inputError(benchmark, 'was not answered: python3 is missing, ended, or took more than a minute');
        return JSON.parse(line.value) as Record<string, unknown>;
      },
    };
  }

  async function ask(request: object, storage: ValidatorStorage | null): Promise<Record<string, unknown>> {
    const { write, read } = start();
    // Whoever waits gives up at about the same time; the next request then meets a new process.
    const deadline = setTimeout(() => child?.kill('SIGKILL'), DEADLINE_MS);
    try {
      return await answered(request, storage, write, read);
    } finally {
      clearTimeout(deadline);
    }
  }

  async function answered(
    request: object,
    storage: ValidatorStorage | null,
    write: (value: object) => void,
    read: () => Promise<Record<string, unknown>>,
  ): Promise<Record<string, unknown>> {
    write(request);
    for (let answer = await read(); ; answer = await read()) {
      if (answer.ask !== 'download') {
        if (typeof answer.error === 'string') throw new Error(answer.error);
        return answer;
      }
      write(await fetched(storage, String(answer.key), String(answer.path)));
    }
  }

  return {
    ask(request, storage) {
      const turn = last.then(() => ask(request, storage));
      last = turn.catch(() => undefined);
      return turn;
    },
  };
}

async function fetched(storage: ValidatorStorage | null, key: string, path: string): Promise<object> {
  try {
    if (storage === null) throw new Error('the benchmark has no storage: config.json does not name the module');
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, await storage.download(key));
    return {};
  } catch (error) {
    return { error: messageOf(error) };
  }
}
