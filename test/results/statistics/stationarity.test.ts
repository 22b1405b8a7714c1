// Trend and steps (methodology D18): against SciPy's figures, and by how often they are seen where there are none.
import { describe, expect, test } from 'vitest';
import { randomFor } from '../../../src/random.js';
import { mannKendall, stationarity } from '../../../src/results/statistics/stationarity.js';

const random = () => randomFor(5, 'stationarity');

function noise(n: number, label: number): number[] {
  const draws = randomFor(6, 'noise', label);
  return Array.from({ length: n }, () => -Math.log(1 - draws.unit()));
}

describe('a cell', () => {
  test('has the tau and the slope that SciPy gives', () => {
    const values = [3, 1, 4, 5, 9, 2, 6, 8, 7, 10];
    expect(mannKendall(values).tau).toBeCloseTo(0.6, 12);
    // Exact p is 0.01667; the normal approximation with its continuity correction comes near.
    expect(mannKendall(values).p).toBeCloseTo(0.0167, 2);
    expect(stationarity(values, random())?.trend.change).toBeCloseTo((0.7777777777777778 * 9) / 5.5, 9);
  });

  test('that drifts is flagged with its change, however slow beside its noise', () => {
    const drifting = Array.from(
      { length: 10 },
      (_, block) => 1000 + 20 * block + ([3, -5, 4, -2, 6, 0, -4, 5, -3, 2][block] ?? 0),
    );
    const test = stationarity(drifting, random());
    expect(test).toMatchObject({ n: 10, flagged: true });
    expect(test?.trend.tau).toBeGreaterThan(0.9);
    expect(test?.trend.change).toBeCloseTo(180 / 1090, 1);
  });

  test('that steps is flagged with the place and both sides', () => {
    const stepping = [...noise(10, 1).map((one) => 1000 + one), ...noise(10, 2).map((one) => 1300 + one)];
    const { step, flagged } = stationarity(stepping, random()) ?? { step: null, flagged: false };
    expect(flagged).toBe(true);
    expect(step?.after).toBe(10);
    expect(step?.before_median).toBeLessThan(1010);
    expect(step?.after_median).toBeGreaterThan(1300);
  });

  test('that stays what it is is flagged in at most one of twenty', () => {
    let flagged = 0;
    for (let run = 0; run < 400; run += 1)
      if (stationarity(noise(10 + (run % 15), run), random())?.flagged) flagged += 1;
    expect(flagged).toBeLessThanOrEqual(20 + 4 * Math.sqrt(400 * 0.05 * 0.95));
    expect(flagged).toBeGreaterThan(2);
  });

  test('of fewer than ten blocks, or always the same, is not judged', () => {
    expect(stationarity(noise(9, 0), random())).toBeNull();
    expect(stationarity(new Float64Array(20), random())).toBeNull();
  });

  test('may have blocks of timed-out attempts', () => {
    const values = [...noise(8, 3), Infinity, Infinity, Infinity, Infinity];
    expect(stationarity(values, random())).toMatchObject({ flagged: true, step: { after: 8, after_median: Infinity } });
  });
});
