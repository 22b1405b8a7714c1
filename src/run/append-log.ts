// Stage 3, lines that survive: an append-only JSONL file. A line is handed to the operating system before `append`
// returns, so it outlives a `kill -9`; it reaches the disk within a second and at every `sync`, so a power cut loses at
// most that. Reading sets a torn last line aside and refuses damage anywhere else.
import {
  appendFileSync,
  closeSync,
  existsSync,
  fdatasync,
  fdatasyncSync,
  openSync,
  readFileSync,
  readSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { SebsError } from '../errors.js';

export interface AppendLog<T> {
  /** All lines in one write: after a kill either all of them are there or none. */
  append(...lines: readonly T[]): void;
  /** Waits until everything appended is on the disk. */
  sync(): void;
  close(): void;
}

const SYNC_EVERY_MS = 500;
const PIECE_BYTES = 1 << 20;
const LINE_BREAK = 10;

/** Opens the file for appending; it is created when the first line comes. `shorten` goes over every line's text. */
export function openAppendLog<T>(path: string, shorten: (text: string) => string = (text) => text): AppendLog<T> {
  let fd: number | undefined;
  let dirty = false;
  let syncing = false;
  let timer: NodeJS.Timeout | undefined;

  function syncSoon(): void {
    if (fd === undefined || !dirty || syncing) return;
    syncing = true;
    dirty = false;
    fdatasync(fd, () => {
      syncing = false;
    });
  }

  return {
    append(...lines) {
      if (lines.length === 0) return;
      if (fd === undefined) {
        fd = openSync(path, 'a');
        timer = setInterval(syncSoon, SYNC_EVERY_MS);
        timer.unref();
      }
      writeAll(fd, shorten(`${lines.map((line) => JSON.stringify(line)).join('\n')}\n`), path);
      dirty = true;
    },
    sync() {
      if (fd === undefined || !dirty) return;
      fdatasyncSync(fd);
      dirty = false;
    },
    close() {
      if (fd === undefined) return;
      clearInterval(timer);
      if (dirty) fdatasyncSync(fd);
      closeSync(fd);
      fd = undefined;
    },
  };
}

function writeAll(fd: number, text: string, path: string): void {
  const bytes = Buffer.from(text);
  let written = 0;
  try {
    while (written < bytes.length) written += writeSync(fd, bytes, written);
  } catch (cause) {
    throw new SebsError('DISK', `cannot write to ${path}: ${cause instanceof Error ? cause.message : cause}`, 1, {
      cause,
      hint: 'free space on that disk, then go on with: sebs resume <run>',
    });
  }
}

/** The complete lines of the file, in order; a missing file has none. Throws where a line in the middle is damaged. */
export function readLog<T>(path: string): T[] {
  return [...eachLine<T>(path)];
}

/** The same, one at a time: a large file is never in memory as a whole. */
export function* eachLine<T>(path: string): Generator<T> {
  if (!existsSync(path)) return;
  const file = openSync(path, 'r');
  try {
    const piece = Buffer.allocUnsafe(PIECE_BYTES);
    let rest: Buffer = Buffer.alloc(0);
    let number = 0;
    for (let read = readSync(file, piece); read > 0; read = readSync(file, piece)) {
      const bytes = Buffer.concat([rest, piece.subarray(0, read)]);
      const end = bytes.lastIndexOf(LINE_BREAK) + 1;
      rest = bytes.subarray(end);
      if (end === 0) continue;
      for (const line of bytes.toString('utf8', 0, end - 1).split('\n')) {
        number += 1;
        yield parseLine<T>(line, `${path}:${number}`);
      }
    }
  } finally {
    closeSync(file);
  }
}

/**
 * Like `readLog`, for a file that will be appended to again: what a kill or a power cut tore off at the end is moved to
 * `<file>.torn`, so that the next line begins on a line of its own.
 */
export function mendLog<T>(path: string): T[] {
  const { lines, completeBytes, torn } = parse<T>(path);
  if (torn !== '') {
    appendFileSync(`${path}.torn`, `${torn}\n`);
    truncateSync(path, completeBytes);
  }
  return lines;
}

/** Puts other lines in the place of all but the first `keep`; those that were there go to `<file>.torn`. */
export function replaceTail<T>(path: string, keep: number, lines: readonly T[]): void {
  const all = readFileSync(path, 'utf8').split('\n');
  const kept = all.slice(0, keep).map((line) => `${line}\n`);
  appendFileSync(`${path}.torn`, all.slice(keep).join('\n'));
  truncateSync(path, Buffer.byteLength(kept.join('')));
  appendFileSync(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
}

function parse<T>(path: string): { lines: T[]; completeBytes: number; torn: string } {
  if (!existsSync(path)) return { lines: [], completeBytes: 0, torn: '' };
  const text = readFileSync(path, 'utf8');
  const end = text.lastIndexOf('\n') + 1;
  const lines = text
    .slice(0, end)
    .split('\n')
    .slice(0, -1)
    .map((line, position) => parseLine<T>(line, `${path}:${position + 1}`));
  return { lines, completeBytes: Buffer.byteLength(text.slice(0, end)), torn: text.slice(end) };
}

function parseLine<T>(line: string, where: string): T {
  try {
    return JSON.parse(line) as T;
  } catch (cause) {
    throw new SebsError('DAMAGED', `${where} is not a line that sebs wrote`, 2, {
      cause,
      hint: 'the run folder was changed by hand or by a failing disk; sebs verify <run> compares it with its seals',
    });
  }
}
