// Stage 3, names: the id of a run and its folder for scratch data. Ids begin with the UTC instant, so that they sort by
// time; they end in random digits, so that two runs of one second differ.
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** `20260102T030405Z-my-suite-1f2e3d` */
export function newRunId(suiteName: string, now = new Date()): string {
  const instant = now.toISOString().replace(/[-:]/g, '').replace(/\.\d+/, '');
  const name = suiteName
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 32);
  return [instant, name, randomBytes(3).toString('hex')].filter((part) => part !== '').join('-');
}

/** Outside the run folder, on local disk; gone after the run. */
export function scratchFolder(runId: string): string {
  return join(tmpdir(), `sebs-${runId}`);
}
