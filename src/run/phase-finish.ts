// Stage 3, last phases: what the platforms report of the invocations, and the removal of everything that was made.
import { formatShare } from '../units.js';
import type { Part } from './execution.js';
import { asTask, journalTask, note, type OpenPlatform, type RunState, taskOf } from './state.js';
import { collect, teardown } from './tasks/finish.js';
import type { Phase, Row, RowEnd } from './terminal.js';

export function platformsWithMetrics(state: RunState): OpenPlatform[] {
  return [...state.platforms.values()].filter(({ driver }) => driver.capabilities.providerMetrics.length > 0);
}

export function collectPhase(state: RunState): Phase {
  const rows = () =>
    platformsWithMetrics(state).map(
      (platform): Row => ({
        title: `Collect metrics of ${platform.id}`,
        work: () => asTask(state, taskOf(state, 'collect', platform.id), () => collected(platform, state)),
      }),
    );
  return { title: 'Collect', concurrency: 4, rows };
}

/** A platform without metrics of its own has no row, but its task ends all the same. */
export function skipCollecting(state: RunState): void {
  for (const { id, driver } of state.platforms.values()) {
    const task = taskOf(state, 'collect', id);
    if (task !== undefined && driver.capabilities.providerMetrics.length === 0)
      journalTask(state, task, 'skipped', { detail: 'the platform reports no metrics of its own' });
  }
}

async function collected(platform: OpenPlatform, state: RunState): Promise<RowEnd> {
  const coverage = await collect(platform, state);
  if (coverage === null) return { state: 'done' };
  if (coverage < 1) note(state, 'warning', `${platform.id}: metrics for ${formatShare(coverage)} of the invocations`);
  return { state: 'done', detail: `found ${formatShare(coverage)} of the invocations` };
}

export function teardownPhase(state: RunState, part: Part): Phase {
  const rows = () =>
    [...state.platforms.values()].map(
      (platform): Row => ({
        title: `Remove what was made on ${platform.id}`,
        work: () => asTask(state, taskOf(state, 'teardown', platform.id), () => tornDown(platform, state, part)),
      }),
    );
  return { title: 'Tear down', concurrency: 4, rows };
}

async function tornDown(platform: OpenPlatform, state: RunState, part: Part): Promise<RowEnd> {
  const left = await teardown(platform, state, keeps(state, part));
  await state.storages.get(platform.id)?.close();
  await platform.driver.close();
  part.left.push(...left.map((what) => `${platform.id}: ${what}`));
  if (left.length === 0) return { state: 'done' };
  return { state: 'failed', reason: `left behind: ${left.join('; ')}; try: sebs resources clean ${state.folder.id}` };
}

function keeps({ plan, drain }: RunState, part: Part): boolean {
  if (plan.teardown !== 'on-success') return plan.teardown === 'keep';
  const whole = plan.cells.every(({ id }) => part.cells.get(id)?.status === 'complete');
  return !whole && !drain.aborted;
}
