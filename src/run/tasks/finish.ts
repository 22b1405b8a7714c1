// Stage 3, the end: collect (provider metrics for what was measured) and teardown (everything that was created is
// removed, by the ledger). Comes in: the run's state; goes out: raw/provider/<n>/ and a ledger without open entries, or
// entries that say why not. Teardown runs after failures and signals too, and one resource that resists does not keep
// the others.
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../../errors.js';
import type { Invocation } from '../../generated/invocation.js';
import type { CollectedMetrics } from '../../platforms/driver.js';
import { readLog } from '../append-log.js';
import { note, type OpenPlatform, type RunState } from '../state.js';

/** How long to wait for logs that come late. */
const COLLECT_DEADLINE_S = 300;

/** Asks one platform for its metrics. Returns the coverage; null where the platform has no metrics of its own. */
export async function collect(platform: OpenPlatform, state: RunState): Promise<number | null> {
  const deployments = [...state.deployments.values()].filter(({ id }) => planPlatform(state, id) === platform.id);
  if (deployments.length === 0 || platform.driver.capabilities.providerMetrics.length === 0) return null;
  const ids = new Set(deployments.map(({ id }) => id));
  const rows = readLog<Invocation>(state.folder.invocations).filter((row) => ids.has(row.deployment ?? ''));
  const requestIds = rows.flatMap((row) => (row.request_id === undefined ? [] : [row.request_id]));
  const instants = rows.flatMap((row) => (row.released_at === undefined ? [] : [row.released_at])).sort();
  const from = instants[0];
  if (from === undefined) return null;
  const to = new Date().toISOString();
  const metrics = await platform.driver.collect({ deployments, requestIds, from, to, deadlineS: COLLECT_DEADLINE_S });
  writeMetrics(platform, metrics, state);
  return metrics.coverage;
}

/** Each collect writes a folder of its own; sealed files never change. */
function writeMetrics(platform: OpenPlatform, metrics: CollectedMetrics, state: RunState): void {
  const { provider } = state.folder;
  mkdirSync(provider, { recursive: true });
  const folder = join(provider, String(readdirSync(provider).length));
  mkdirSync(folder, { recursive: true });
  const lines = metrics.rows.map((row) => `${JSON.stringify(row)}\n`).join('');
  writeFileSync(join(folder, `${platform.id}.jsonl`), lines);
}

/**
 * Removes what the ledger still holds of a platform and says what listing still finds for this run. With `keep`,
 * functions and buckets stay for later runs, where the platform has any that outlive a block. Returns what could not
 * be removed.
 */
export async function teardown(platform: OpenPlatform, state: RunState, keep: boolean): Promise<string[]> {
  const left: string[] = [];
  const staying = keep && !platform.driver.capabilities.sandboxesEndWithBlock;
  for (const resource of state.ledger.open().filter((open) => open.platform === platform.id)) {
    if (staying) {
      state.ledger.kept(resource, `teardown: ${state.plan.teardown}`);
      continue;
    }
    try {
      await removeResource(platform, resource, state);
      state.ledger.removed(resource);
    } catch (error) {
      const reason = messageOf(error);
      state.ledger.failed(resource, reason);
      left.push(`${resource.kind} ${resource.id}: ${reason}`);
    }
  }
  if (staying) return left;
  const listed = await platform.driver.list(state.folder.id).catch((error: unknown) => {
    note(state, 'warning', `${platform.id}: cannot list what is left: ${messageOf(error)}`);
    return [];
  });
  const named = new Set(left.map((text) => text.split(':')[0]));
  const more = listed.map(({ kind, id }) => `${kind} ${id}`).filter((name) => !named.has(name));
  return [...left, ...more.map((name) => `${name}: still there`)];
}

/** Buckets are the storage's to remove, everything else the driver's. */
async function removeResource(
  platform: OpenPlatform,
  resource: Parameters<OpenPlatform['driver']['remove']>[0],
  state: RunState,
): Promise<void> {
  if (resource.kind !== 'bucket') return platform.driver.remove(resource);
  const storage = state.storages.get(platform.id) ?? (await platform.openStorage());
  state.storages.set(platform.id, storage);
  await storage.removeBucket(resource.id);
}

function planPlatform(state: RunState, deployment: string): string | undefined {
  return state.plan.deployments.find(({ id }) => id === deployment)?.platform;
}
