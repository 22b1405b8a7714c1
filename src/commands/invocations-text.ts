// What `sebs invoke` shows: the output of the function, then one line per request with its timings, then why requests
// failed. Comes in: rows with their outputs; goes out: text. An output that a terminal would drown in is cut.
import type { Invocation } from '../generated/invocation.js';
import type { Cell } from '../generated/plan.js';
import type { Summary } from '../generated/summary.js';
import { plainLine } from '../report/plain-line.js';
import { formatBytes, formatUs, plural } from '../units.js';
import { table } from './table.js';

/** A request and what came back. */
export interface Answered {
  row: Invocation;
  output: unknown;
  cell: Cell | undefined;
}

const LONGEST_OUTPUT = 4000;

export function invocationsText(
  invocations: readonly Answered[],
  summary: Summary | undefined,
  { run, report }: { run: string; report: string },
): string {
  const unfinished = summary?.cells.filter(({ status }) => status !== 'complete') ?? [];
  return [
    ...outputLines(invocations),
    ...(invocations.length === 0 ? [] : [timings(invocations), '']),
    ...errorLines(invocations),
    ...unfinished.map(({ status, reason }) => `${status}: ${plainLine(reason ?? 'no reason was recorded')}`),
    `Run: ${run}`,
    `Report: ${report}`,
  ].join('\n');
}

/** The first of each cell; the others are the same, or said to differ. */
function outputLines(invocations: readonly Answered[]): string[] {
  const answered = invocations.filter(({ row }) => row.output_sha256 !== undefined);
  const first = new Map<string, Answered>();
  for (const one of answered) if (!first.has(one.row.cell)) first.set(one.row.cell, one);
  return [...first.values()].flatMap(({ row, output, cell }) => {
    const others = answered.filter((one) => one.row.cell === row.cell && one.row.output_sha256 !== row.output_sha256);
    const note = others.length === 0 ? [] : [`(${plural(others.length, 'other output')} differ: --json has all)`];
    const title = first.size === 1 || cell === undefined ? [] : [`${cell.benchmark} ${runtimeOf(cell)}:`];
    return [...title, clipped(JSON.stringify(output, null, 2)), ...note, ''];
  });
}

function runtimeOf({ language, language_version: version }: Cell): string {
  return language === null ? '' : `${language}@${version}`;
}

/** Control characters in it would reach the terminal: JSON escapes those below a space, the others go here. */
function clipped(json: string): string {
  const lines = json.split('\n').map(safe).join('\n');
  if (lines.length <= LONGEST_OUTPUT) return lines;
  return `${lines.slice(0, LONGEST_OUTPUT)}\n… (${formatBytes(Buffer.byteLength(json))} in all: --json has all of it)`;
}

function safe(line: string): string {
  const indent = /^ */.exec(line)?.[0] ?? '';
  return indent + plainLine(line.slice(indent.length));
}

const TIMES = [
  ['client', 'client_us'],
  ['create', 'create_us'],
  ['ready', 'ready_us'],
  ['connect', 'connect_us'],
  ['function', 'benchmark_us'],
  ['import', 'import_us'],
] as const;

function timings(invocations: readonly Answered[]): string {
  const shown = TIMES.filter(([, field]) => invocations.some(({ row }) => row[field] !== undefined));
  const header = ['', 'runtime', 'start', 'outcome', ...shown.map(([title]) => title), 'memory'];
  const rows = invocations.map(({ row, cell }, at) => [
    String(at + 1),
    cell === undefined ? '' : runtimeOf(cell),
    row.start_observed ?? 'unknown',
    row.role === 'counted' ? (row.outcome ?? 'unknown') : row.role,
    ...shown.map(([, field]) => (row[field] === undefined ? '' : formatUs(row[field]))),
    row.memory_peak_bytes === undefined ? '' : formatBytes(row.memory_peak_bytes),
  ]);
  return table(header, rows, [0, ...shown.map((_, at) => at + 4), shown.length + 4]);
}

/** Each reason once, with the requests it belongs to. */
function errorLines(invocations: readonly Answered[]): string[] {
  const byReason = new Map<string, number[]>();
  for (const [at, { row }] of invocations.entries()) {
    const reason = row.error ?? row.reason;
    if (reason !== undefined) byReason.set(reason, [...(byReason.get(reason) ?? []), at + 1]);
  }
  return [...byReason].map(([reason, numbers]) => `${numbers.join(', ')}: ${plainLine(reason)}`);
}
