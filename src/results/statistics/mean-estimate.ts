// The mean of one metric of one cell (methodology D3, D4, D14). Comes in: the sorted sample; goes out: the estimate, and
// the job that adds its interval once the units have been resampled, which all metrics of a cell share. Pure.
import type { Estimate } from '../../generated/summary.js';
import { bcaInterval, bootstrap, clusterMean, expandedLevel, type Statistic } from './bootstrap.js';
import { MIN_BLOCKS } from './independence.js';
import { type EstimateOptions, fewBlocks, withInterval } from './interval.js';
import { SCALES, transformedMean } from './means.js';
import { heavyTailed, MIN_TAIL_N } from './moments.js';
import { resamplingUnits, type Sorted, type Units } from './sample.js';

/** An estimate whose interval waits for the resamples. */
export interface ResampleJob {
  units: Units;
  statistic: Statistic;
  finish(resampled: Float64Array): void;
}

/** The random draws are shared between the jobs that have the same units. */
export function runJobs(jobs: readonly ResampleJob[], options: EstimateOptions): void {
  const byUnits = new Map<string, ResampleJob[]>();
  for (const job of jobs) {
    const key = `${job.units.kind} ${job.units.count}`;
    byUnits.set(key, [...(byUnits.get(key) ?? []), job]);
  }
  for (const group of byUnits.values()) {
    const units = group[0]?.units.count ?? 0;
    const statistics = group.map((job) => job.statistic);
    const resampled = bootstrap(units, options.resamples, options.random, statistics);
    for (const [index, job] of group.entries()) job.finish(resampled[index] ?? new Float64Array());
  }
}

/** The mean of the sample's own kind (D3, D4); its interval is added to the estimate by the job, if there is one. */
export function estimateMean(
  sorted: Sorted,
  censored: number,
  options: EstimateOptions,
): { estimate: Estimate; job: ResampleJob | null } {
  const { sample } = sorted;
  const kind = sample.mean ?? 'arithmetic';
  const { values } = sample;
  const units = resamplingUnits(sorted);
  const base = { n: values.length, units: units.count, ci: null };
  if (censored > 0) {
    const reason = `unknown: ${censored} timed-out ${censored === 1 ? 'attempt is' : 'attempts are'} known only as a lower bound`;
    return { estimate: { ...base, value: null, no_ci: reason }, job: null };
  }
  const estimate: Estimate = { ...base, value: transformedMean(values, kind), no_ci: null };
  if (values.length === 0) return { estimate: { ...estimate, no_ci: 'n = 0' }, job: null };
  if (estimate.value === null)
    return { estimate: { ...estimate, no_ci: `no ${kind} mean: a value is not above 0` }, job: null };
  if (values.length < MIN_TAIL_N)
    return { estimate: { ...estimate, no_ci: `n = ${values.length} < ${MIN_TAIL_N}` }, job: null };
  if (heavyTailed(values))
    return { estimate: { ...estimate, no_ci: 'a few large values decide the mean: its tail is too heavy' }, job: null };
  if (units.count < MIN_BLOCKS)
    return { estimate: { ...estimate, no_ci: fewBlocks(units.count, MIN_BLOCKS) }, job: null };
  // On the scale on which it is an arithmetic mean; the way back may turn the ends around.
  const { to, from } = SCALES[kind];
  const statistic = clusterMean(values.map(to), units.of, units.count);
  const rows = units.kind === 'rows' ? 'BCa bootstrap (rows)' : 'BCa cluster bootstrap (blocks)';
  const method = `${rows}, expanded${kind === 'arithmetic' ? '' : `, ${kind} mean`}`;
  const finish = (resampled: Float64Array) => {
    const ends = bcaInterval(resampled, statistic, units.count, expandedLevel(units.count, options.level));
    const [one, other] = ends === null ? [0, 0] : [from(ends.low), from(ends.high)];
    const back = ends === null ? null : { low: Math.min(one, other), high: Math.max(one, other) };
    Object.assign(estimate, withInterval(estimate, back, options.level, method));
  };
  return { estimate, job: { units, statistic, finish } };
}
