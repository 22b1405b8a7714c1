// Stage 5, report: the checklist of methods, D1 to D18: what is reported, with which intervals, from what sample.
import { formatCount, formatShare, formatUs, plural } from '../../units.js';
import { varyingFactors } from '../factors.js';
import { type CheckedRun, latencyEstimates, measuredCells, type Question, sumOver } from './check.js';

export const STATISTICS: readonly Question[] = [
  [
    'D1',
    'ratios state their base',
    ({ summary: { penalties } }) =>
      penalties.length === 0
        ? ['does not apply', 'no ratio is reported']
        : ['met', `${plural(penalties.length, 'ratio')}, each beside its base, the warm median, with interval`],
  ],
  [
    'D2',
    'what is missing is listed',
    ({ summary: { cells, not_run } }) => {
      const open = cells.filter((cell) => cell.status !== 'complete');
      const bare = open.filter((cell) => cell.reason === null).length;
      if (bare > 0)
        return ['in part', `${plural(bare, 'cell')} of ${open.length} not complete without a reason on record`];
      return [
        'met',
        `${plural(cells.length, 'cell')} planned, ${open.length} not complete, ${not_run.length} skipped by the plan, each with its reason`,
      ];
    },
  ],
  ['D3', 'the right mean', () => ['met', 'arithmetic means of durations and sizes only; no rate is averaged']],
  ['D4', 'no averaged ratios', () => ['met', 'the only ratios are of two medians; none is averaged']],
  [
    'D5',
    'n and interval with every number',
    (run) => {
      const all = latencyEstimates(run);
      const without = all.filter((one) => one.ci === null);
      if (all.length === 0) return ['does not apply', 'no cell has a measured attempt'];
      const silent = without.filter((one) => one.no_ci === null).length;
      if (silent > 0) return ['not met', `${plural(silent, 'estimate')} without interval or reason`];
      return [
        'met',
        `${formatCount(all.length - without.length)} of ${plural(all.length, 'quantile')} of client time have an interval at ${formatShare(run.summary.ci_level)}, ${formatCount(without.length)} the reason why not`,
      ];
    },
  ],
  ['D6', 'normality is not assumed', () => ['met', 'every interval is non-parametric']],
  [
    'D7',
    'comparisons by interval and test',
    ({ summary: { penalties, comparisons } }) => {
      if (comparisons.length > 0) {
        const tested = comparisons.filter((one) => one.p !== null).length;
        return [
          tested === comparisons.length ? 'met' : 'in part',
          `${tested} of ${plural(comparisons.length, 'comparison')} decided by test, interval and size of the change`,
        ];
      }
      return penalties.length === 0
        ? ['does not apply', 'cells are not compared']
        : ['in part', 'cold against warm by the interval of the difference; no test between other cells'];
    },
  ],
  [
    'D8',
    'tails, not means',
    () => ['met', 'p50, p90, p95, p99, maximum and p99/p50 of client time; no mean stands alone'],
  ],
  [
    'D9',
    'all factors named',
    ({ manifest, summary }) => [
      'met',
      `${plural(varyingFactors(summary.cells).length, 'factor')} varied, the others stated; uncontrolled ones as recorded on ${manifest.client.cpu_model}`,
    ],
  ],
  [
    'D10',
    'release of concurrent requests',
    ({ plan, summary }) => {
      const widest = Math.max(1, ...plan.cells.map((cell) => cell.concurrency));
      if (widest === 1) return ['does not apply', 'one request at a time'];
      const skews = summary.cells.flatMap((cell) => cell.barrier_skew?.max_us ?? []);
      const words = `up to ${widest} requests released in one turn`;
      return skews.length === 0
        ? ['in part', `${words}; no batch was measured`]
        : ['met', `${words}, at most ${formatUs(Math.max(...skews))} apart`];
    },
  ],
  [
    'D11',
    'the floor',
    ({ manifest: { calibration } }) =>
      calibration === undefined
        ? ['not met', 'the client was not calibrated']
        : [
            'in part',
            `an empty answer on this host takes ${calibration.fresh_p50_us} µs on a new connection (p50, n = ${calibration.requests}); no round trip to each endpoint`,
          ],
  ],
  [
    'D12',
    'distributions are drawn',
    (run) =>
      measuredCells(run).length === 0
        ? ['does not apply', 'nothing was measured']
        : [
            'met',
            'distribution functions and every attempt as a point; axes with unit and start; lines join ordered sizes only',
          ],
  ],
  [
    'D13',
    'intervals of quantiles',
    (run) => {
      const bare = measuredCells(run).filter((cell) => cell.metrics.client_us?.p50.ci === null).length;
      return bare === 0
        ? ['met', 'every median has an interval by exact ranks, or by ranks of blocks where rows share a sandbox']
        : [
            'in part',
            `${plural(bare, 'cell')} too small for an interval of the median; the number is printed as an estimate`,
          ];
    },
  ],
  [
    'D14',
    'interval of the mean',
    ({ summary }) => [
      'met',
      `BCa bootstrap, ${formatCount(summary.bootstrap_resamples)} resamples, seed ${summary.seed}, by block where rows are not independent`,
    ],
  ],
  ['D15', 'independence is tested', (run) => tested(run)],
  ['D16', 'the level that repeats', (run) => hierarchy(run)],
  [
    'D17',
    'the stop rule',
    ({ manifest: { preregistration: fixed }, plan }) => {
      if (fixed.stop_rule === undefined) return ['not met', 'no stop rule is on record'];
      const adaptive = plan.cells.filter(({ repetitions }) => repetitions.until !== undefined).length;
      const looks = adaptive === 0 ? '' : `; ${plural(adaptive, 'cell')} looked at, each look in raw/journal.jsonl`;
      return ['met', `fixed before the run: ${fixed.stop_rule}${looks}`];
    },
  ],
  [
    'D18',
    'warm-up apart, drift looked for',
    (run) => {
      const apart = sumOver(run, (cell) => cell.attempts.warmup);
      const rule = run.manifest.preregistration.warmup_rule;
      const tested = run.summary.cells.flatMap((cell) => cell.stationarity ?? []);
      const drifting = tested.filter(({ flagged }) => flagged).length;
      const measured = measuredCells(run).length;
      const words = `${plural(apart, 'warm-up attempt')} apart${rule === undefined ? '' : ` (${rule})`}`;
      return [
        tested.length === measured ? 'met' : 'in part',
        `${words}; ${tested.length} of ${plural(measured, 'cell')} tested for trend and step, ${drifting} flagged`,
      ];
    },
  ],
];

function tested(run: CheckedRun): readonly ['met' | 'does not apply', string] {
  const cells = measuredCells(run);
  const byBlock = cells.filter((cell) => cell.metrics.client_us?.p50.ci?.method.includes('block') === true).length;
  if (cells.length === 0) return ['does not apply', 'nothing was measured'];
  return [
    'met',
    `lag-1 autocorrelation and runs test per cell; intervals of ${byBlock} of ${plural(cells.length, 'cell')} rest on blocks`,
  ];
}

function hierarchy({ plan, summary }: CheckedRun): readonly ['in part' | 'not met', string] {
  const most = Math.max(0, ...plan.cells.map((cell) => cell.deployments.length));
  const few = summary.cells.filter((cell) => cell.blocks > 0 && cell.blocks < 6).length;
  const blocks = `${plural(plan.order.blocks, 'block')} per cell, ${plural(most, 'deployment')}`;
  return few > 0
    ? ['not met', `${blocks}; ${plural(few, 'cell')} with fewer than 6 blocks`]
    : ['in part', `${blocks}; components of variance are not reported`];
}
