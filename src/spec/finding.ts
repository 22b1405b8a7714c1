// What is wrong, before it has a line number: stage 1 collects findings about paths of a document; where the paths are in
// the file is known to the document alone, which turns them into the problems that users read.
import type { Problem } from '../errors.js';
import type { SuitePath } from './resolved.js';

export interface Finding {
  path: SuitePath;
  /** Whether the key is wrong (unknown, twice) or what stands behind it. */
  at: 'key' | 'value';
  message: string;
  hint?: string;
}

/** Text of the file's place; line and column count from 1. */
export interface Place {
  file: string;
  line: number;
  column: number;
}

/** At most this many problems are shown: more help nobody, and a generated file can have a million. */
const MOST_PROBLEMS = 100;

/** `experiments.cold-warm.starts[1]`; empty for the document as a whole. */
export function formatPath(path: SuitePath): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else if (/^[A-Za-z0-9_-]{1,64}$/.test(part)) text += text === '' ? part : `.${part}`;
    else text += `[${quote(part)}]`;
  }
  return text;
}

/** A text of the user's in single quotes, on one line, without control characters, cut where it gets long. */
export function quote(text: string): string {
  const short = text.length > 60 ? `${text.slice(0, 57)}...` : text;
  return `'${JSON.stringify(short).slice(1, -1).replaceAll('\\"', '"')}'`;
}

export function toProblem(finding: Finding, place: Place): Problem {
  const { message, hint } = finding;
  return { ...place, path: formatPath(finding.path), message, ...(hint === undefined ? {} : { hint }) };
}

/** File by file, each in its order, and not more than anyone reads. */
export function inOrder(problems: readonly Problem[], files: readonly string[] = []): Problem[] {
  const rank = new Map(files.map((file, index) => [file, index]));
  const rankOf = ({ file }: Problem): number => rank.get(file) ?? files.length;
  const sorted = [...problems].sort((a, b) => rankOf(a) - rankOf(b) || a.line - b.line || a.column - b.column);
  const left = sorted.length - MOST_PROBLEMS;
  const next = sorted[MOST_PROBLEMS];
  if (left <= 1 || next === undefined) return sorted;
  const { file, line, column } = next;
  const rest = { file, line, column, path: '', message: `and ${left} more problems from here on` };
  return [...sorted.slice(0, MOST_PROBLEMS), rest];
}
