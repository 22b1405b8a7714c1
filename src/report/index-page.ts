// Stage 5: the folder of all runs in, index.html out: a table of runs with their state and a link to each report.
// Written anew after every report; a run whose manifest cannot be read has a row that says so.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../errors.js';
import { listRuns, type RunFolder, readManifest } from '../results/run-folder.js';
import { writeWhole } from './atomic-write.js';
import { page } from './page.js';
import { instant } from './provenance.js';

interface RunRow {
  id: string;
  name: string;
  startedAt: string;
  state: string;
  cells: string;
  /** Relative to the page; null where there is no report. */
  href: string | null;
}

export async function writeIndex(reportsDir: string): Promise<{ file: string }> {
  const runs = listRuns(reportsDir).map(runRow).reverse();
  const file = join(reportsDir, 'index.html');
  writeWhole(file, await page('report-index.html.hbs', { runs }));
  return { file };
}

function runRow(folder: RunFolder): RunRow {
  const href = existsSync(folder.report) ? `./${encodeURIComponent(folder.id)}/report.html` : null;
  try {
    const { suite, state, parts, outcome } = readManifest(folder);
    const started = parts[0]?.started_at;
    return {
      id: folder.id,
      name: suite.name,
      startedAt: started === undefined ? 'unknown' : instant(started),
      state,
      cells: cellsText(outcome?.cells),
      href,
    };
  } catch (error) {
    const state = `manifest.json cannot be read: ${messageOf(error)}`;
    return { id: folder.id, name: 'unknown', startedAt: 'unknown', state, cells: 'unknown', href };
  }
}

/** "22 complete, 1 failed" from the counts of the manifest. */
function cellsText(counts: { [status: string]: number } | undefined): string {
  const words = Object.entries(counts ?? {}).filter(([, count]) => count > 0);
  return words.length === 0
    ? 'unknown'
    : words.map(([status, count]) => `${count} ${status.replaceAll('_', ' ')}`).join(', ');
}
