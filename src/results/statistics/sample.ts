// The sample of one metric, in order, and what its intervals rest on. Comes in: values as they were measured; goes out:
// the sample sorted, the units that may be taken for independent, and what to compute of a resample of them. Pure; the
// rules are methodology D13 to D16 and D26.
import { clusterQuantile, type Ordered, type Statistic } from './bootstrap.js';
import { unitMedians } from './clusters.js';
import { independence } from './independence.js';
import type { MeanKind } from './means.js';
import { sortOrder } from './order.js';
import { type Between, interpolate, quantile } from './quantile.js';

/** Values of one metric; the three arrays have one length. Empty: the metric was never seen. */
export interface Sample {
  /** In the order they were measured. */
  values: Float64Array;
  /** 1 where the value is a lower bound (a timed-out attempt). */
  censored: Uint8Array;
  /** Index of the block, from 0 without gaps. */
  blockOf: Uint32Array;
  blocks: number;
  /** Whether each row had a sandbox of its own, so that rows are independent by design. */
  rowsIndependent: boolean;
  /** Absent: arithmetic. */
  mean?: MeanKind;
}

/** More rows than this are resampled by block: the bootstrap's cost grows with the units. */
const MAX_ROW_UNITS = 2_000;

/** What a sample's intervals rest on. */
export interface Units {
  kind: 'rows' | 'blocks';
  count: number;
  of: Uint32Array;
}

/** Rows where each is independent by design and nothing measured speaks against it (D15); else blocks. */
export function unitsOf(sample: Sample): Units {
  const rows = sample.rowsIndependent && independence(sample.values, byBlock(sample))?.rejected !== true;
  return rows
    ? { kind: 'rows', count: sample.values.length, of: Uint32Array.from(sample.values, (_value, row) => row) }
    : blockUnits(sample);
}

function blockUnits({ blocks, blockOf }: Sample): Units {
  return { kind: 'blocks', count: blocks, of: blockOf };
}

/** The values of each block, in the order measured. */
export function byBlock({ values, blockOf, blocks }: Sample): number[][] {
  const groups: number[][] = Array.from({ length: blocks }, () => []);
  for (const [row, value] of values.entries()) groups[blockOf[row] ?? 0]?.push(value);
  return groups;
}

/** In the order of the blocks; where timed-out attempts decide one, it is infinite. */
export function blockMedians(sample: Sample): Float64Array {
  return Float64Array.from(
    byBlock({ ...sample, values: endless(sample) }).filter((values) => values.length > 0),
    (values) => quantile(Float64Array.from(values).sort(), 0.5),
  );
}

/** The values with timed-out ones infinite. */
function endless({ values, censored }: Sample): Float64Array {
  return values.map((value, row) => (censored[row] === 1 ? Infinity : value));
}

/** What may be taken for independent draws: rows, or the median of each unit. Timed-out attempts are infinite. */
export function independentValues(sample: Sample, blocks: boolean): { kind: 'rows' | 'medians'; values: Float64Array } {
  const { units, atMost } = sortSample(sample);
  if (units.kind === 'rows' && !blocks) return { kind: 'rows', values: atMost.values };
  const of = units.kind === 'rows' ? blockUnits(sample) : units;
  return { kind: 'medians', values: unitMedians(withUnits(atMost, of), of.count) };
}

/** Units for a resample of whole units, which must not be too many. */
export function resamplingUnits({ units, sample }: Sorted): Units {
  if (units.count <= MAX_ROW_UNITS) return units;
  return blockUnits(sample);
}

/**
 * A sample in ascending order, twice where some rows are censored: what each rank is at least, and what it is at most
 * (D26). Between the two lies whatever the timed-out attempts would have taken.
 */
export interface Sorted {
  sample: Sample;
  units: Units;
  /** Censored rows stand at their bound. */
  atLeast: OrderedRows;
  /** Censored rows are infinite; the same object where there are none. */
  atMost: OrderedRows;
  /** A place between two ranks of atLeast: not on the way to a bound, for no request is known to have taken that. */
  between: Between;
}

export interface OrderedRows {
  values: Float64Array;
  /** Which row of the sample each is. */
  rows: Uint32Array;
}

export function sortSample(sample: Sample): Sorted {
  const { values, censored } = sample;
  const atLeast = inOrder(values);
  const certainBelow = values.reduce(
    (least, value, row) => (censored[row] === 1 ? Math.min(least, value) : least),
    Infinity,
  );
  const base = { sample, units: unitsOf(sample), atLeast };
  if (certainBelow === Infinity) return { ...base, atMost: atLeast, between: interpolate };
  return {
    ...base,
    atMost: inOrder(endless(sample)),
    between: (low, high, weight) => (high < certainBelow ? interpolate(low, high, weight) : low),
  };
}

function inOrder(values: Float64Array): OrderedRows {
  const rows = sortOrder(values);
  return { rows, values: Float64Array.from(rows, (row) => values[row] ?? Number.NaN) };
}

export function withUnits({ values, rows }: OrderedRows, units: Units): Ordered {
  return { values, unitOf: Uint32Array.from(rows, (row) => units.of[row] ?? 0) };
}

/** The p-quantile of a resample: what it is at least and, where that differs, at most. */
export function quantileStatistics(
  { atLeast, atMost, between }: Sorted,
  units: Units,
  p: number,
): readonly Statistic[] {
  const least = clusterQuantile(withUnits(atLeast, units), units.count, p, between);
  return atMost === atLeast ? [least] : [least, clusterQuantile(withUnits(atMost, units), units.count, p)];
}
