// Stage 5, figures: axes of time. The values in, one axis out: its unit, its ends and its ticks are decided here and
// written into the specification, so that nothing depends on a library's taste and a reader is told where it starts.
import { formatUs, US_PER_MS, US_PER_S } from '../../units.js';
import type { Json, JsonObject } from './figure.js';

/** From this spread on (largest over smallest) a linear axis hides the small values. */
const LOG_FROM_SPREAD = 20;

export interface TimeAxis {
  log: boolean;
  scale: JsonObject;
  axis: JsonObject;
  /** "client time (log scale from 2 ms)", the title of the axis. */
  title: string;
  /** The same in a sentence for the notes. */
  words: string;
}

export interface TimeAxisOptions {
  /** Differences may be negative and always show zero. */
  zero?: boolean;
  /** Number of ticks to aim at. */
  ticks?: number;
}

/** An axis for durations in µs; the rows stay in µs, only labels are in the unit. */
export function timeAxis(values: readonly number[], what: string, options: TimeAxisOptions = {}): TimeAxis {
  const low = Math.min(...extent(values));
  const high = Math.max(...extent(values));
  const log = options.zero !== true && low > 0 && high / low >= LOG_FROM_SPREAD;
  const { low: from, high: to, ticks } = log ? logTicks(low, high) : linearTicks(low, high, options);
  const start = formatUs(from);
  const words = `The axis is ${log ? 'logarithmic' : 'linear'} and starts at ${from === 0 ? '0' : start}.`;
  if (log)
    return {
      log,
      scale: { type: 'log', domain: [from, to], nice: false },
      axis: { values: ticks, labelExpr: ANY_UNIT },
      title: `${what} (log scale from ${start})`,
      words,
    };
  const unit = unitOf(to);
  return {
    log,
    scale: { type: 'linear', domain: [from, to], nice: false },
    axis: { values: ticks, labelExpr: `format(datum.value / ${unit.divisor}, '~g')` },
    title: `${what} (${unit.name}${from === 0 ? '' : `, from ${number(from / unit.divisor)}`})`,
    words,
  };
}

/** Decades cross units, so on a logarithmic axis every label carries its own. */
const ANY_UNIT =
  `datum.value >= ${US_PER_S} ? format(datum.value / ${US_PER_S}, '~g') + ' s' : ` +
  `datum.value >= ${US_PER_MS} ? format(datum.value / ${US_PER_MS}, '~g') + ' ms' : format(datum.value, '~g') + ' µs'`;

function extent(values: readonly number[]): [number, number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low > high ? [0, 1] : [low, high];
}

/** Ticks at 1, 2 and 5 of each decade; only 1 when there are many decades. */
function logTicks(low: number, high: number): { low: number; high: number; ticks: Json[] } {
  const decades = Math.log10(high / low);
  const steps = decades > 3 ? [1] : decades > 2 ? [1, 3] : [1, 2, 5];
  const candidates: number[] = [];
  for (let power = Math.floor(Math.log10(low)) - 1; power <= Math.ceil(Math.log10(high)) + 1; power += 1)
    for (const step of steps) candidates.push(step * 10 ** power);
  const from = candidates.filter((tick) => tick <= low).at(-1) ?? low;
  const to = candidates.find((tick) => tick >= high) ?? high;
  return { low: from, high: to, ticks: candidates.filter((tick) => tick >= from && tick <= to) };
}

/** Starts at 0 unless the values sit far from it: then an axis from 0 would be mostly empty. */
function linearTicks(
  low: number,
  high: number,
  options: TimeAxisOptions,
): { low: number; high: number; ticks: Json[] } {
  const base = options.zero === true || low < high / 2 ? Math.min(0, low) : low;
  const top = options.zero === true ? Math.max(0, high) : high;
  const step = niceStep((top - base || Math.abs(top) || 1) / (options.ticks ?? 5));
  const from = Math.floor(base / step);
  const to = Math.max(Math.ceil(top / step), from + 1);
  const ticks = Array.from({ length: to - from + 1 }, (_unused, at) => (from + at) * step);
  return { low: from * step, high: to * step, ticks };
}

function niceStep(raw: number): number {
  const power = 10 ** Math.floor(Math.log10(raw));
  return ([1, 2, 5, 10].find((factor) => factor * power >= raw) ?? 10) * power;
}

function unitOf(largest: number): { name: string; divisor: number } {
  if (largest <= 2 * US_PER_MS) return { name: 'µs', divisor: 1 };
  return largest <= 5 * US_PER_S ? { name: 'ms', divisor: US_PER_MS } : { name: 's', divisor: US_PER_S };
}

function number(value: number): string {
  return String(Number(value.toPrecision(4)));
}
