// Data with known truth for the simulations of coverage (methodology D42): `bench/coverage.mjs` prints the tables of
// docs/methodology.md from them, `test/results/statistics/coverage.test.ts` repeats a part. Pure but for the generator.

/** Each is a normal copula, so that every quantile of what is drawn is known, with the margin its shape makes of it. */
export const SCENARIOS = [
  scenario('independent, log-normal', {}),
  scenario('independent, log-normal, wide (σ = 1)', { shape: logNormal(1) }),
  scenario('independent, heavy tail (Pareto, 2.5)', { shape: pareto(2.5) }),
  scenario('independent, heavy tail (Pareto, 1.5)', { shape: pareto(1.5) }),
  scenario('independent, two modes (16 % three times as slow)', { shape: twoModes() }),
  scenario('each row follows the last (AR(1), 0.5), log-normal', { follow: 0.5 }),
  scenario('each row follows the last (AR(1), 0.9), log-normal', { follow: 0.9 }),
  scenario('blocks differ (a twentieth of the variance), log-normal', { common: 0.05 }),
  scenario('blocks differ (a fifth of the variance), log-normal', { common: 0.2 }),
  scenario('blocks differ (half of the variance), log-normal', { common: 0.5 }),
  scenario('blocks differ (a fifth of the variance), two modes', { common: 0.2, shape: twoModes() }),
];

function scenario(name, { common = 0, follow = 0, shape = logNormal(0.5) }) {
  return { name, common, follow, ...shape };
}

function logNormal(sigma) {
  return { shape: (z) => Math.exp(sigma * z), mean: Math.exp(sigma ** 2 / 2) };
}

function pareto(index) {
  return { shape: (z) => upperTail(z) ** (-1 / index), mean: index / (index - 1) };
}

function twoModes() {
  const shape = (z) => (z > 1 ? 3 : 1) + 0.1 * z;
  return { shape, mean: 1 + 2 * upperTail(1) };
}

/** P(Z > z), by Simpson's rule on the density: slow and exact enough for drawing. */
function upperTail(z) {
  const steps = 200;
  const width = (z < 0 ? -z : z) / steps;
  let area = 0;
  for (let step = 0; step <= steps; step += 1) {
    const weight = step === 0 || step === steps ? 1 : step % 2 === 1 ? 4 : 2;
    area += weight * Math.exp(-((step * width) ** 2) / 2);
  }
  const half = (area * width) / 3 / Math.sqrt(2 * Math.PI);
  return Math.max(1e-12, z < 0 ? 0.5 + half : 0.5 - half);
}

/** @returns rows in the order measured, block after block. */
export function drawValues({ common, follow, shape }, blocks, rows, random) {
  const values = [];
  for (let block = 0; block < blocks; block += 1) {
    const shared = Math.sqrt(common) * normal(random);
    let own = normal(random);
    for (let row = 0; row < rows; row += 1) {
      if (row > 0) own = follow * own + Math.sqrt(1 - follow * follow) * normal(random);
      values.push(shape(shared + Math.sqrt(1 - common) * own));
    }
  }
  return values;
}

function normal(random) {
  return Math.sqrt(-2 * Math.log(1 - random.unit())) * Math.cos(2 * Math.PI * random.unit());
}

/** @param rowsIndependent as if each row had a sandbox of its own. */
export function sampleOf(values, blocks, rowsIndependent = false) {
  return {
    values: Float64Array.from(values),
    censored: new Uint8Array(values.length),
    blockOf: Uint32Array.from(values, (_value, row) => Math.floor((row * blocks) / values.length)),
    blocks,
    rowsIndependent,
  };
}

/** Standard normal quantiles, from tables. */
export const NORMAL_QUANTILES = { p50: 0, p90: 1.2815515655446, p95: 1.6448536269515, p99: 2.3263478740408 };
export const STATISTICS = ['mean', 'p50', 'p90', 'p95', 'p99'];

/**
 * How often intervals hold the truth.
 * @param estimateMetrics of src/results/statistics/metric.ts. @returns per statistic: held (of those given), given.
 */
export function coverageOf(
  estimateMetrics,
  scenario,
  { blocks, rows, runs, resamples, random, rowsIndependent = false },
) {
  const truth = { mean: scenario.mean };
  for (const [name, z] of Object.entries(NORMAL_QUANTILES)) truth[name] = scenario.shape(z);
  const tally = Object.fromEntries(STATISTICS.map((name) => [name, { held: 0, given: 0 }]));
  for (let run = 0; run < runs; run += 1) {
    const sample = sampleOf(drawValues(scenario, blocks, rows, random), blocks, rowsIndependent);
    const { client_us } = estimateMetrics(new Map([['client_us', sample]]), { level: 0.95, resamples, random });
    for (const name of STATISTICS) {
      const { ci } = client_us[name];
      if (ci === null) continue;
      tally[name].given += 1;
      if (ci.low <= truth[name] && truth[name] <= ci.high) tally[name].held += 1;
    }
  }
  return Object.fromEntries(
    STATISTICS.map((name) => [name, { held: tally[name].held / tally[name].given, given: tally[name].given / runs }]),
  );
}

export const CONTRASTS = ['ratio', 'shift', 'cliffsDelta'];

/**
 * How often the intervals of a comparison hold the truth, and how often its verdict is wrong, where nothing differs.
 * @param comparePairs of src/results/statistics/compare.ts. @returns per contrast as coverageOf(); and `alarms`, the share
 * of comparisons that were told slower or faster.
 */
export function contrastsOf(
  comparePairs,
  scenario,
  { blocks, rows, runs, resamples, random, rowsIndependent = false },
) {
  const truth = { ratio: 1, shift: 0, cliffsDelta: 0 };
  const tally = Object.fromEntries(CONTRASTS.map((name) => [name, { held: 0, given: 0 }]));
  let alarms = 0;
  for (let run = 0; run < runs; run += 1) {
    const draw = () => sampleOf(drawValues(scenario, blocks, rows, random), blocks, rowsIndependent);
    const options = { level: 0.95, resamples, random };
    const rules = { alpha: 0.05, threshold: 0.05, noiseFloor: null };
    const [result] = comparePairs([{ cell: draw(), base: draw(), options, group: 'base' }], rules);
    for (const name of CONTRASTS) {
      const { ci } = result[name];
      if (ci === null) continue;
      tally[name].given += 1;
      if ((ci.low ?? -Infinity) <= truth[name] && truth[name] <= (ci.high ?? Infinity)) tally[name].held += 1;
    }
    if (result.verdict === 'slower' || result.verdict === 'faster') alarms += 1;
  }
  const shares = CONTRASTS.map((name) => [
    name,
    { held: tally[name].held / tally[name].given, given: tally[name].given / runs },
  ]);
  return { ...Object.fromEntries(shares), alarms: alarms / runs };
}

/**
 * What it costs to stop as soon as the median is precise (methodology D17): after ten blocks of five rows, block by block,
 * until the half width is 5 % or forty blocks are there.
 * @param estimateQuantile of src/results/statistics/metric.ts.
 */
export function stoppingOf(estimateQuantile, scenario, { runs, random }) {
  const truth = scenario.shape(0);
  const tally = { first: 0, stopped: 0, early: 0, blocks: 0 };
  for (let run = 0; run < runs; run += 1) {
    const values = drawValues(scenario, 40, 5, random);
    for (let blocks = 10; blocks <= 40; blocks += 1) {
      const { value, ci } = estimateQuantile(sampleOf(values.slice(0, blocks * 5), blocks), 0.5, { level: 0.95 });
      const held = ci !== null && ci.low <= truth && truth <= ci.high;
      if (blocks === 10 && held) tally.first += 1;
      const precise = ci !== null && (ci.high - ci.low) / 2 / value <= 0.05;
      if (!precise && blocks < 40) continue;
      if (held) tally.stopped += 1;
      if (blocks < 40) tally.early += 1;
      tally.blocks += blocks;
      break;
    }
  }
  return Object.fromEntries(Object.entries(tally).map(([name, count]) => [name, count / runs]));
}
