// Drivers for commands that ask a platform something outside a run: doctor, list, resources, process. Comes in: which
// platform; goes out: an open driver, closed again when the question is answered.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cacheDirectory } from '../cache/cache.js';
import type { Ledger, PlatformDriver } from '../platforms/driver.js';
import { loadPlatform } from '../platforms/registry.js';

export interface PlatformQuestion {
  platformId: string;
  type: string;
  options?: Readonly<Record<string, unknown>>;
  env: Readonly<Record<string, string | undefined>>;
  /** Where removals are written; without it nothing is expected to be created or removed. */
  ledger?: Ledger;
}

/** Opens a driver, asks it, and closes it, whatever the answer was. */
export async function askPlatform<Answer>(
  { platformId, type, options = {}, env, ledger = refusingLedger() }: PlatformQuestion,
  ask: (driver: PlatformDriver) => Promise<Answer>,
): Promise<Answer> {
  const { createDriver } = await loadPlatform(type);
  const scratchDir = mkdtempSync(join(tmpdir(), 'sebs-ask-'));
  const never = new AbortController().signal;
  try {
    const driver = await createDriver({
      platformId,
      options,
      runId: '',
      logDir: scratchDir,
      scratchDir,
      cacheDir: cacheDirectory(env),
      env,
      ledger,
      signal: never,
      note: () => {},
    });
    try {
      return await ask(driver);
    } finally {
      await driver.close();
    }
  } finally {
    rmSync(scratchDir, { recursive: true, force: true });
  }
}

/** A question creates nothing: a driver that wants to is wrong, and says so at once instead of leaving something behind. */
function refusingLedger(): Ledger {
  function refuse(): never {
    throw new Error('a driver that was only asked something wants to change what exists on its platform');
  }
  return { intend: refuse, created: refuse, removed: refuse, kept: refuse, failed: refuse };
}
