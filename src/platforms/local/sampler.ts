// Platform `local`, the memory sampler: a thread of its own, so that neither the client's event loop waits for it nor it
// for the loop. Every 10 ms it reads the memory of each container that serves, and keeps peak, sum and number in memory
// that it shares with the client, which begins and ends a span without a message. Nobody serves: it sleeps.
// Started from the text below, so that it needs no file beside the compiled code.
import { readFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';

export const SAMPLE_EVERY_MS = 10;
/** As many containers at a time; one beyond goes without samples. */
export const SLOTS = 1024;
const US_PER_NS = 1 / 1000;

/** Words of the shared control array: how many serve, a counter that wakes, the thread's number, whether it must end. */
const WORDS = { serving: 0, wake: 1, thread: 2, stop: 3, slots: 4 };

const PROGRAM = `
const { openSync, closeSync, readSync, readlinkSync } = require('node:fs');
const { workerData, receiveMessageOnPort } = require('node:worker_threads');
const { control, values, port, everyMs, words } = workerData;
const files = new Map();
const buffer = Buffer.alloc(32);
try { Atomics.store(control, words.thread, Number(readlinkSync('/proc/thread-self').split('/').pop())); } catch {}

function listen() {
  for (let got = receiveMessageOnPort(port); got !== undefined; got = receiveMessageOnPort(port)) {
    const { slot, path } = got.message;
    if (files.has(slot)) closeSync(files.get(slot));
    files.delete(slot);
    try { if (path !== undefined) files.set(slot, openSync(path, 'r')); } catch {}
  }
}

/** A slot's span in the control array is a number that the client raises; 0 is none. */
function sample() {
  for (const [slot, file] of files) {
    const wanted = Atomics.load(control, words.slots + slot);
    if (wanted === 0) continue;
    const at = slot * 4;
    let bytes;
    try { bytes = Number(buffer.latin1Slice(0, readSync(file, buffer, 0, 32, 0))); } catch { continue; }
    if (values[at] !== wanted) { values[at + 1] = 0; values[at + 2] = 0; values[at + 3] = 0; values[at] = wanted; }
    if (bytes > values[at + 1]) values[at + 1] = bytes;
    values[at + 2] += bytes;
    values[at + 3] += 1;
  }
}

let next = 0;
while (Atomics.load(control, words.stop) === 0) {
  const seen = Atomics.load(control, words.wake);
  listen();
  if (Atomics.load(control, words.serving) === 0) {
    Atomics.wait(control, words.wake, seen);
    next = performance.now();
    continue;
  }
  const wait = next - performance.now();
  if (wait > 0) { Atomics.wait(control, words.wake, seen, wait); continue; }
  sample();
  next = Math.max(next + everyMs, performance.now());
}
for (const file of files.values()) closeSync(file);
`;

export interface Sampler {
  /** Starts to look at a file that holds a number of bytes; undefined when all places are taken. */
  watch(memoryFile: string): Watch | undefined;
  /** CPU time that the thread has taken so far; undefined where the kernel does not tell. */
  cpuUs(): number | undefined;
  close(): Promise<void>;
}

export interface Watch {
  /** A span begins: samples are counted from here on. */
  begin(): void;
  /** It ends; absent: no sample fell into it. */
  end(): Samples | undefined;
  close(): void;
}

export interface Samples {
  peakBytes: number;
  sumBytes: number;
  count: number;
}

export function startSampler(everyMs = SAMPLE_EVERY_MS): Sampler {
  const control = new Int32Array(new SharedArrayBuffer(4 * (WORDS.slots + SLOTS)));
  const values = new Float64Array(new SharedArrayBuffer(8 * 4 * SLOTS));
  const { port1, port2 } = new MessageChannel();
  const worker = new Worker(PROGRAM, {
    eval: true,
    workerData: { control, values, port: port2, everyMs, words: WORDS },
    transferList: [port2 as never],
    // It must not start with the options that tests or users give to the main thread.
    execArgv: [],
    env: {},
  });
  worker.unref();
  const failed = new Promise<void>((resolve) => {
    worker.once('error', () => resolve());
    worker.once('exit', () => resolve());
  });
  const free = Array.from({ length: SLOTS }, (_, slot) => SLOTS - 1 - slot);

  function wake(): void {
    Atomics.add(control, WORDS.wake, 1);
    Atomics.notify(control, WORDS.wake);
  }

  function tell(slot: number, path?: string): void {
    port1.postMessage({ slot, path });
    wake();
  }

  return {
    watch(memoryFile) {
      const slot = free.pop();
      if (slot === undefined) return undefined;
      const word = WORDS.slots + slot;
      let span = values[slot * 4] ?? 0;
      let serving = false;
      tell(slot, memoryFile);
      function rest(): void {
        if (!serving) return;
        serving = false;
        Atomics.store(control, word, 0);
        Atomics.sub(control, WORDS.serving, 1);
      }
      return {
        begin() {
          rest();
          serving = true;
          span += 1;
          Atomics.store(control, word, span);
          Atomics.add(control, WORDS.serving, 1);
          wake();
        },
        end() {
          rest();
          const [of = 0, peakBytes = 0, sumBytes = 0, count = 0] = values.subarray(slot * 4, slot * 4 + 4);
          return of === span && count > 0 ? { peakBytes, sumBytes, count } : undefined;
        },
        close() {
          rest();
          tell(slot);
          free.push(slot);
        },
      };
    },
    cpuUs() {
      const thread = Atomics.load(control, WORDS.thread);
      if (thread === 0) return undefined;
      try {
        const [ns = ''] = readFileSync(`/proc/self/task/${thread}/schedstat`, 'latin1').split(' ');
        return Math.round(Number(ns) * US_PER_NS);
      } catch {
        return undefined;
      }
    },
    async close() {
      // Whoever waits for its end must not have ended before.
      worker.ref();
      Atomics.store(control, WORDS.stop, 1);
      wake();
      await failed;
      port1.close();
    },
  };
}
