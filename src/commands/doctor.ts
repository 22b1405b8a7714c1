// `sebs doctor`: what this machine has and lacks. Comes in: the platforms to look at (all without a choice); goes out:
// one line per check, each with the next step where something is missing. Changes nothing.
import { accessSync, constants, existsSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';
import { cacheDirectory } from '../cache/cache.js';
import { EXIT, messageOf } from '../errors.js';
import type { Check } from '../platforms/driver.js';
import { platformTypes } from '../platforms/registry.js';
import { formatBytes, plural } from '../units.js';
import type { CommandContext, CommandResult } from './command.js';
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
  const checks: PlacedCheck[] = [
    nodeCheck(process.versions.node),
    folderCheck('cache', cacheDirectory(env)),
    folderCheck('run folders', reportsDir),
    folderCheck('temporary files', tmpdir()),
  ];
  for (const type of platform === undefined ? platformTypes() : [platform]) checks.push(...(await ask(type, env)));
  const missing = checks.filter(({ state }) => state === 'missing').length;
  return { exitCode: missing === 0 ? EXIT.ok : EXIT.threshold, text: textOf(checks, missing), data: checks };
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

async function ask(type: string, env: CommandContext['env']): Promise<PlacedCheck[]> {
  const checks = await askPlatform({ platform: plainPlatform(type), env }, (driver) => driver.doctor());
  return checks.map((check) => ({ ...check, platform: type }));
}

function textOf(checks: readonly PlacedCheck[], missing: number): string {
  const signs = { ok: 'ok      ', warning: 'warning ', missing: 'missing ' } as const;
  const lines = checks.flatMap(({ name, state, text, hint, platform }) => {
    const where = platform === undefined ? '' : `${platform}: `;
    const line = `${signs[state]} ${where}${name}: ${text}`;
    return hint === undefined ? [line] : [line, `          -> ${hint}`];
  });
  const verdict = missing === 0 ? 'Nothing is missing.' : `${plural(missing, 'check')} failed: see the arrows above.`;
  return [...lines, '', verdict].join('\n');
}
