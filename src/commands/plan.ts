// `sebs plan SUITE`: what a run would do, with estimates of time and requests. Touches nothing but the suite's files
// and what the platforms look up on this host.
import { EXIT } from '../errors.js';
import { planSuite } from '../run-suite.js';
import type { CommandContext, CommandResult } from './command.js';
import { type SuiteOptions, sourceOf } from './suite-options.js';

export async function plan(
  suiteFile: string | undefined,
  options: SuiteOptions,
  context: CommandContext,
): Promise<CommandResult> {
  const planned = await planSuite(sourceOf(suiteFile, options, context));
  return { exitCode: EXIT.ok, text: planned.text, data: planned.plan };
}
