// Stage 3, the tally of a cell: how many of its counted attempts failed, and with what the last one did. For the failure
// limit, for cells that never succeed, and for the words that say why.
import type { Invocation } from '../generated/invocation.js';
import { waitedUs } from '../plan/cost.js';
import { formatShare } from '../units.js';

export interface Tally {
  attempts: number;
  failures: number;
  lastError?: string;
  /** Attempts of every role, and how long their answers were waited for; `unknown` of them have no outcome. For money. */
  sent: { requests: number; waitedUs: number; unknown: number };
}

export function emptyTally(): Tally {
  return { attempts: 0, failures: 0, sent: { requests: 0, waitedUs: 0, unknown: 0 } };
}

/** Attempts of a cell before its failures are looked at. */
const FAILURES_AFTER = 20;

/** Adds one row; only counted attempts enter what is judged. */
export function count(tally: Tally, row: Invocation): void {
  tally.sent.requests += 1;
  if (row.role === 'interrupted') tally.sent.unknown += 1;
  else tally.sent.waitedUs += waitedUs(row);
  if (row.role !== 'counted') return;
  tally.attempts += 1;
  if (row.outcome === 'ok') return;
  tally.failures += 1;
  if (row.error !== undefined) tally.lastError = row.error;
}

/** Adds rows to the attempts by role and the counted ones by outcome. */
export function countAttempts(counts: Record<string, number>, rows: Iterable<Invocation>): void {
  for (const { role, outcome } of rows) {
    counts[role] = (counts[role] ?? 0) + 1;
    if (role === 'counted' && outcome !== undefined)
      counts[`counted_${outcome}`] = (counts[`counted_${outcome}`] ?? 0) + 1;
  }
}

/** Why a cell is given up by its share of failures; null while it is not. */
export function failuresAbove(limit: number | undefined, tally: Tally): string | null {
  if (limit === undefined || tally.attempts < FAILURES_AFTER) return null;
  if (tally.failures / tally.attempts <= limit) return null;
  return `${tally.failures} of ${tally.attempts} attempts failed, above limits.failures of ${formatShare(limit)}${lastError(tally)}`;
}

/** Why a cell that made all its repetitions has no result; null when one attempt succeeded. */
export function neverSucceeded(tally: Tally): string | null {
  if (tally.attempts === 0 || tally.failures < tally.attempts) return null;
  return `none of its ${tally.attempts} attempts succeeded${lastError(tally)}`;
}

function lastError({ lastError: error }: Tally): string {
  return error === undefined ? '' : `; the last: ${error}`;
}
