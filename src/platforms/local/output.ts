// Platform `local`, what a container writes: its two outputs, which come in one attached stream, go to a log, and the
// worker's word that it serves is taken out of them. Comes in: the stream of each of its lives; goes out: that word, the
// end of the stream, the last lines. A log has a bound: a function that prints for ever must not fill the disk.
import { createWriteStream, mkdirSync, type WriteStream } from 'node:fs';
import { dirname } from 'node:path';
import { BYTES_PER_MB } from '../../units.js';
import { TAIL_BYTES } from '../last-words.js';
import type { Client } from './engine.js';

export interface Output {
  /** Follows one life of the container, from before it starts. */
  follow(stream: NodeJS.ReadWriteStream, client: Client): Life;
  /** The end of what was written. */
  tail(): string;
  close(): void;
}

export interface Life {
  /** The port in the worker's line `ready <port>`; pending for ever when it never comes. */
  ready: Promise<number>;
  /** The container has ended, or the engine has. */
  ended: Promise<void>;
  /** Whether `ended` is so. */
  isOver(): boolean;
}

const MAX_LOG_BYTES = 16 * BYTES_PER_MB;
const READY = /^ready (\d+)\r?\n/m;
const LONGEST_LINE = 4096;

export function openOutput(file: string): Output {
  mkdirSync(dirname(file), { recursive: true });
  let log: WriteStream | undefined;
  let kept = '';
  let bytes = 0;

  function write(text: string): void {
    if (text === '') return;
    kept = (kept + text).slice(-TAIL_BYTES);
    if (bytes > MAX_LOG_BYTES) return;
    bytes += Buffer.byteLength(text);
    log ??= createWriteStream(file, { flags: 'a' }).on('error', () => undefined);
    log.write(bytes > MAX_LOG_BYTES ? `${text}\n[sebs: this log is full; what follows was not kept]\n` : text);
  }

  function follow(stream: NodeJS.ReadWriteStream, client: Client): Life {
    let over = false;
    let announce: (port: number) => void = () => undefined;
    /** What stdout said before the ready line; undefined after it. */
    let before: string | undefined = '';
    const ready = new Promise<number>((resolve) => {
      announce = resolve;
    });
    const stdout = (chunk: Buffer): void => {
      const text = chunk.toString('utf8');
      if (before === undefined) {
        write(text);
        return;
      }
      before += text;
      const line = READY.exec(before);
      if (line === null) {
        const whole = before.length > LONGEST_LINE ? before.length : before.lastIndexOf('\n') + 1;
        write(before.slice(0, whole));
        before = before.slice(whole);
        return;
      }
      announce(Number(line[1]));
      write(before.slice(0, line.index) + before.slice(line.index + line[0].length));
      before = undefined;
    };
    const ended = new Promise<void>((resolve) => {
      const end = (): void => {
        if (before !== undefined) write(before);
        before = undefined;
        over = true;
        resolve();
      };
      stream.on('end', end).on('close', end).on('error', end);
    });
    client.modem.demuxStream(
      stream,
      { write: stdout } as unknown as NodeJS.WritableStream,
      { write: (chunk: Buffer) => write(chunk.toString('utf8')) } as unknown as NodeJS.WritableStream,
    );
    return { ready, ended, isOver: () => over };
  }

  return { follow, tail: () => kept.trim(), close: () => void log?.end() };
}
