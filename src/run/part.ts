// Stage 3, parts: a run has one, and one more for each resume. Opening and closing a part keep journal, manifest and
// seals in step. Comes in: what the part came to; goes out: manifest.json with state and counts, raw/CHECKSUMS, and the
// exit code.
import { EXIT } from '../errors.js';
import type { Manifest } from '../generated/manifest.js';
import type { Plan } from '../generated/plan.js';
import { sealRaw } from '../results/checksums.js';
import type { CellEnd } from './history.js';
import { updateManifest } from './manifest.js';
import { shortenFiles, withoutHome } from './places.js';
import type { RunState } from './state.js';
import { toolVersion } from './tool.js';

export interface PartResult {
  cells: ReadonlyMap<string, CellEnd>;
  /** Resources that could not be removed. */
  left: readonly string[];
  spentUs: number;
  /** What all parts so far have spent at most; absent where no price is known. */
  spentUsd?: number;
  /** It broke off with an error of ours. */
  failed: boolean;
}

export interface Ended {
  exitCode: number;
  state: Manifest['state'];
}

export function openPart(state: RunState, argv: readonly string[], measuringLock: boolean): void {
  const at = new Date().toISOString();
  state.journal.append({ type: 'part_started', part: state.part, at });
  updateManifest(state, (manifest) => {
    manifest.state = 'preparing';
    manifest.parts.push({
      part: state.part,
      started_at: at,
      argv: argv.map(withoutHome),
      tool_version: toolVersion(),
      measuring_lock: measuringLock,
    });
  });
}

export function closePart(state: RunState, result: PartResult): Ended {
  const at = new Date().toISOString();
  const statuses = state.plan.cells.map(({ id }) => result.cells.get(id)?.status ?? 'not reached');
  const stopped = state.drain.aborted;
  const why = result.failed ? 'failed' : stopped ? 'signal' : statuses.includes('incomplete') ? 'limit' : 'complete';
  state.journal.append({ type: 'part_ended', part: state.part, at, why });
  state.journal.close();
  state.invocations.close();
  state.ledger.close();
  const ended = judge(statuses, result, stopped, state.plan.skipped.length > 0);
  // Functions write their logs themselves; tracebacks name the cache.
  shortenFiles(state.folder.logs, state.places);
  const root = sealRaw(state.folder);
  updateManifest(state, (manifest) => {
    manifest.state = ended.state;
    const part = manifest.parts.at(-1);
    if (part !== undefined) Object.assign(part, { ended_at: at, duration_us: result.spentUs, why_ended: why });
    manifest.outcome = {
      planned: plannedCounts(state.plan),
      cells: {
        ...countBy(statuses),
        ...(state.plan.skipped.length === 0 ? {} : { skipped: state.plan.skipped.length }),
      },
      attempts: state.attempts,
      left_out: leftOut(result.cells),
      ...(result.spentUsd === undefined || result.spentUsd === 0 ? {} : { usd_at_most: result.spentUsd }),
      left_behind: result.left.map(state.shorten),
      exit_code: ended.exitCode,
    };
    manifest.warnings = [...new Set([...(manifest.warnings ?? []), ...state.warnings.map(state.shorten)])];
    manifest.seals = { ...manifest.seals, raw: root };
  });
  return ended;
}

function judge(statuses: readonly string[], result: PartResult, stopped: boolean, skipped: boolean): Ended {
  if (result.failed) return { exitCode: EXIT.bug, state: 'failed' };
  if (stopped) return { exitCode: EXIT.sigint, state: 'interrupted' };
  const whole = statuses.every((status) => status === 'complete') && result.left.length === 0;
  if (!whole)
    return { exitCode: EXIT.cells, state: statuses.every((status) => status === 'failed') ? 'failed' : 'partial' };
  return { exitCode: EXIT.ok, state: skipped ? 'partial' : 'complete' };
}

/** What the least is that the plan asks for. */
function plannedCounts({ cells, skipped }: Plan): NonNullable<NonNullable<Manifest['outcome']>['planned']> {
  return {
    cells: cells.length + skipped.length,
    repetitions: cells.reduce((sum, { repetitions }) => sum + repetitions.min, 0),
    attempts: cells.reduce((sum, { repetitions, concurrency }) => sum + repetitions.min * concurrency, 0),
  };
}

/** What the cells that are incomplete lack. */
function leftOut(cells: ReadonlyMap<string, CellEnd>): { cells: number; attempts: number } {
  const incomplete = [...cells.values()].filter(({ status }) => status === 'incomplete');
  const attempts = incomplete.reduce((sum, { counted = 0, planned = 0 }) => sum + Math.max(0, planned - counted), 0);
  return { cells: incomplete.length, attempts };
}

function countBy(values: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}
