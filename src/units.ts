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
  if (seconds < 7200) return `${sign}${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`;
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

export function formatCount(count: number): string {
  return count.toLocaleString('en-US');
}

export function plural(count: number, singular: string, many = `${singular}s`): string {
  return `${formatCount(count)} ${count === 1 ? singular : many}`;
}
