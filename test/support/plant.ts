// Hostile text in every place of a run folder that text from outside can reach: settings, facts of platforms and host,
// arguments, notes, reasons, errors, sandboxes, names of measurements. Comes in: a sample run; it is changed in place.
import { readFileSync, writeFileSync } from 'node:fs';
import type { Invocation } from '../../src/generated/invocation.js';
import type { JournalLine } from '../../src/generated/journal.js';
import type { Plan } from '../../src/generated/plan.js';
import { type RunFolder, readManifest, writeManifest } from '../../src/results/run-folder.js';

/** Each ends something: an element, a comment, an attribute, a text of JavaScript, a line. */
export const PLANTED =
  "</script><script>alert(1)</script><!--<script> \"onload=alert(2) 'x' `{{alert(3)}}` --> \u2028\u2029<img src=x onerror=alert(4)>";

export function plant(folder: RunFolder): void {
  const manifest = readManifest(folder);
  writeManifest(folder, {
    ...manifest,
    suite: { ...manifest.suite, description: PLANTED },
    platforms: { [PLANTED]: { type: PLANTED, [PLANTED]: [PLANTED] } },
    client: { ...manifest.client, cpu_model: PLANTED, governor: PLANTED },
    parts: manifest.parts.map((part) => ({ ...part, argv: [PLANTED], why_ended: PLANTED })),
    inputs: { [PLANTED]: PLANTED },
    warnings: [PLANTED],
    simulated: [PLANTED],
    outcome: { ...manifest.outcome, left_behind: [PLANTED] },
  });
  const plan = JSON.parse(readFileSync(folder.plan, 'utf8')) as Plan;
  const cells = plan.cells.map((cell, at) => ({ ...cell, settings: { [PLANTED]: `${PLANTED}${at % 2}` } }));
  writeFileSync(folder.plan, JSON.stringify({ ...plan, cells }));
  changeLines<Invocation>(folder.invocations, (row) => ({
    ...row,
    ...(row.sandbox_id === undefined ? {} : { sandbox_id: PLANTED + row.sandbox_id }),
    ...(row.error === undefined ? {} : { error: PLANTED }),
    ...(row.reason === undefined ? {} : { reason: PLANTED }),
    ...(row.measurement === undefined ? {} : { measurement: { ...row.measurement, [PLANTED]: 7 } }),
  }));
  changeLines<JournalLine>(folder.journal, (line) =>
    line.type === 'cell_ended' && line.status !== 'complete' ? { ...line, reason: PLANTED } : line,
  );
  const note = { type: 'note', part: 1, at: PLANTED, level: 'warning', text: PLANTED } satisfies JournalLine;
  writeFileSync(folder.journal, `${readFileSync(folder.journal, 'utf8')}${JSON.stringify(note)}\n`);
}

function changeLines<T>(file: string, change: (line: T) => T): void {
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  writeFileSync(file, lines.map((line) => `${JSON.stringify(change(JSON.parse(line) as T))}\n`).join(''));
}
