// `sebs invoke BENCHMARK`: one function, once (or a few times), without writing a suite. Comes in: options; goes out:
// what the function answered and how long it took. An ordinary run, of a suite made here, so that process, report,
// statistics and verify read its folder like any other.
import { EXIT, UsageError } from '../errors.js';
import type { Invocation } from '../generated/invocation.js';
import type { Plan } from '../generated/plan.js';
import type { Trigger } from '../platforms/driver.js';
import { platformTypes } from '../platforms/registry.js';
import { runSuite } from '../run-suite.js';
import { adHocSuite, defaultPlatform, unplaced } from './ad-hoc-suite.js';
import type { CommandContext, CommandResult } from './command.js';
import { type Answered, invocationsText } from './invocations-text.js';
import { askPlatform, plainPlatform } from './platform-drivers.js';
import { measureOptions, type RunCommandOptions } from './run.js';

export interface InvokeOptions extends RunCommandOptions {
  platform?: string;
  input?: string;
  trigger?: Trigger;
  language?: string;
  memory?: number;
  repetitions: number;
  start: 'cold' | 'warm';
  keep: boolean;
}

export async function invoke(
  benchmark: string,
  options: InvokeOptions,
  context: CommandContext,
): Promise<CommandResult> {
  const suite = suiteFor(benchmark, options);
  await refuseUnknownTrigger(options, context);
  const seen = onlooker();
  const outcome = await unplaced(
    runSuite({
      suiteFile: 'invoke.yaml',
      text: JSON.stringify(suite, null, 2),
      ...measureOptions(options, context),
      observer: seen.observer,
    }),
  );
  const { runId: run, folder, summary } = outcome;
  const invocations = seen.invocations();
  const failed = invocations.some(({ row }) => row.role === 'counted' && row.outcome !== 'ok');
  const exitCode = outcome.exitCode === EXIT.ok && failed ? EXIT.cells : outcome.exitCode;
  const paths = { run, folder: folder.path, report: folder.report };
  return {
    exitCode,
    text: invocationsText(invocations, summary, paths),
    data: {
      ...paths,
      exitCode,
      cells: summary?.cells.map(({ cell, label, status, reason, factors }) => ({
        cell,
        label,
        status,
        reason,
        factors,
      })),
      invocations: invocations.map(({ row, output }) => ({ ...row, output })),
    },
  };
}

/** Keeps rows and outputs as they come: records hold the hash of an output alone. */
function onlooker() {
  const outputs = new Map<string, unknown>();
  const rows: Invocation[] = [];
  let plan: Plan | undefined;
  return {
    observer: {
      planned(_folder: unknown, planned: Plan) {
        plan = planned;
      },
      answered(attemptId: string, output: unknown) {
        outputs.set(attemptId, output);
      },
      recorded(written: readonly Invocation[]) {
        rows.push(...written);
      },
    },
    invocations: (): Answered[] =>
      rows
        .filter(({ role }) => role !== 'warmup')
        .map((row) => ({
          row,
          output: outputs.get(row.attempt_id) ?? null,
          cell: plan?.cells.find(({ id }) => id === row.cell),
        })),
  };
}

/** The suite that stands for the options. JSON is YAML, so its text is what the run folder keeps as suite.yaml. */
export function suiteFor(benchmark: string, options: InvokeOptions): Record<string, unknown> {
  const { platform, input, trigger, language, memory, repetitions, start, keep } = options;
  return {
    ...adHocSuite({
      verb: 'invoke',
      benchmarks: [benchmark],
      entry: input === undefined ? {} : { input },
      platform,
      factors: { language, memory, trigger },
      experiment: { starts: [start], repetitions },
    }),
    // One block per repetition at most: a block that has nothing to do would still start and end sandboxes.
    order: { blocks: Math.min(repetitions, 10) },
    teardown: keep ? 'keep' : 'always',
  };
}

/** The planner refuses it too, at a line of a file that the user never wrote; here the answer is where to go instead. */
async function refuseUnknownTrigger({ trigger, platform }: InvokeOptions, { env }: CommandContext): Promise<void> {
  if (trigger === undefined) return;
  const triggersOf = (type: string) =>
    askPlatform({ platform: plainPlatform(type), env }, async ({ driver }) => driver.capabilities.triggers);
  const asked = platform ?? defaultPlatform();
  const there = await triggersOf(asked);
  if (there.includes(trigger)) return;
  const others: string[] = [];
  for (const type of platformTypes()) if ((await triggersOf(type)).includes(trigger)) others.push(type);
  throw new UsageError(`${asked} has no trigger ${trigger}: it has ${there.join(', ')}`, {
    hint:
      others.length === 0
        ? `no platform of this version has ${trigger}`
        : `platforms with ${trigger}: ${others.join(', ')}`,
  });
}
