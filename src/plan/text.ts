// Stage 2, the plan for people: what will be measured, what is left out and why, and what it will take. Pure.
import type { Cell, Plan, Precision } from '../generated/plan.js';
import { formatCount, formatSeconds, formatShare, formatUsd, plural } from '../units.js';
import { exceededLimits } from './estimate.js';

const AXES = [
  ['experiment', 'experiment'],
  ['platform', 'platform'],
  ['benchmark', 'benchmark'],
  ['language', 'language'],
  ['architecture', 'architecture'],
  ['memory', 'memory_mb'],
  ['timeout', 'timeout_s'],
  ['package', 'package'],
  ['trigger', 'trigger'],
  ['connection', 'connection'],
  ['input', 'input'],
  ['start', 'start'],
  ['concurrency', 'concurrency'],
  ['network', 'network'],
  ['cold level', 'cold_level'],
] as const;

export function planText(plan: Plan): string {
  return [
    `${plan.suite.name}: ${plural(plan.cells.length, 'cell')}, ${plural(plan.deployments.length, 'deployment')}, ${plural(plan.packages.length, 'package')}, ${plural(plan.tasks.length, 'task')}`,
    ...simulatedLines(plan),
    '',
    'Factors',
    ...factorLines(plan.cells),
    '',
    'Measuring',
    ...measuringLines(plan),
    ...skippedLines(plan),
    '',
    'Estimate',
    ...estimateLines(plan),
  ].join('\n');
}

/** Nobody may take a model's numbers for measured ones. */
function simulatedLines({ simulated = [] }: Plan): string[] {
  if (simulated.length === 0) return [];
  return [`SIMULATED: ${simulated.join(', ')} ${simulated.length === 1 ? 'is a model' : 'are models'}, no measurement`];
}

function factorLines(cells: readonly Cell[]): string[] {
  return AXES.flatMap(([name, column]) => {
    const levels = [...new Set(cells.map((cell) => levelOf(cell, column)))].filter((level) => level !== null);
    return levels.length === 0 ? [] : [`  ${name.padEnd(13)} ${levels.join(', ')}`];
  });
}

function levelOf(cell: Cell, column: (typeof AXES)[number][1]): string | null {
  const value = cell[column];
  if (value === null || value === undefined) return null;
  if (column === 'language') return `${value}@${cell.language_version}`;
  if (column === 'memory_mb') return `${value} MB`;
  return column === 'timeout_s' ? `${value} s` : String(value);
}

function measuringLines(plan: Plan): string[] {
  const order = plan.order.shuffle ? `in random order (seed ${plan.seed})` : 'in the order of the suite';
  const { limits } = plan;
  const bounds = [
    limits.usd === undefined ? null : formatUsd(limits.usd),
    limits.duration_s === undefined ? null : `${formatSeconds(limits.duration_s)}`,
    limits.invocations === undefined ? null : plural(limits.invocations, 'invocation'),
    limits.failures === undefined ? null : `${formatShare(limits.failures)} failures per cell`,
  ].filter((bound) => bound !== null);
  return [
    ...repetitionLines(plan.cells),
    `  in ${plural(plan.order.blocks, 'block')}; the blocks of all cells are interleaved ${order}`,
    ...placementLines(plan),
    ...baselineLines(plan),
    bounds.length === 0 ? '  no limits' : `  limits: ${bounds.join(', ')}`,
  ];
}

/** Each number once; experiments that go on until they are precise with what they aim at. */
function repetitionLines(cells: readonly Cell[]): string[] {
  const fixed = new Set<number>();
  const adaptive = new Map<string, string>();
  for (const { repetitions } of cells) {
    const { min, max, until } = repetitions;
    if (until === undefined) fixed.add(min);
    else adaptive.set(JSON.stringify(repetitions), `  ${min} to ${max} repetitions per cell, ${aimOf(until)}`);
  }
  const counts = [...fixed].sort((a, b) => a - b);
  return [...(counts.length === 0 ? [] : [`  ${counts.join(', ')} repetitions per cell`]), ...adaptive.values()];
}

function aimOf({ metric, quantile, ci, half_width }: Precision): string {
  const interval = `${formatShare(ci)} interval of ${metric} at p${Number((quantile * 100).toFixed(4))}`;
  return `until half the ${interval} is at most ${formatShare(half_width)} of it`;
}

/** How the measuring is spread over time and deployments, where that is not the plain way. */
function placementLines({ order, cells }: Plan): string[] {
  const { windows, lanes } = order;
  const replicates = new Set(cells.map(({ deployments }) => deployments.length));
  const copies = cells.filter(({ control_of }) => control_of !== undefined).length;
  return [
    windows === undefined ? null : `  in ${windows.count} windows with ${formatSeconds(windows.gap_s)} between them`,
    lanes === 'platform' ? '  remote platforms in lanes of their own, beside each other' : null,
    Math.max(...replicates) > 1
      ? `  ${Math.max(...replicates)} deployments per cell, on which its blocks take turns`
      : null,
    copies === 0
      ? null
      : `  ${plural(copies, 'cell is an A/A copy', 'cells are A/A copies')} of another: what they differ by is noise`,
  ].filter((line) => line !== null);
}

function baselineLines({ baselines }: Plan): string[] {
  if (baselines === undefined) return [];
  const pairs = Object.entries(baselines);
  const bases = pairs.filter(([cell, base]) => cell === base).length;
  const without = pairs.filter(([, base]) => base === null).length;
  const compared = pairs.length - bases - without;
  const rest = without === 0 ? '' : `; ${plural(without, 'cell has', 'cells have')} no baseline`;
  return [`  ${plural(compared, 'cell is', 'cells are')} compared with ${plural(bases, 'baseline')}${rest}`];
}

/** Reasons once, however many cells they hold back. */
function skippedLines(plan: Plan): string[] {
  const left = [...plan.skipped, ...(plan.excluded ?? [])];
  if (left.length === 0) return [];
  const byReason = new Map<string, string[]>();
  for (const { because, reason, label } of left) {
    const key = `${because}: ${reason}`;
    byReason.set(key, [...(byReason.get(key) ?? []), label]);
  }
  const lines = [...byReason].map(
    ([reason, labels]) =>
      `  ${plural(labels.length, 'cell')} - ${reason} (${labels[0]}${labels.length > 1 ? ', …' : ''})`,
  );
  return ['', `Left out (${plural(left.length, 'cell')})`, ...lines];
}

function estimateLines(plan: Plan): string[] {
  const { invocations, duration_s: duration } = plan.estimate;
  const requests =
    invocations.min === invocations.max
      ? formatCount(invocations.min)
      : `${formatCount(invocations.min)} to ${formatCount(invocations.max)}`;
  const refusals = exceededLimits(plan).map((why) => `  sebs run refuses it without --yes: it takes ${why}`);
  return [
    `  invocations   ${requests}, warm-ups included`,
    `  time          ${formatSeconds(duration.min)} (functions that take no time) to ${formatSeconds(duration.max)} (every one uses its whole time limit)`,
    `  money         ${moneyText(plan)}`,
    ...refusals,
  ];
}

function moneyText({ estimate: { usd, unpriced = [] }, limits }: Plan): string {
  if (usd === null)
    return `no price is known for these platforms${limits.usd === undefined ? '' : ': limits.usd cannot be held'}`;
  const without = unpriced.length === 0 ? '' : `, without ${unpriced.join(', ')}: no price is known`;
  return `${formatUsd(usd.min)} to ${formatUsd(usd.max)}${without}`;
}
