// Stage 2, the plan for people: what will be measured, what is left out and why, and what it will take. Pure.
import type { Cell, Plan } from '../generated/plan.js';
import { formatCount, formatSeconds, formatShare, plural } from '../units.js';

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
  const counts = [...new Set(plan.cells.map((cell) => cell.repetitions.min))].sort((a, b) => a - b);
  const order = plan.order.shuffle ? `in random order (seed ${plan.seed})` : 'in the order of the suite';
  const { limits } = plan;
  const bounds = [
    limits.duration_s === undefined ? null : `${formatSeconds(limits.duration_s)}`,
    limits.invocations === undefined ? null : plural(limits.invocations, 'invocation'),
    limits.failures === undefined ? null : `${formatShare(limits.failures)} failures per cell`,
  ].filter((bound) => bound !== null);
  return [
    `  ${counts.join(', ')} repetitions per cell, in ${plural(plan.order.blocks, 'block')}; the blocks of all cells are interleaved ${order}`,
    bounds.length === 0 ? '  no limits' : `  limits: ${bounds.join(', ')}`,
  ];
}

/** Reasons once, however many cells they hold back. */
function skippedLines(plan: Plan): string[] {
  if (plan.skipped.length === 0) return [];
  const byReason = new Map<string, string[]>();
  for (const { because, reason, label } of plan.skipped) {
    const key = `${because}: ${reason}`;
    byReason.set(key, [...(byReason.get(key) ?? []), label]);
  }
  const lines = [...byReason].map(
    ([reason, labels]) =>
      `  ${plural(labels.length, 'cell')} - ${reason} (${labels[0]}${labels.length > 1 ? ', …' : ''})`,
  );
  return ['', `Left out (${plural(plan.skipped.length, 'cell')})`, ...lines];
}

function estimateLines({ estimate }: Plan): string[] {
  const { invocations, duration_s: duration, usd } = estimate;
  const requests =
    invocations.min === invocations.max
      ? formatCount(invocations.min)
      : `${formatCount(invocations.min)} to ${formatCount(invocations.max)}`;
  return [
    `  invocations   ${requests}, warm-ups included`,
    `  time          ${formatSeconds(duration.min)} (functions that take no time) to ${formatSeconds(duration.max)} (every one uses its whole time limit)`,
    `  money         ${usd === null ? 'no price is known for these platforms' : `${usd.min.toFixed(2)} to ${usd.max.toFixed(2)} USD`}`,
  ];
}
