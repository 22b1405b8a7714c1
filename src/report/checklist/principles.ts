// Stage 5, report: the eight principles of SPEC-RG-2019-03 for experiments in the cloud (methodology D40), answered for
// one run.
import { plural } from '../../units.js';
import { factorTable } from '../factors.js';
import { latencyEstimates, type Question } from './check.js';

export const PRINCIPLES: readonly Question[] = [
  [
    'P1',
    'repeated experiments',
    ({ plan, summary }) => {
      const blocks = Math.min(...summary.cells.map((cell) => cell.blocks));
      if (summary.cells.length === 0) return ['not met', 'no cell was planned'];
      return blocks < 6
        ? ['in part', `the least repeated cell has ${plural(blocks, 'block')} of ${plan.order.blocks}`]
        : ['met', `every cell in at least ${plural(blocks, 'block')}, in shuffled order`];
    },
  ],
  [
    'P2',
    'workload and configuration coverage',
    ({ summary }) => {
      const varied = factorTable(summary.cells).filter((factor) => factor.varied);
      return varied.length === 0
        ? ['not met', 'one configuration only']
        : ['met', varied.map(({ name, levels }) => `${name}: ${levels.length} levels`).join(', ')];
    },
  ],
  [
    'P3',
    'description of the setup',
    ({ manifest }) => [
      'met',
      `host, runtimes, code hashes of ${plural(Object.keys(manifest.packages ?? {}).length, 'package')} and settings under Provenance`,
    ],
  ],
  [
    'P4',
    'open access artefact',
    ({ manifest }) =>
      manifest.tool.git_commit === undefined
        ? ['in part', 'suite, raw records and hashes are in the run folder; publishing it is up to you']
        : [
            'in part',
            `suite, raw records and hashes are in the run folder, made by commit ${manifest.tool.git_commit.slice(0, 12)}; publishing it is up to you`,
          ],
  ],
  ['P5', 'probabilistic description of results', () => ['met', 'quantiles and distribution functions of every cell']],
  [
    'P6',
    'statistical evaluation',
    (run) => {
      const all = latencyEstimates(run);
      const held = all.filter((one) => one.ci !== null).length;
      if (all.length === 0) return ['not met', 'nothing was measured'];
      return [
        held === all.length ? 'met' : 'in part',
        `${held} of ${plural(all.length, 'quantile')} of client time have an interval`,
      ];
    },
  ],
  [
    'P7',
    'measurement units',
    () => ['met', 'a unit beside every number, in the names of all columns and on every axis'],
  ],
  [
    'P8',
    'cost',
    ({ summary }) =>
      summary.cells.some((cell) => Object.keys(cell.metrics).some((name) => name.endsWith('_usd')))
        ? ['met', 'the cost of an invocation is a metric of each priced cell']
        : ['does not apply', 'this platform bills nothing'],
  ],
];
