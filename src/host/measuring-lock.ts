// One measurement at a time on a machine, whoever started it: the lock that runs take before their first request. It
// lies in the folder for temporary files, which all users share. Comes in: how to wait; goes out: a Lock.
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { acquireLock, type Lock, type LockOptions } from './lock.js';

function path(): string {
  return join(tmpdir(), 'sebs-measuring.lock');
}

export function acquireMeasuringLock(options: LockOptions): Promise<Lock> {
  return acquireLock(path(), options);
}

/** Removes the file that a killed run left; one that is held stays. */
export async function sweepMeasuringLock(): Promise<void> {
  const lock = await acquireLock(path(), { wait: false }).catch(() => undefined);
  lock?.release();
}
