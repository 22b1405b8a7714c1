// `sebs list runs`: one line per run folder, oldest first, with its state, how its cells ended, how long it took and how
// much disk it takes. Comes in: the folder of the run folders; goes out: entries and a table.
import { sizeOf } from '../cache/maintain.js';
import { messageOf } from '../errors.js';
import type { Manifest } from '../generated/manifest.js';
import { lockHolder } from '../host/lock.js';
import { listRuns, type RunFolder, readManifest } from '../results/run-folder.js';
import { formatBytes, formatCount, formatUs } from '../units.js';
import { table } from './table.js';

/** `unreadable` when the manifest is damaged, which must not hide the others. */
export type RunEntry =
  | {
      id: string;
      folder: string;
      suite: string;
      /** As in the manifest, or `running` while somebody works on it, or `cut off` when nobody does any more. */
      state: string;
      started_at: string | null;
      /** Of all parts; null when one did not come to its end. */
      duration_us: number | null;
      size_bytes: number;
      /** How many cells ended how; empty while the run has not ended. */
      cells: Readonly<Record<string, number>>;
      exit_code: number | null;
      report: string;
    }
  | { id: string; folder: string; unreadable: string };

export async function listedRuns(reportsDir: string): Promise<RunEntry[]> {
  return Promise.all(listRuns(reportsDir).map(entryOf));
}

async function entryOf(folder: RunFolder): Promise<RunEntry> {
  const { id, path } = folder;
  try {
    const manifest = readManifest(folder);
    return {
      id,
      folder: path,
      suite: manifest.suite.name,
      state: stateOf(manifest, folder),
      started_at: manifest.parts[0]?.started_at ?? null,
      duration_us: durationOf(manifest),
      size_bytes: await sizeOf(path),
      cells: manifest.outcome?.cells ?? {},
      exit_code: manifest.outcome?.exit_code ?? null,
      report: folder.report,
    };
  } catch (error) {
    return { id, folder: path, unreadable: messageOf(error) };
  }
}

function stateOf({ state }: Manifest, folder: RunFolder): string {
  if (lockHolder(folder.lock) !== undefined) return 'running';
  return state === 'preparing' || state === 'measuring' ? 'cut off' : state;
}

function durationOf({ parts }: Manifest): number | null {
  let all = 0;
  for (const { duration_us: us } of parts) {
    if (us === undefined) return null;
    all += us;
  }
  return parts.length === 0 ? null : all;
}

export function runsText(runs: readonly RunEntry[]): string {
  const rows = runs.map((run) =>
    'unreadable' in run
      ? [run.id, 'unreadable', run.unreadable]
      : [
          run.id,
          run.state,
          cellsText(run.cells),
          run.duration_us === null ? '' : formatUs(run.duration_us),
          formatBytes(run.size_bytes),
          run.started_at === null ? '' : `${run.started_at.slice(0, 16).replace('T', ' ')} UTC`,
        ],
  );
  return table(['run', 'state', 'cells', 'duration', 'size', 'started'], rows, [3, 4]);
}

/** "24", or "22 of 24": how many are complete of those that were planned; what was skipped is said when there is any. */
function cellsText(cells: Readonly<Record<string, number>>): string {
  const { skipped = 0, complete = 0, ...others } = cells;
  const all = Object.values(others).reduce((sum, count) => sum + count, complete);
  if (all + skipped === 0) return '';
  const measured = all === complete ? formatCount(all) : `${formatCount(complete)} of ${formatCount(all)}`;
  return skipped === 0 ? measured : `${measured}, ${formatCount(skipped)} skipped`;
}
