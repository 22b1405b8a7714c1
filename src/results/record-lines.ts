// The lines of raw/invocations.jsonl, before they are read as a table. Comes in: the file; goes out: a file of whole
// lines only, and, when a line is no record, an error that names it.
import {
  closeSync,
  createReadStream,
  createWriteStream,
  existsSync,
  fstatSync,
  openSync,
  readSync,
  writeFileSync,
} from 'node:fs';
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream/promises';
import { EXIT, messageOf, SebsError } from '../errors.js';
import { type Column, recordColumns } from './columns.js';

/** A line without its line break did not happen: the run was cut off while writing it. raw/ itself is not touched. */
export async function wholeLines(file: string, copy: string): Promise<{ file: string; torn: boolean }> {
  if (!existsSync(file)) {
    writeFileSync(copy, '');
    return { file: copy, torn: false };
  }
  const end = endOfLastLine(file);
  if (end === null) return { file, torn: false };
  if (end === 0) writeFileSync(copy, '');
  else await pipeline(createReadStream(file, { end: end - 1 }), createWriteStream(copy));
  return { file: copy, torn: true };
}

/** Bytes up to and with the last line break; null when the file ends with one or is empty. */
function endOfLastLine(path: string): number | null {
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    const piece = Buffer.alloc(65_536);
    for (let to = size; to > 0; to -= piece.length) {
      const from = Math.max(0, to - piece.length);
      const read = readSync(file, piece, 0, to - from, from);
      const at = piece.subarray(0, read).lastIndexOf(10);
      if (at >= 0) return from + at + 1 === size ? null : from + at + 1;
    }
    return size === 0 ? null : 0;
  } finally {
    closeSync(file);
  }
}

/** The error for a file that cannot be read as records, naming the first line that is none. @param records what was read. */
export async function damaged(original: string, records: string, error: unknown): Promise<SebsError> {
  let line = 0;
  let cause = messageOf(error).split('\n')[0] ?? '';
  for await (const text of createInterface({ input: createReadStream(records), crlfDelay: Infinity })) {
    line += 1;
    const problem = problemOf(text);
    if (problem === null) continue;
    cause = `line ${line}: ${problem}`;
    break;
  }
  return new SebsError('RUN_FOLDER', `${original}: ${cause}`, EXIT.usage, {
    hint: 'the file was changed after the run: `sebs verify` compares it with its seal',
    cause: error,
  });
}

function problemOf(text: string): string | null {
  if (text.trim() === '') return null;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'not a record';
    const { measurement } = value as { measurement?: unknown };
    if (!isMeasurement(measurement)) return "'measurement' is not a set of numbers";
    const wrong = recordColumns().find((column) => !fits(column, (value as Record<string, unknown>)[column.name]));
    return wrong === undefined ? null : `'${wrong.name}' is not of type ${wrong.type}`;
  } catch (error) {
    return messageOf(error);
  }
}

function fits(column: Column, value: unknown): boolean {
  if (value === undefined || value === null) return true;
  if (column.type === 'integer' || column.type === 'number') return typeof value === 'number';
  if (column.type === 'boolean') return typeof value === 'boolean';
  return typeof value === 'string';
}

function isMeasurement(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  return typeof value === 'object' && Object.values(value).every((one) => typeof one === 'number' || one === null);
}
