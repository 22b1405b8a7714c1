// Stage 2, estimates: what a plan will cost in invocations, time and money, as ranges. Pure. The lower end assumes
// functions that take no time, the upper end assumes that every invocation uses its whole time limit: between them the
// plan is honest about what it cannot know before anything was measured.
import type { Cell, Estimate, Limits, Plan, PlannedOrder } from '../generated/plan.js';
import type { Capabilities } from '../platforms/driver.js';
import { formatCount, formatSeconds, formatUsd } from '../units.js';
import { cellUsd } from './cost.js';
import { furtherRounds } from './rounds.js';

/** Client work per batch that no function can be faster than, in seconds. */
const FLOOR_S_PER_BATCH = 0.001;

export function estimateOf(
  cells: readonly Cell[],
  order: PlannedOrder,
  capabilities: ReadonlyMap<string, Capabilities>,
): Estimate {
  const { blocks } = order;
  const total = { invocations: { min: 0, max: 0 }, duration_s: { min: 0, max: 0 } };
  const usd = { min: 0, max: 0, known: false };
  for (const cell of cells) {
    const cold = cell.start === 'cold' || cell.start === 'burst';
    const overhead = capabilities.get(cell.platform)?.coldStartOverheadS ?? 0;
    const { min, max } = cell.repetitions;
    const warmups = {
      min: cold ? 0 : Math.min(blocks, min),
      max: cold ? 0 : Math.min(blocks, min) + furtherRounds(cell.repetitions, blocks),
    };
    const newSandboxes = cold ? min : warmups.min;
    const batches = { min: min + warmups.min, max: max + warmups.max };
    total.invocations.min += batches.min * cell.concurrency;
    total.invocations.max += batches.max * cell.concurrency;
    const each = cellUsd(cell, capabilities.get(cell.platform) ?? {});
    usd.known ||= each !== null;
    usd.min += batches.min * cell.concurrency * (each?.min ?? 0);
    usd.max += batches.max * cell.concurrency * (each?.max ?? 0);
    total.duration_s.min += batches.min * FLOOR_S_PER_BATCH + newSandboxes * overhead;
    total.duration_s.max += batches.max * (cell.timeout_s + overhead);
  }
  total.duration_s.min += idleOf(order);
  total.duration_s.max += idleOf(order);
  const unpriced = [...capabilities].flatMap(([id, { prices }]) =>
    prices === undefined && cells.some(({ platform }) => platform === id) ? [id] : [],
  );
  if (!usd.known) return { ...total, usd: null };
  return { ...total, usd: { min: usd.min, max: usd.max }, ...(unpriced.length === 0 ? {} : { unpriced }) };
}

/** Time between the windows, in which nothing is measured. */
function idleOf({ windows }: PlannedOrder): number {
  return windows === undefined ? 0 : (windows.count - 1) * windows.gap_s;
}

/** What stands against running the plan at all: even the least it can take is above a limit of the suite. */
export function exceededLimits(plan: Plan): string[] {
  const { limits, estimate, order } = plan;
  const axis = widestAxis(plan.cells);
  const cut = axis === null ? '' : `; the axis with the most levels is ${axis.name} (${axis.levels})`;
  const gaps = idleOf(order);
  const idle = gaps === 0 ? '' : `; ${formatSeconds(gaps)} of it are the gaps of order.windows`;
  const over: [keyof Limits, number, (value: number) => string, string][] = [
    ['usd', estimate.usd?.min ?? 0, formatUsd, cut],
    ['invocations', estimate.invocations.min, formatCount, cut],
    ['duration_s', estimate.duration_s.min, formatSeconds, `${idle}${cut}`],
  ];
  return over.flatMap(([limit, least, format, cure]) => {
    const allowed = limits[limit];
    if (allowed === undefined || least <= allowed) return [];
    return [`at least ${format(least)} against limits.${limit.replace('_s', '')} of ${format(allowed)}${cure}`];
  });
}

function widestAxis(cells: readonly Cell[]): { name: string; levels: number } | null {
  const axes = [
    'benchmark',
    'platform',
    'language',
    'memory_mb',
    'input',
    'start',
    'concurrency',
    'timeout_s',
    'connection',
    'network',
    'cold_level',
  ] as const;
  const counted = axes.map((name) => ({
    name: name.replace('_mb', '').replace('_s', ''),
    levels: new Set(cells.map((cell) => cell[name])).size,
  }));
  const widest = counted.reduce((best, axis) => (axis.levels > best.levels ? axis : best), { name: '', levels: 1 });
  return widest.levels > 1 ? widest : null;
}
