// Units. Numbers are kept unrounded in one unit each, named in the field (`Us`, `_us`, `_bytes`, `_mb`, `_usd`); only
// this file turns them into text for people. Conversions are named by what they do.

export const US_PER_MS = 1_000;
export const US_PER_S = 1_000_000;
export const BYTES_PER_MB = 1_048_576;

export function msToUs(ms: number): number {
  return Math.round(ms * US_PER_MS);
}

/** Three significant digits, at most: 1234 -> "1230" is not wanted, so whole digits are kept. */
function digits(value: number): string {
  const magnitude = Math.abs(value);
  if (magnitude >= 100 || Number.isInteger(value)) return value.toFixed(0);
  return magnitude >= 10 ? value.toFixed(1) : value.toFixed(2);
}

/** A duration in µs as text with the unit that suits its size: "850 µs", "12.3 ms", "4.20 s", "3 min 05 s". */
export function formatUs(us: number): string {
  const magnitude = Math.abs(us);
  if (magnitude < US_PER_MS) return `${digits(us)} µs`;
  if (magnitude < US_PER_S) return `${digits(us / US_PER_MS)} ms`;
  if (magnitude < 120 * US_PER_S) return `${digits(us / US_PER_S)} s`;
  const seconds = Math.round(magnitude / US_PER_S);
  const sign = us < 0 ? '-' : '';
  if (seconds < 3600) return `${sign}${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`;
  return `${sign}${Math.floor(seconds / 3600)} h ${String(Math.floor((seconds % 3600) / 60)).padStart(2, '0')} min`;
}

export function formatSeconds(seconds: number): string {
  return formatUs(seconds * US_PER_S);
}

/** A size in bytes as text: "512 B", "1.50 kB", "12.3 MB" (multiples of 1024, as memory sizes are). */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (Math.abs(value) >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${digits(value)} ${units[unit]}`;
}

/** A share between 0 and 1 as a percentage: "5 %", "0.4 %". */
export function formatShare(share: number): string {
  return `${digits(share * 100)} %`;
}

/** An amount of US dollars; of small ones the first two digits that are not 0. */
export function formatUsd(usd: number): string {
  const decimals = usd === 0 ? 2 : Math.max(2, 1 - Math.floor(Math.log10(Math.abs(usd))));
  return `${usd.toFixed(Math.min(decimals, 10))} USD`;
}

export function formatCount(count: number): string {
  return count.toLocaleString('en-US');
}

export function plural(count: number, singular: string, many = `${singular}s`): string {
  return `${formatCount(count)} ${count === 1 ? singular : many}`;
}

/** How values that are read beside each other are written: all in one unit with one number of decimals. */
export interface Scale {
  unit: string;
  divisor: number;
  decimals: number;
}

export type ScaledKind = 'us' | 'bytes' | 'usd' | 'plain';

/**
 * The scale for an estimate and its interval. The unit suits the first value; the decimals give the first value three
 * significant digits, and more where the values would otherwise look alike, but never finer than the stored unit.
 */
export function scaleOf(kind: ScaledKind, values: readonly number[]): Scale {
  const first = Math.abs(values[0] ?? 0);
  const { unit, divisor } = unitFor(kind, first);
  const distances = values.slice(1).map((value) => Math.abs(value - (values[0] ?? 0)) / divisor);
  const apart = distances.filter((distance) => distance > 0);
  const significant = decimalsFor(first / divisor, 3);
  const resolving = apart.length === 0 ? 0 : decimalsFor(Math.min(...apart), 1);
  const finest = kind === 'usd' || kind === 'plain' ? 4 : Math.min(4, Math.round(Math.log10(divisor)));
  return { unit, divisor, decimals: Math.max(0, Math.min(finest, Math.max(significant, resolving))) };
}

function unitFor(kind: ScaledKind, magnitude: number): { unit: string; divisor: number } {
  if (kind === 'plain') return { unit: '', divisor: 1 };
  if (kind === 'usd')
    return magnitude < 0.01 ? { unit: 'USD per million', divisor: 1e-6 } : { unit: 'USD', divisor: 1 };
  if (kind === 'us') {
    if (magnitude < US_PER_MS) return { unit: 'µs', divisor: 1 };
    return magnitude < US_PER_S ? { unit: 'ms', divisor: US_PER_MS } : { unit: 's', divisor: US_PER_S };
  }
  if (magnitude < 1024) return { unit: 'B', divisor: 1 };
  if (magnitude < BYTES_PER_MB) return { unit: 'kB', divisor: 1024 };
  return magnitude < 1024 * BYTES_PER_MB
    ? { unit: 'MB', divisor: BYTES_PER_MB }
    : { unit: 'GB', divisor: 1024 * BYTES_PER_MB };
}

/** Decimals that show a value with so many significant digits; whole digits are never cut. */
function decimalsFor(value: number, significant: number): number {
  if (value === 0) return 0;
  return Math.max(0, significant - 1 - Math.floor(Math.log10(Math.abs(value))));
}

/** The bare number on a scale; the unit is written once, by the caller. */
export function formatOn(scale: Scale, value: number): string {
  return (value / scale.divisor).toFixed(scale.decimals);
}
