// Stage 5, report. Summary or mistakes in a suite in, annotations for GitHub's checks out: lines that the runner of a
// workflow reads from the output of a step and shows at the file they name. Pure.
import type { Problem } from '../errors.js';
import type { Summary } from '../generated/summary.js';
import { plural } from '../units.js';

/** GitHub shows ten of a kind per step; what is beyond this is counted. */
const MOST = 10;
const CELLS_NAMED = 5;

type Level = 'error' | 'warning' | 'notice';

/** Every reason once, with the cells it ended, at the suite's file; then the warnings. */
export function annotateRun(summary: Summary, suiteFile: string | undefined): string[] {
  const complete = summary.cells.filter(({ status }) => status === 'complete').length;
  const ended = summary.cells.filter(({ status }) => status === 'failed' || status === 'incomplete');
  const unreached = summary.cells.filter(({ status }) => status === 'not reached');
  const at: Record<string, string> = suiteFile === undefined ? {} : { file: suiteFile };
  return [
    ...bounded(
      'error',
      byReason(
        ended.map(({ status, reason, label }) => ({ label, reason: `${status}: ${reason ?? 'no reason recorded'}` })),
      ),
      at,
    ),
    ...bounded(
      'warning',
      [
        ...byReason(
          unreached.map(({ label, reason }) => ({ label, reason: `not reached: ${reason ?? 'no reason recorded'}` })),
        ),
        ...byReason(
          summary.not_run.map(({ label, because, reason }) => ({ label, reason: `not run (${because}): ${reason}` })),
        ),
        ...summary.warnings,
      ],
      at,
    ),
    line('notice', `${complete} of ${plural(summary.cells.length, 'cell')} complete; run ${summary.run_id}`, at),
  ];
}

export function annotateProblems(problems: readonly Problem[]): string[] {
  const shown = problems.slice(0, MOST).map(({ file, line: at, column, path, message, hint }) => {
    const text = `${path === '' ? '' : `${path}: `}${message}${hint === undefined ? '' : ` (${hint})`}`;
    return line('error', text, { file, line: String(at), col: String(column) });
  });
  const more = problems.length - shown.length;
  return more > 0 ? [...shown, line('error', `and ${plural(more, 'problem')} more`, {})] : shown;
}

export function annotateError(message: string, hint: string | undefined): string {
  return line('error', hint === undefined ? message : `${message}\n${hint}`, {});
}

function byReason(cells: readonly { label: string; reason: string }[]): string[] {
  const labels = new Map<string, string[]>();
  for (const { label, reason } of cells) labels.set(reason, [...(labels.get(reason) ?? []), label]);
  return [...labels].map(([reason, of]) => {
    const more = of.length > CELLS_NAMED ? `; and ${of.length - CELLS_NAMED} more` : '';
    return `${reason}\n${of.slice(0, CELLS_NAMED).join('; ')}${more}`;
  });
}

function bounded(level: Level, texts: readonly string[], at: Readonly<Record<string, string>>): string[] {
  const shown = texts.slice(0, MOST - 1).map((text) => line(level, text, at));
  const more = texts.length - shown.length;
  return more > 0 ? [...shown, line(level, `and ${more} more; the report has all`, at)] : shown;
}

function line(level: Level, text: string, properties: Readonly<Record<string, string>>): string {
  const named = Object.entries({ ...properties, title: 'sebs' }).map(([key, value]) => `${key}=${property(value)}`);
  return `::${level} ${named.join(',')}::${data(text)}`;
}

function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
