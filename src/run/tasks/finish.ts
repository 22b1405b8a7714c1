// Stage 3, the end: collect (provider metrics for what was measured) and teardown (everything that was created is
// removed, by the ledger). Comes in: the run's state; goes out: raw/provider/<n>/ and a ledger without open entries, or
// entries that say why not. Teardown runs after failures and signals too, and one resource that resists does not keep
// the others.
import { appendFileSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../../errors.js';
import type { Invocation } from '../../generated/invocation.js';
import type { ResourceRef } from '../../platforms/driver.js';
import { US_PER_S } from '../../units.js';
import { eachLine } from '../append-log.js';
import { updateManifest } from '../manifest.js';
import { note, type OpenPlatform, type RunState } from '../state.js';

/** How long to wait for logs that come late. */
const COLLECT_DEADLINE_S = 300;
/** Requests that are asked about together: a large run is never in memory as a whole. */
const PORTION = 10_000;

/** Asks one platform for its metrics. Returns the coverage; null where the platform has no metrics of its own. */
export async function collect(platform: OpenPlatform, state: RunState): Promise<number | null> {
  const deployments = [...state.deployments.values()].filter(({ id }) => planPlatform(state, id) === platform.id);
  if (deployments.length === 0 || platform.driver.capabilities.providerMetrics.length === 0) return null;
  const endUs = state.clock.nowUs() + COLLECT_DEADLINE_S * US_PER_S;
  let asked = 0;
  let found = 0;
  let file: string | undefined;
  for (const { requestIds, from } of portionsOf(state, new Set(deployments.map(({ id }) => id)))) {
    const deadlineS = Math.max(0, (endUs - state.clock.nowUs()) / US_PER_S);
    const to = state.clock.at();
    const { rows } = await platform.driver.collect({ deployments, requestIds, from, to, deadlineS });
    file ??= metricsFile(platform, state);
    appendFileSync(file, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    asked += requestIds.length;
    found += rows.length;
  }
  if (asked === 0) return null;
  const at = new Date().toISOString();
  updateManifest(state, (manifest) => {
    manifest.collected = [...(manifest.collected ?? []), { platform: platform.id, at, requests: asked, found }];
  });
  return found / asked;
}

/** The requests to these deployments in the order of the records, with the instant of the first of each portion. */
function* portionsOf(
  state: RunState,
  deployments: ReadonlySet<string>,
): Generator<{ requestIds: string[]; from: string }> {
  let requestIds: string[] = [];
  let from = '';
  for (const row of eachLine<Invocation>(state.folder.invocations)) {
    if (row.request_id === undefined || !deployments.has(row.deployment ?? '')) continue;
    if (requestIds.length === 0) from = row.released_at ?? '';
    requestIds.push(row.request_id);
    if (requestIds.length < PORTION) continue;
    yield { requestIds, from };
    requestIds = [];
  }
  if (requestIds.length > 0) yield { requestIds, from };
}

/** Each collect writes a folder of its own; sealed files never change. */
function metricsFile(platform: OpenPlatform, state: RunState): string {
  const { provider } = state.folder;
  mkdirSync(provider, { recursive: true });
  const folder = join(provider, String(readdirSync(provider).length));
  mkdirSync(folder, { recursive: true });
  return join(folder, `${platform.id}.jsonl`);
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
      await platform.remove(resource);
      state.ledger.removed(resource);
    } catch (error) {
      const reason = messageOf(error);
      state.ledger.failed(resource, reason);
      left.push(`${nameOf(resource)}: ${reason}`);
    }
  }
  if (staying) return left;
  const listed = await platform.list(state.folder.id).catch((error: unknown) => {
    note(state, 'warning', `${platform.id}: cannot list what is left: ${messageOf(error)}`);
    return [];
  });
  const named = new Set(left.map((text) => text.split(':')[0]));
  // Two platforms of one type find each other's.
  const more = listed.filter((found) => found.platform === platform.id).map(nameOf);
  return [...left, ...more.filter((name) => !named.has(name)).map((name) => `${name}: still there`)];
}

function nameOf({ kind, id }: ResourceRef): string {
  return `${kind} ${id}`;
}

function planPlatform(state: RunState, deployment: string): string | undefined {
  return state.plan.deployments.find(({ id }) => id === deployment)?.platform;
}
