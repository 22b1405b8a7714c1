// What came of the attempts of each cell, counted by DuckDB. Comes in: derived/invocations.parquet; goes out: counts by
// role, outcome, reason and observed start.
import type { AttemptCounts, FailureCount, OutcomeCounts } from '../generated/summary.js';
import type { Session, Value } from './dataframe.js';
import { literal } from './frame-sql.js';

export interface CellCounts {
  attempts: AttemptCounts;
  outcomes: OutcomeCounts;
  failures: FailureCount[];
  startObserved: Record<string, number>;
  startDisagreements: number;
  /** Blocks and sandboxes with counted attempts. */
  blocks: number;
  sandboxes: number;
}

/** Reasons beyond these many per cell are summed up: an error text may be different every time. */
const MAX_REASONS = 12;

export function noCounts(): CellCounts {
  return {
    attempts: { counted: 0, warmup: 0, discarded: 0, interrupted: 0 },
    outcomes: { ok: 0, failed: 0, timed_out: 0, throttled: 0, invalid_output: 0 },
    failures: [],
    startObserved: {},
    startDisagreements: 0,
    blocks: 0,
    sandboxes: 0,
  };
}

/** By cell id; a cell without rows is absent. */
export async function countCells(session: Session, parquet: string): Promise<Map<string, CellCounts>> {
  const frame = `read_parquet(${literal(parquet)})`;
  const counts = new Map<string, CellCounts>();
  const of = (row: Record<string, Value>): CellCounts => {
    const cell = String(row.cell);
    const found = counts.get(cell) ?? noCounts();
    counts.set(cell, found);
    return found;
  };
  const counted = `FROM ${frame} WHERE "role" = 'counted'`;
  for (const row of await session.rows(`SELECT cell, "role", count(*) AS n FROM ${frame} GROUP BY ALL ORDER BY ALL`)) {
    of(row).attempts[row.role as keyof AttemptCounts] = Number(row.n);
  }
  for (const row of await session.rows(
    `SELECT cell, outcome, count(*) AS n ${counted} AND outcome IS NOT NULL GROUP BY ALL ORDER BY ALL`,
  )) {
    of(row).outcomes[row.outcome as keyof OutcomeCounts] = Number(row.n);
  }
  for (const row of await session.rows(
    `SELECT cell, coalesce(start_observed, 'unknown') AS start, count(*) AS n ${counted} GROUP BY ALL ORDER BY ALL`,
  )) {
    of(row).startObserved[String(row.start)] = Number(row.n);
  }
  for (const row of await session.rows(
    `SELECT cell, count(DISTINCT block) AS blocks, count(DISTINCT sandbox_id) AS sandboxes, count(*) FILTER (NOT start_agrees) AS disagree ${counted} GROUP BY cell ORDER BY cell`,
  )) {
    Object.assign(of(row), {
      blocks: Number(row.blocks),
      sandboxes: Number(row.sandboxes),
      startDisagreements: Number(row.disagree),
    });
  }
  await countFailures(session, frame, of);
  return counts;
}

async function countFailures(
  session: Session,
  frame: string,
  of: (row: Record<string, Value>) => CellCounts,
): Promise<void> {
  const kind = `coalesce(error_kind, CASE WHEN "role" = 'counted' THEN outcome END, "role")`;
  const reason = `left(coalesce(CASE WHEN "role" = 'counted' THEN error ELSE coalesce(reason, error) END, ''), 300)`;
  const rows = await session.rows(
    `SELECT cell, "role", ${kind} AS kind, ${reason} AS reason, count(*) AS n FROM ${frame}
     WHERE "role" IN ('discarded', 'interrupted') OR (outcome IS NOT NULL AND outcome <> 'ok')
     GROUP BY ALL ORDER BY cell, n DESC, "role", kind, reason`,
  );
  for (const row of rows) {
    const { failures } = of(row);
    const [role, count] = [String(row.role), Number(row.n)];
    const rest =
      failures.length < MAX_REASONS ? undefined : failures.find((one) => one.kind === 'other' && one.role === role);
    if (rest !== undefined) rest.count += count;
    else if (failures.length < MAX_REASONS) {
      failures.push({ role, kind: String(row.kind), reason: String(row.reason), count });
    } else failures.push({ role, kind: 'other', reason: 'further reasons: see invocations.csv', count });
  }
}
