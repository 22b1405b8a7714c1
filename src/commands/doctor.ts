// `sebs doctor`: what this machine has and lacks. Comes in: the platforms to look at (all without a choice); goes out:
// one line per check, each with the next step where something is missing, and for sebs and each platform whether it can be
// used. Exit 4 when sebs lacks something, or when no platform that was looked at can be used. Changes nothing.
import { accessSync, constants, existsSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';
import { cacheDirectory } from '../cache/cache.js';
import { EXIT, messageOf, SebsError, UsageError } from '../errors.js';
import type { Check } from '../platforms/driver.js';
import { platformTypes } from '../platforms/registry.js';
import { formatBytes, plural } from '../units.js';
import type { CommandContext, CommandResult } from './command.js';
import { machineChecks } from './doctor-machine.js';
import { askPlatform, plainPlatform } from './platform-drivers.js';

export interface PlacedCheck extends Check {
  /** The platform it belongs to; absent: sebs itself. */
  platform?: string;
}

/** Below this, a run may fill the disk with records and logs. */
const LITTLE_DISK_BYTES = 1024 ** 3;
const OLDEST_NODE: readonly [number, number] = [20, 19];

export async function doctor(
  { platform }: { platform?: string },
  { env, reportsDir }: CommandContext,
): Promise<CommandResult> {
  const own: PlacedCheck[] = [
    nodeCheck(process.versions.node),
    folderCheck('cache', cacheDirectory(env)),
    folderCheck('run folders', reportsDir),
    folderCheck('temporary files', tmpdir()),
    ...machineChecks(),
  ];
  const platforms = new Map<string, PlacedCheck[]>();
  for (const type of platform === undefined ? platformTypes() : [platform]) platforms.set(type, await ask(type, env));
  const usable = [...platforms.values()].some((checks) => !lacks(checks));
  return {
    exitCode: lacks(own) || !usable ? EXIT.threshold : EXIT.ok,
    text: textOf(own, platforms),
    data: [...own, ...[...platforms.values()].flat()],
  };
}

function lacks(checks: readonly Check[]): boolean {
  return checks.some(({ state }) => state === 'missing');
}

/** Comes in: a version such as `20.19.0`. */
export function nodeCheck(version: string): Check {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [oldMajor, oldMinor] = OLDEST_NODE;
  if (major > oldMajor || (major === oldMajor && minor >= oldMinor))
    return { name: 'Node.js', state: 'ok', text: version };
  return {
    name: 'Node.js',
    state: 'missing',
    text: `${version} is older than ${OLDEST_NODE.join('.')}`,
    hint: 'install a newer Node.js: https://nodejs.org',
  };
}

/** Whether we may write there, and how much fits. The folder itself need not exist yet. */
export function folderCheck(name: string, folder: string): Check {
  const existing = nearestExisting(folder);
  try {
    accessSync(existing, constants.W_OK | constants.X_OK);
  } catch (error) {
    return {
      name,
      state: 'missing',
      text: `${folder} cannot be written: ${messageOf(error)}`,
      hint: `make ${existing} writable for this user, or choose another folder`,
    };
  }
  const { bavail, bsize } = statfsSync(existing);
  const free = bavail * bsize;
  const text = `${folder}, ${formatBytes(free)} free`;
  if (free >= LITTLE_DISK_BYTES) return { name, state: 'ok', text };
  return { name, state: 'warning', text, hint: 'a large run may not fit: make room, or choose another folder' };
}

function nearestExisting(folder: string): string {
  const parent = dirname(folder);
  return existsSync(folder) || parent === folder ? folder : nearestExisting(parent);
}

/** A platform that cannot even be asked lacks something too, and its error says what. */
async function ask(type: string, env: CommandContext['env']): Promise<PlacedCheck[]> {
  try {
    const checks = await askPlatform({ platform: plainPlatform(type), env }, ({ driver }) => driver.doctor());
    return checks.map((check) => ({ ...check, platform: type }));
  } catch (error) {
    // A name that is none is a mistake of the command line; and what is no SebsError is a bug, not a finding.
    if (!(error instanceof SebsError) || error instanceof UsageError) throw error;
    const hint = error.hint === undefined ? {} : { hint: error.hint };
    return [{ name: 'driver', state: 'missing', text: error.message, ...hint, platform: type }];
  }
}

function textOf(own: readonly PlacedCheck[], platforms: ReadonlyMap<string, readonly PlacedCheck[]>): string {
  return [
    'This machine',
    ...own.flatMap(lineOf),
    ...[...platforms].flatMap(([type, checks]) => ['', `Platform ${type}`, ...checks.flatMap(lineOf)]),
    '',
    verdict('sebs', own, 'cannot work here'),
    ...[...platforms].map(([type, checks]) => verdict(type, checks, 'cannot be used on this machine')),
  ].join('\n');
}

function lineOf({ name, state, text, hint }: PlacedCheck): string[] {
  const line = `  ${state.padEnd(7)}  ${name}: ${text}`;
  return hint === undefined ? [line] : [line, `           -> ${hint}`];
}

function verdict(name: string, checks: readonly Check[], bad: string): string {
  const missing = checks.filter(({ state }) => state === 'missing').map((check) => check.name);
  if (missing.length > 0) return `${name} ${bad}: it lacks ${missing.join(', ')}; see the arrows above.`;
  const warnings = checks.filter(({ state }) => state === 'warning').length;
  return warnings === 0 ? `${name} is ready.` : `${name} is ready, with ${plural(warnings, 'warning')}.`;
}
