// Stage 5, report. How the numbers were made and what they cannot say, in words, each with the number of its rule in
// docs/methodology.md. Limits are only stated where they apply to the run at hand.
import type { Manifest } from '../generated/manifest.js';
import type { Plan } from '../generated/plan.js';
import type { Summary } from '../generated/summary.js';
import { formatCount, formatUs, plural } from '../units.js';

export interface Rule {
  rule: string;
  text: string;
}

export function limits(manifest: Manifest, plan: Plan, summary: Summary): Rule[] {
  const shared = sharedHosts(manifest);
  const widest = Math.max(0, ...plan.cells.map((cell) => cell.concurrency));
  const several = plan.deployments.some((deployment) => deployment.replicate > 0);
  const bare = summary.cells.filter((cell) => cell.metrics.client_us?.p95.ci === null).length;
  return [
    { rule: 'D19', text: windowText(manifest) },
    {
      rule: 'D27',
      text: 'Closed loop: the next request is released after the previous one was answered, so waiting in a queue is not seen (closed, prone to coordinated omission). Read the numbers as latencies without load, not as capacity.',
    },
    ...(shared.length > 0
      ? [
          {
            rule: 'D28',
            text: `Client and functions share the ${plural(manifest.client.cores, 'core')} of one host (${shared.join(', ')}): each slows the other down${widest > manifest.client.cores ? `, and ${widest} concurrent requests on ${plural(manifest.client.cores, 'core')} measure contention` : ''}.`,
          },
        ]
      : []),
    ...(several
      ? []
      : [
          {
            rule: 'D16',
            text: 'One deployment per cell: differences between deployments of the same code are not seen, and an interval covers this deployment only.',
          },
        ]),
    ...(bare > 0
      ? [
          {
            rule: 'D13',
            text: `${bare} of ${plural(summary.cells.length, 'cell')} have too few attempts for an interval of p95; such a number is an estimate and may not be compared.`,
          },
        ]
      : []),
    {
      rule: 'D23',
      text: 'Intervals are per number and not adjusted for how many there are; reading many cells side by side will show differences by chance.',
    },
  ];
}

export function methods(summary: Summary, plan: Plan): Rule[] {
  const used = usedMethods(summary);
  const cold = plan.cells.some((cell) => cell.start === 'cold');
  return [
    {
      rule: 'D5',
      text: `Every estimate carries n and an interval at level ${summary.ci_level} with its method, or the reason why there is none. Methods used: ${used.join('; ') || 'none'}. Bootstrap: ${formatCount(summary.bootstrap_resamples)} resamples, seed ${summary.seed}.`,
    },
    {
      rule: 'D13',
      text: 'Quantiles interpolate between order statistics; exact intervals come from ranks by the binomial law where rows are independent by design, and rest on blocks or sandboxes where they are not.',
    },
    {
      rule: 'D8',
      text: 'Latency is given as p50, p90, p95, p99, maximum and p99/p50 (tail to median); means are in summary.csv and never alone.',
    },
    {
      rule: 'D18',
      text: 'Warm-up attempts are set apart by a rule fixed before the run; their rows are kept with their role and enter no estimate.',
    },
    {
      rule: 'D25',
      text: 'Failed attempts and wrong outputs leave the latency sample and enter the failure rate. Slow attempts are never removed; outliers are only counted.',
    },
    {
      rule: 'D26',
      text: 'Timed-out attempts stay in the latency sample as lower bounds; a quantile they reach is written with ≥.',
    },
    { rule: 'D41', text: 'The output of every invocation was validated; a fast wrong answer is a failure.' },
    ...(cold
      ? [
          {
            rule: 'D32',
            text: 'A start counts as cold by evidence: a sandbox made for this request that had served none. Attempts in which the asked state was not obtained are discarded and counted as such (D33).',
          },
          {
            rule: 'D34',
            text: 'The cold penalty is the difference to the cell that differs only in its start, under the same connection policy; ratios state the warm median as their base (D1).',
          },
        ]
      : []),
    {
      rule: 'D12',
      text: 'Figures show distributions; lines join only ordered sizes; every axis names its unit and where it starts.',
    },
  ];
}

function usedMethods(summary: Summary): string[] {
  const estimates = summary.cells.flatMap((cell) => [
    cell.failure_rate,
    ...Object.values(cell.metrics).flatMap((metric) => [metric.p50, metric.p90, metric.p95, metric.p99]),
  ]);
  const differences = summary.penalties.flatMap((penalty) => [penalty.difference, penalty.ratio]);
  const names = [...estimates, ...differences].flatMap((estimate) =>
    estimate.ci === null ? [] : [estimate.ci.method],
  );
  return [...new Set(names)].sort();
}

/** Platforms that say their functions run on the client's own machine. */
function sharedHosts(manifest: Manifest): string[] {
  const said = Object.entries(manifest.platforms ?? {});
  return said.filter(([, about]) => about.sharesClientHost === true).map(([id]) => `platform ${id}`);
}

function windowText(manifest: Manifest): string {
  const took = manifest.parts.reduce((sum, part) => sum + (part.duration_us ?? 0), 0);
  const length = took > 0 ? ` of ${formatUs(took)}` : '';
  return manifest.parts.length > 1
    ? `Measured in ${manifest.parts.length} parts${length} together, not spread over the day on purpose: effects of the hour are not seen.`
    : `A single time window${length}: effects of the hour of the day, which can be large on shared machines, are not seen.`;
}
