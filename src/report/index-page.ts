// Stage 5: the folder of all runs in, index.html out: a table of runs with their state and a link to each report.
// Written anew after every report; a run whose manifest cannot be read has a row that says so.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../errors.js';
import { listRuns, type RunFolder, readManifest } from '../results/run-folder.js';
import { formatUs, plural } from '../units.js';
import { writeWhole } from './atomic-write.js';
import { page, readScripts } from './page.js';
import { instant } from './provenance.js';
import type { StateBanner } from './state.js';

interface RunRow {
  id: string;
  name: string;
  startedAt: string;
  /** The run as its manifest has it: complete, partial, …; "unreadable" where there is none. */
  state: string;
  tone: StateBanner['tone'];
  /** Why its manifest cannot be read; empty when it can. */
  problem: string;
  cells: string;
  cellsRaw: number | null;
  took: string;
  tookRaw: number | null;
  simulated: boolean;
  /** Relative to the page; null where there is no report. */
  href: string | null;
}

export async function writeIndex(reportsDir: string): Promise<{ file: string }> {
  const runs = listRuns(reportsDir).map(runRow).reverse();
  const states = [...new Set(runs.map((run) => run.state))].sort();
  const view = { runs, states, count: plural(runs.length, 'run') };
  const file = join(reportsDir, 'index.html');
  writeWhole(file, await page('report-index.html.hbs', view, readScripts('data', 'tables', 'index')));
  return { file };
}

function runRow(folder: RunFolder): RunRow {
  const href = existsSync(folder.report) ? `./${encodeURIComponent(folder.id)}/report.html` : null;
  try {
    const { suite, state, parts, outcome, simulated } = readManifest(folder);
    const started = parts[0]?.started_at;
    const took = parts.reduce((sum, part) => sum + (part.duration_us ?? 0), 0);
    return {
      id: folder.id,
      name: suite.name,
      startedAt: started === undefined ? 'unknown' : instant(started),
      state,
      tone: state === 'complete' ? 'good' : state === 'partial' ? 'partial' : 'bad',
      problem: '',
      cells: cellsText(outcome?.cells),
      cellsRaw:
        outcome?.cells === undefined ? null : Object.values(outcome.cells).reduce((sum, count) => sum + count, 0),
      took: took === 0 ? 'unknown' : formatUs(took),
      tookRaw: took === 0 ? null : took,
      simulated: simulated !== undefined,
      href,
    };
  } catch (error) {
    const unknown = { name: 'unknown', startedAt: 'unknown', cells: 'unknown', took: 'unknown' };
    return {
      ...unknown,
      id: folder.id,
      state: 'unreadable',
      tone: 'bad',
      problem: `manifest.json cannot be read: ${messageOf(error)}`,
      cellsRaw: null,
      tookRaw: null,
      simulated: false,
      href,
    };
  }
}

/** "22 complete, 1 failed" from the counts of the manifest. */
function cellsText(counts: { [status: string]: number } | undefined): string {
  const words = Object.entries(counts ?? {}).filter(([, count]) => count > 0);
  return words.length === 0
    ? 'unknown'
    : words.map(([status, count]) => `${count} ${status.replaceAll('_', ' ')}`).join(', ');
}
