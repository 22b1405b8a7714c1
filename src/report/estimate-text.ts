// Stage 5, report. An estimate of the summary in, the words that stand for it out: value and interval in the same unit
// and with the same decimals, never without its n, never without the method of its interval or the reason there is none.
import type { CellSummary } from '../generated/summary.js';
import { formatCount, formatOn, formatShare, type Scale, scaleOf } from '../units.js';

type Estimate = CellSummary['failure_rate'];

/** Which unit a number carries; told from the ending of its column name. */
export type Quantity = 'us' | 'bytes' | 'share' | 'usd' | 'plain';

/** One estimate in words. All texts are plain; escaping belongs to the page. */
export interface EstimateText {
  /** With unit: "12.3 ms", "≥ 60.0 s" for a lower bound (censored), "unknown". */
  value: string;
  /** "[11.9, 12.8]" in the value's unit, "[11.9, ∞)" without an upper end; null where there is no interval. */
  interval: string | null;
  /** "n = 60", with the independent units where they are not the rows: "n = 60 in 10 blocks". */
  n: string;
  /** The method of the interval with its level, or "no CI: …" with the reason. */
  basis: string;
  /** n and basis together, with n said once. */
  detail: string;
  /** All of it in one line. */
  full: string;
  /** By which tables sort; null when unknown. */
  raw: number | null;
}

export function quantityOf(column: string): Quantity {
  if (column.endsWith('_us')) return 'us';
  if (column.endsWith('_bytes')) return 'bytes';
  if (column.endsWith('_usd')) return 'usd';
  return column.endsWith('_share') ? 'share' : 'plain';
}

export function estimateText(estimate: Estimate, quantity: Quantity): EstimateText {
  const n = nText(estimate);
  const basis = basisText(estimate);
  const detail = estimate.ci === null && estimate.no_ci?.includes(`n = ${estimate.n} `) ? basis : `${n}, ${basis}`;
  if (estimate.value === null)
    return { value: 'unknown', interval: null, n, basis, detail, full: `unknown, ${detail}`, raw: null };
  const { value, interval } = quantity === 'share' ? shareTexts(estimate) : scaledTexts(estimate, quantity);
  const withBound = estimate.at_least === true ? `≥ ${value}` : value;
  const head = interval === null ? withBound : `${withBound} ${interval}`;
  return { value: withBound, interval, n, basis, detail, full: `${head}, ${detail}`, raw: estimate.value };
}

/** One number without an interval, e.g. a maximum: "123 ms", "unknown" for null. */
export function plainText(value: number | null | undefined, quantity: Quantity): string {
  if (value === null || value === undefined) return 'unknown';
  if (quantity === 'share') return formatShare(value);
  return withUnit(formatOn(scaleOf(quantity, [value]), value), scaleOf(quantity, [value]));
}

function scaledTexts(estimate: Estimate, quantity: Exclude<Quantity, 'share'>) {
  const value = estimate.value ?? 0;
  const scale = scaleOf(quantity, [value, ...endsOf(estimate)]);
  return {
    value: withUnit(formatOn(scale, value), scale),
    interval: intervalText(estimate, (end) => formatOn(scale, end)),
  };
}

/** An end that does not exist, because timed-out attempts decide it, is infinite. */
function intervalText({ ci }: Estimate, format: (end: number) => string): string | null {
  if (ci === null) return null;
  const low = ci.low === null ? '(−∞' : `[${format(ci.low)}`;
  return `${low}, ${ci.high === null ? '∞)' : `${format(ci.high)}]`}`;
}

function endsOf({ ci }: Estimate): number[] {
  return [ci?.low, ci?.high].filter((end) => typeof end === 'number');
}

/** Both ends of the interval, or neither: a bar with one end would look as if it ended where it is cut off. */
export function drawnEnds({ ci }: Estimate): { low: number | null; high: number | null } {
  return ci === null || ci.low === null || ci.high === null ? { low: null, high: null } : ci;
}

/** Shares share one number of decimals too: enough that only what is 0 looks like 0. */
function shareTexts(estimate: Estimate) {
  const percentages = [estimate.value ?? 0, ...endsOf(estimate)].map((value) => value * 100);
  const smallest = Math.min(...percentages.filter((value) => value > 0), 100);
  const needed = Math.max(1, Math.min(3, -Math.floor(Math.log10(smallest))));
  const decimals = percentages.every(Number.isInteger) ? 0 : needed;
  const format = (share: number) => (share * 100).toFixed(decimals);
  return { value: `${format(estimate.value ?? 0)} %`, interval: intervalText(estimate, format) };
}

function withUnit(number: string, scale: Scale): string {
  return scale.unit === '' ? number : `${number} ${scale.unit}`;
}

function nText(estimate: Estimate): string {
  const rows = `n = ${formatCount(estimate.n)}`;
  return estimate.units === undefined || estimate.units === estimate.n
    ? rows
    : `${rows} in ${formatCount(estimate.units)} ${unitName(estimate)}`;
}

/** What the independent units are; the method says it in its name. */
function unitName(estimate: Estimate): string {
  const method = estimate.ci?.method ?? '';
  if (method.includes('block')) return 'blocks';
  return method.includes('sandbox') ? 'sandboxes' : 'units';
}

function basisText(estimate: Estimate): string {
  const { ci } = estimate;
  if (ci !== null) return [ci.method, attainedText(ci), missingEnd(ci)].filter((part) => part !== '').join('; ');
  return `no CI: ${estimate.no_ci ?? 'no reason recorded'}`;
}

/** Said where an interval of this kind may hold the truth less often than its level says (D42). */
function attainedText({ attained, level }: NonNullable<Estimate['ci']>): string {
  return attained === undefined || attained >= level
    ? ''
    : `held the truth in at least ${Math.floor(attained * 100)} % of simulations`;
}

function missingEnd({ low, high }: NonNullable<Estimate['ci']>): string {
  if (high === null) return 'no upper end: it lies among the timed-out attempts';
  return low === null ? 'no lower end: the base has no upper one' : '';
}
