// Drivers for commands that ask a platform something outside a run: doctor, list, resources, process. Comes in: which
// platform; goes out: the answer of an open driver, which is closed again, whatever the answer was.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cacheDirectory } from '../cache/cache.js';
import { openPlatforms, type PlatformEntry, refusingLedger } from '../open-platforms.js';
import type { DriverContext, Ledger } from '../platforms/driver.js';
import type { OpenPlatform } from '../run/state.js';

export interface PlatformQuestion {
  platform: PlatformEntry;
  env: DriverContext['env'];
  /** Where removals are written; without it a driver that wants to change something is refused. */
  ledger?: Ledger;
  /** The run that is asked about, if it is about one. */
  runId?: string;
}

export async function askPlatform<Answer>(
  { platform, env, ledger = refusingLedger(), runId = '' }: PlatformQuestion,
  ask: (platform: OpenPlatform) => Promise<Answer>,
): Promise<Answer> {
  const scratchDir = mkdtempSync(join(tmpdir(), 'sebs-ask-'));
  const surroundings = {
    runId,
    logDir: scratchDir,
    scratchDir,
    cacheDir: cacheDirectory(env),
    env,
    ledger,
    signal: new AbortController().signal,
    note: () => undefined,
  };
  try {
    const opened = await openPlatforms([platform], surroundings);
    const open = opened.get(platform.id);
    if (open === undefined) throw new Error(`${platform.id} was opened and is not there`);
    try {
      return await ask(open);
    } finally {
      await open.driver.close();
    }
  } finally {
    rmSync(scratchDir, { recursive: true, force: true });
  }
}

/** A platform as it is when a suite says nothing but its type. */
export function plainPlatform(type: string): PlatformEntry {
  return { id: type, type, options: {} };
}
