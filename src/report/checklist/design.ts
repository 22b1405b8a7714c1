// Stage 5, report: the checklist of methods, D19 to D42: how the run was laid out, loaded, started, priced and checked.
import { formatShare, formatUs, plural } from '../../units.js';
import { type Answer, type CheckedRun, latencyEstimates, type Question, sumOver } from './check.js';

const NOTHING_COMPARED: Answer = ['does not apply', 'the suite asks for no comparison'];

export const DESIGN: readonly Question[] = [
  [
    'D19',
    'cells take turns',
    ({ plan: { order, seed } }) => {
      const turns = `${plural(order.blocks, 'round')}${order.shuffle ? `, each shuffled anew (seed ${seed})` : ' in a fixed order'}`;
      const windows = order.windows?.count ?? 1;
      if (!order.shuffle || order.blocks < 2) return ['not met', `${turns}; ${plural(windows, 'time window')}`];
      return windows > 1
        ? ['met', `${turns}, over ${windows} time windows`]
        : ['in part', `${turns}; a single time window`];
    },
  ],
  ['D20', 'duet', () => ['does not apply', 'no pair of cells was run as a duet']],
  [
    'D21',
    'A/A control',
    ({ summary: { noise_floor: floor } }) =>
      floor === null
        ? ['not met', 'no cell was measured twice, so the noise floor of this run is not known']
        : [
            'met',
            `${plural(floor.controls, 'A/A copy', 'A/A copies')} of cells: no change of ${formatShare(floor.share)} or less is claimed`,
          ],
  ],
  [
    'D22',
    'no difference is claimed',
    ({ summary: { comparisons } }) => {
      const [first] = comparisons;
      const equal = comparisons.filter(({ verdict }) => verdict === 'equivalent').length;
      if (first === undefined) return NOTHING_COMPARED;
      return [
        'met',
        `${equal} of ${plural(comparisons.length, 'comparison')} equivalent: the interval lies within ${formatShare(first.margin)}`,
      ];
    },
  ],
  [
    'D23',
    'many comparisons',
    ({ summary: { penalties, comparisons } }) => {
      const compared = Math.max(0, ...comparisons.map((one) => one.compared));
      if (compared > 1) return ['met', `p adjusted by Holm over ${compared} comparisons; intervals are not adjusted`];
      if (comparisons.length > 0 || penalties.length < 2) return NOTHING_COMPARED;
      return [
        'not met',
        `${penalties.length} cold penalties, each with an interval of its own, not adjusted for their number`,
      ];
    },
  ],
  [
    'D24',
    'effect sizes',
    ({
      summary: {
        penalties,
        comparisons: [first],
      },
    }) => {
      if (first !== undefined)
        return [
          'met',
          `ratio, shift and Cliff’s delta with interval; changes below ${formatShare(first.threshold)} do not matter`,
        ];
      return penalties.length === 0 ? NOTHING_COMPARED : ['in part', 'difference and ratio of medians with interval'];
    },
  ],
  [
    'D25',
    'outliers stay',
    (run) => {
      const mild = sumOver(run, (cell) => cell.tukey_outliers.mild + cell.tukey_outliers.severe);
      const bad = sumOver(run, ({ outcomes }) => outcomes.failed + outcomes.invalid_output + outcomes.throttled);
      return [
        'met',
        `${plural(mild, 'attempt')} outside 1.5 interquartile ranges labelled, none removed; ${plural(bad, 'failed attempt')} in the failure rate`,
      ];
    },
  ],
  [
    'D26',
    'timeouts are bounds',
    (run) => {
      const late = sumOver(run, (cell) => cell.outcomes.timed_out);
      return late === 0
        ? ['does not apply', 'no attempt timed out']
        : ['met', `${plural(late, 'timed-out attempt')} kept as lower bounds in quantiles and curves`];
    },
  ],
  [
    'D27',
    'open loop',
    () => ['does not apply', 'closed loop, and said so beside the numbers: latency without load, no rates'],
  ],
  [
    'D28',
    'the client keeps up',
    ({ manifest: { event_loop: loop, platforms = {} } }) => {
      const shared = Object.values(platforms).some((about) => about.sharesClientHost === true);
      if (loop?.p99_us === undefined) return ['not met', "the client's delay while measuring was not recorded"];
      const words = `event-loop delay of the client while measuring: p99 ${formatUs(loop.p99_us)}`;
      return shared ? ['in part', `${words}; client and functions share cores`] : ['met', words];
    },
  ],
  ['D29', 'no averaged percentiles', () => ['met', 'every row is kept and quantiles are taken of rows']],
  [
    'D30',
    'connections',
    ({ plan }) => [
      'in part',
      `connection policy ${[...new Set(plan.cells.map((cell) => cell.connection))].join(' and ') || 'unknown'}; connecting is a stage of its own, name look-up, TCP and TLS are one`,
    ],
  ],
  [
    'D31',
    'clocks',
    ({ manifest: { client } }) => [
      'met',
      `durations from the monotonic clock of the client alone${client.clock_source === undefined ? '' : ` (${client.clock_source})`}`,
    ],
  ],
  ['D32', 'classes of start', (run) => classes(run)],
  [
    'D33',
    'evidence of start',
    (run) => {
      const differ = sumOver(run, (cell) => cell.start_disagreements ?? 0);
      const discarded = sumOver(run, (cell) => cell.attempts.discarded);
      return [
        'met',
        `${plural(discarded, 'attempt')} discarded; ${plural(differ, 'attempt')} whose evidence disagrees`,
      ];
    },
  ],
  [
    'D34',
    'cold penalty',
    ({ plan, summary: { penalties } }) =>
      plan.cells.every((cell) => cell.start !== 'cold')
        ? ['does not apply', 'no cold starts']
        : penalties.length === 0
          ? ['not met', 'no cold cell has a warm one that differs only in its start']
          : ['in part', `${plural(penalties.length, 'difference')} with interval; no initialisation as billed`],
  ],
  [
    'D35',
    'cold levels of containers',
    ({ plan }) => {
      const levels = [...new Set(plan.cells.flatMap((cell) => cell.cold_level ?? []))];
      return levels.length === 0
        ? ['does not apply', 'no cold levels in this suite']
        : ['met', `${levels.join(', ')}, with the time of each stage`];
    },
  ],
  ['D36', 'eviction', () => ['does not apply', 'no eviction experiment']],
  [
    'D37',
    'bursts',
    ({ plan }) =>
      plan.cells.every((cell) => cell.concurrency === 1)
        ? ['does not apply', 'no concurrent requests']
        : ['in part', 'concurrency and sandboxes of each cell; no time until n sandboxes'],
  ],
  ['D38', 'cost', (run) => cost(run)],
  [
    'D39',
    'fair mapping',
    ({ plan }) =>
      plan.platforms.length < 2
        ? ['does not apply', 'one platform']
        : ['in part', `the same sources on ${plan.platforms.length} platforms, compared by memory size`],
  ],
  ['D40', 'eight principles', () => ['met', 'the list below']],
  [
    'D41',
    'correctness first',
    (run) => [
      'met',
      `the output of every invocation was validated; ${plural(
        sumOver(run, ({ outcomes }) => outcomes.invalid_output),
        'wrong output',
      )}, counted as failures`,
    ],
  ],
  [
    'D42',
    'self-test of the intervals',
    (run) => {
      const held = latencyEstimates(run).flatMap(({ ci }) => (ci === null ? [] : [ci.attained]));
      const known = held.filter((share) => share !== undefined);
      if (held.length === 0) return ['does not apply', 'no interval was given'];
      return [
        known.length === held.length ? 'met' : 'in part',
        `${known.length} of ${plural(held.length, 'interval')} of client time are of a kind whose coverage was simulated${
          known.length === 0 ? '' : `: at least ${formatShare(Math.min(...known))}`
        }`,
      ];
    },
  ],
];

function classes(run: CheckedRun): Answer {
  const seen = new Map<string, number>();
  for (const cell of run.summary.cells)
    for (const [start, count] of Object.entries(cell.start_observed)) seen.set(start, (seen.get(start) ?? 0) + count);
  const words = [...seen].filter(([, count]) => count > 0).map(([start, count]) => `${count} ${start}`);
  if (words.length === 0) return ['does not apply', 'no counted attempt'];
  const unknown = seen.get('unknown') ?? 0;
  return [unknown > 0 ? 'in part' : 'met', words.join(', ')];
}

function cost({ summary }: CheckedRun): Answer {
  const priced = summary.cells.filter((cell) => Object.keys(cell.metrics).some((name) => name.endsWith('_usd'))).length;
  return priced === 0
    ? ['does not apply', 'no platform of this run has a price']
    : ['met', `${priced} of ${plural(summary.cells.length, 'cell')} have the cost of an invocation with interval`];
}
