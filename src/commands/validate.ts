// `sebs validate SUITE...`: reads, checks and plans each suite and runs nothing. Comes in: files; goes out: for each
// either how many cells it comes to or everything that is wrong with it. One broken suite does not hide the next.
import { EXIT, formatProblem, type Problem, SebsError, SpecError } from '../errors.js';
import { exceededLimits } from '../plan/estimate.js';
import { planSuite } from '../run-suite.js';
import { plural } from '../units.js';
import type { CommandContext, CommandResult } from './command.js';
import { type SuiteOptions, sourceOf } from './suite-options.js';

export type Validation =
  | { file: string; state: 'ok'; name: string; cells: number; skipped: number; warnings: readonly string[] }
  | { file: string; state: 'wrong'; problems: readonly Problem[] }
  | { file: string; state: 'wrong'; message: string; hint?: string };

export async function validate(
  files: readonly string[],
  options: SuiteOptions,
  context: CommandContext,
): Promise<CommandResult> {
  const validations: Validation[] = [];
  for (const file of files) validations.push(await validateOne(file, options, context));
  const wrong = validations.filter(({ state }) => state === 'wrong').length;
  return {
    exitCode: wrong === 0 ? EXIT.ok : EXIT.usage,
    text: validations.map(textOf).join('\n'),
    data: validations,
  };
}

async function validateOne(file: string, options: SuiteOptions, context: CommandContext): Promise<Validation> {
  try {
    const { plan } = await planSuite(sourceOf(file, options, context));
    const warnings = exceededLimits(plan).map((limit) => `sebs run refuses it without --yes: it takes ${limit}`);
    const { cells, skipped } = plan;
    return { file, state: 'ok', name: plan.suite.name, cells: cells.length, skipped: skipped.length, warnings };
  } catch (error) {
    if (error instanceof SpecError) return { file, state: 'wrong', problems: error.problems };
    if (!(error instanceof SebsError)) throw error;
    const hint = error.hint === undefined ? {} : { hint: error.hint };
    return { file, state: 'wrong', message: error.message, ...hint };
  }
}

function textOf(validation: Validation): string {
  const { file } = validation;
  if (validation.state === 'ok') {
    const skipped = validation.skipped === 0 ? '' : `, ${validation.skipped} skipped (sebs plan ${file} says why)`;
    return [
      `${file}: ok, ${plural(validation.cells, 'cell')}${skipped}`,
      ...validation.warnings.map((warning) => `${file}: warning: ${warning}`),
    ].join('\n');
  }
  if ('problems' in validation)
    return [
      ...validation.problems.map(formatProblem),
      `${file}: ${plural(validation.problems.length, 'problem')}`,
    ].join('\n');
  return `${file}: ${validation.message}${validation.hint === undefined ? '' : ` (${validation.hint})`}`;
}
