// Stage 5, report. Manifest and summary in; out: in what state the run is, whether every figure must be marked as
// partial, and why (methodology D2).
import type { Manifest } from '../generated/manifest.js';
import type { Summary } from '../generated/summary.js';
import { plural } from '../units.js';

export interface StateBanner {
  /** "complete", "partial", "interrupted", … */
  word: string;
  tone: 'good' | 'partial' | 'bad';
  sentence: string;
  reasons: string[];
  /** Short enough to stand on every figure; null when nothing is missing. */
  mark: string | null;
}

const SENTENCES: Readonly<Record<Manifest['state'], string>> = {
  complete: 'Every planned cell was measured in full.',
  partial: 'This run is partial: some cells are skipped, failed or incomplete.',
  interrupted: 'This run was interrupted before it was complete.',
  preparing: 'This run was cut off while it prepared; nothing is measured in full.',
  measuring: 'This run is not over, or was cut off while it measured.',
  failed: 'This run failed.',
};

export function stateBanner(manifest: Manifest, summary: Summary): StateBanner {
  const unfinished = summary.cells.filter((cell) => cell.status !== 'complete').length;
  const whole = manifest.state === 'complete' && unfinished === 0;
  const word = manifest.state === 'complete' && !whole ? 'partial' : manifest.state;
  return {
    word,
    tone: whole ? 'good' : word === 'partial' ? 'partial' : 'bad',
    sentence: SENTENCES[word],
    reasons: reasons(manifest, summary),
    mark: whole ? null : markText(manifest, summary, unfinished),
  };
}

/** How many cells are in each status, in the order a reader asks: "22 complete, 1 incomplete, 1 failed". */
export function statusCounts(summary: Summary): { status: string; count: number }[] {
  const order = ['complete', 'incomplete', 'failed', 'not reached'] as const;
  const counts = order.map((status) => ({
    status,
    count: summary.cells.filter((cell) => cell.status === status).length,
  }));
  return [...counts, { status: 'not run', count: summary.not_run.length }];
}

function reasons(manifest: Manifest, summary: Summary): string[] {
  const counts = statusCounts(summary).filter(({ status, count }) => status !== 'complete' && count > 0);
  const cutOff = manifest.parts.filter((part) => part.why_ended !== undefined && part.why_ended !== 'complete');
  const open = ['preparing', 'measuring', 'interrupted'].includes(manifest.state);
  return [
    ...counts.map(({ status, count }) => `${plural(count, 'cell')} ${status}`),
    ...cutOff.map((part) => `part ${part.part} ended early: ${part.why_ended}`),
    ...(open ? [`sebs resume ${manifest.run_id} goes on where it stopped`] : []),
  ];
}

function markText(manifest: Manifest, summary: Summary, unfinished: number): string {
  if (unfinished > 0) return `${unfinished} of ${plural(summary.cells.length, 'cell')} not complete`;
  if (summary.not_run.length > 0) return `${plural(summary.not_run.length, 'cell')} of the suite not run`;
  return manifest.state;
}
