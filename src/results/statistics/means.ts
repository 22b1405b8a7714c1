// Which mean is whose (methodology D3, D4). Comes in: values of a column; goes out: the mean that says something about
// them. Pure.
//
// Durations, sizes and costs add up, so their mean is arithmetic. Rates are work per time: their mean is harmonic, which is
// the rate of the whole work where each value stands for the same amount of it. Ratios have no sum: geometric, and only
// where numerators and denominators are not there to be summarised instead.
import { mean } from './moments.js';

/** Values of a rate. Not an array on purpose: the arithmetic mean does not take them. */
export interface Rates {
  readonly kind: 'rates';
  readonly perSecond: Float64Array;
}

export type MeanKind = 'arithmetic' | 'harmonic' | 'geometric';

/** By the ending of the column's name: `_per_s` and the like are rates, `_ratio` and `_share` are ratios. */
export function meanKindOf(column: string): MeanKind {
  if (/_per_[a-z]+$/.test(column)) return 'harmonic';
  return /_(?:ratio|speedup)$/.test(column) ? 'geometric' : 'arithmetic';
}

export function rates(perSecond: ArrayLike<number>): Rates {
  return { kind: 'rates', perSecond: Float64Array.from(perSecond) };
}

/** n / Σ(1/x). null for no values, and for one that is not above 0: no work in some time leaves the whole undefined. */
export function harmonicMean({ perSecond }: Rates): number | null {
  return transformedMean(perSecond, 'harmonic');
}

/** exp of the mean logarithm: P. J. Fleming & J. J. Wallace, "How not to lie with statistics", CACM 29 (1986). */
export function geometricMean(ratios: ArrayLike<number>): number | null {
  return transformedMean(ratios, 'geometric');
}

/** null where the kind of mean does not exist for the values. */
export function transformedMean(values: ArrayLike<number>, kind: MeanKind): number | null {
  if (kind !== 'arithmetic' && Array.from(values).some((value) => value <= 0)) return null;
  const { to, from } = SCALES[kind];
  const centre = mean(Float64Array.from(values, to));
  return centre === null ? null : from(centre);
}

/** The scale on which each mean is an arithmetic one, and the way back. */
export const SCALES: Readonly<Record<MeanKind, { to(value: number): number; from(value: number): number }>> = {
  arithmetic: { to: (value) => value, from: (value) => value },
  harmonic: { to: (value) => 1 / value, from: (value) => 1 / value },
  geometric: { to: Math.log, from: Math.exp },
};
