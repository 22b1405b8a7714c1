// Stage 1, the first step: comes in the name of a file, goes out its text. Whatever cannot be a suite (a folder, a
// picture, a file without end) is refused here with a sentence, before a parser sees it.
import { open } from 'node:fs/promises';
import { messageOf, SpecError } from '../errors.js';

/** Suites are written by hand: a larger file is a mistake, and parsing it would cost seconds and memory. */
export const MOST_BYTES = 1_048_576;

/** The text of a UTF-8 file. Throws SpecError when there is none, it is too large, or it is not text. */
export async function readText(file: string): Promise<string> {
  const bytes = await readBounded(file);
  if (bytes.length > MOST_BYTES) throw tooLarge(file);
  const text = decode(bytes);
  if (text === undefined) throw notText(file, bytes);
  checkText(file, text);
  return text;
}

/** The same checks for a text that did not come from a file. */
export function checkText(file: string, text: string): void {
  if (Buffer.byteLength(text) > MOST_BYTES) throw tooLarge(file);
  const at = text.search(NOT_TEXT);
  if (at >= 0) throw notText(file, Buffer.from(text.slice(0, at)), text.charCodeAt(at));
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this looks for.
const NOT_TEXT = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\ufffe\uffff]/;

// Read with a bound, not by size: pipes and devices have none.
async function readBounded(file: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    const handle = await open(file, 'r');
    try {
      while (size <= MOST_BYTES) {
        const { bytesRead, buffer } = await handle.read(Buffer.alloc(65_536), 0, 65_536);
        if (bytesRead === 0) break;
        chunks.push(buffer.subarray(0, bytesRead));
        size += bytesRead;
      }
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw at(file, 1, 1, `cannot be read: ${reasonOf(error)}`);
  }
  return Buffer.concat(chunks);
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EISDIR') return 'it is a folder';
  if (code === 'EACCES' || code === 'EPERM') return 'permission denied';
  return messageOf(error);
}

function decode(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function tooLarge(file: string): SpecError {
  return at(file, 1, 1, 'the file is larger than 1 MB, which no suite needs', 'is it the right file?');
}

// For undecodable bytes the first bad one is found by decoding ever longer starts of the file: halving finds it in 20.
function notText(file: string, bytes: Buffer, code?: number): SpecError {
  const good = code === undefined ? longestText(bytes) : bytes.toString('utf8');
  const line = good.split('\n').length;
  const column = good.length - good.lastIndexOf('\n');
  const byte = code ?? bytes[Buffer.byteLength(good)] ?? 0;
  const shown = `0x${byte.toString(16).padStart(2, '0')}`;
  return at(file, line, column, `this is not UTF-8 text: found ${shown}`, 'a suite is a YAML file saved as UTF-8');
}

function longestText(bytes: Buffer): string {
  let low = 0;
  let high = bytes.length;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (startsAsText(bytes.subarray(0, middle))) low = middle;
    else high = middle - 1;
  }
  return bytes
    .subarray(0, low)
    .toString('utf8')
    .replace(/\ufffd$/, '');
}

// `stream` accepts a character that is cut at the end, which may still become a good one.
function startsAsText(bytes: Buffer): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}

function at(file: string, line: number, column: number, message: string, hint?: string): SpecError {
  return new SpecError([{ file, line, column, path: '', message, ...(hint === undefined ? {} : { hint }) }]);
}
