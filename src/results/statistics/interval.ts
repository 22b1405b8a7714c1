// The interval of an estimate. Comes in: an estimate, the ends of its interval, and how they were found; goes out: the
// estimate with it, or with the reason why it has none. Pure.
import type { Estimate, Interval } from '../../generated/summary.js';
import type { Random } from '../../random.js';
import type { Ends } from './bootstrap.js';

export interface EstimateOptions {
  level: number;
  resamples: number;
  random: Random;
}

export function fewBlocks(blocks: number, needed: number): string {
  return `${blocks} ${blocks === 1 ? 'block' : 'blocks'} < ${needed}`;
}

/**
 * The least share of intervals that held the truth at 95 % in the simulations of docs/methodology.md, by the beginning of
 * the method's name (methodology D42): over all kinds of data of which at least one cell in five got such an interval.
 */
const ATTAINED: readonly (readonly [method: string, share: number])[] = [
  ['exact order statistics (rows)', 0.95],
  ['exact order statistics (block medians)', 0.97],
  ['order statistics at the effective n', 0.99],
  ['BCa', 0.9],
];
const SIMULATED_LEVEL = 0.95;

/** Absent: not simulated at this level. */
export function attainedBy(method: string, level: number): { attained?: number } {
  const found = level === SIMULATED_LEVEL ? ATTAINED.find(([name]) => method.startsWith(name)) : undefined;
  return found === undefined ? {} : { attained: found[1] };
}

/** The estimate with these ends; without an interval where neither is one. */
export function withInterval(estimate: Estimate, ends: Ends | null, level: number, method: string): Estimate {
  if (ends === null) return { ...estimate, ci: null, no_ci: 'the resamples give no interval' };
  const ci = holding(estimate, ends, level, method);
  if (ci.low === null && ci.high === null) {
    return { ...estimate, ci: null, no_ci: 'both its ends lie among the timed-out attempts' };
  }
  return { ...estimate, ci, no_ci: null };
}

/**
 * Block medians and resamples can, rarely, lie all on one side of the estimate from all rows: then they are widened to
 * it. Above an estimate that is itself a lower bound there is no end.
 */
function holding({ value, at_least }: Estimate, ends: Ends, level: number, method: string): Interval {
  const centre = value ?? Number.NaN;
  const high = at_least === true ? Infinity : ends.high;
  // The arithmetic of a mean of equal values may end a hair beside them; that is no widening worth a word.
  const outside = Math.max(ends.low - centre, centre - high) > 1e-9 * Math.abs(centre);
  return {
    low: endOf(Math.min(ends.low, centre)),
    high: endOf(Math.max(high, centre)),
    level,
    method: outside ? `${method}, widened to the estimate` : method,
    ...attainedBy(method, level),
  };
}

function endOf(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
