// `sebs plan SUITE`: what a run would do, with estimates of time and requests. Touches nothing but the suite's files
// and what the platforms look up on this host.
import { cacheDirectory } from '../cache/cache.js';
import { EXIT } from '../errors.js';
import { planSuite } from '../run-suite.js';
import type { CommandContext, CommandResult } from './command.js';

export async function plan(suiteFile: string, { env }: CommandContext): Promise<CommandResult> {
  const planned = await planSuite({ suiteFile, env, cacheDir: cacheDirectory(env) });
  return { exitCode: EXIT.ok, text: planned.text, data: planned.plan };
}
