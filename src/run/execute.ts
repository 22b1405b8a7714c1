// Stage 3 as a whole: prepare everything, measure exclusively, collect, tear down. Comes in: a run's state and what
// happened before (nothing, or the lines of earlier parts); goes out: the lines of this part and the status of every
// cell. Whatever happens after the first resource was made, teardown runs.
import type { Execution, Part } from './execution.js';
import { describePrepared, updateManifest } from './manifest.js';
import { closePart, type Ended, openPart } from './part.js';
import { collectPhase, platformsWithMetrics, skipCollecting, teardownPhase } from './phase-finish.js';
import { calibratePhase, measurePhase } from './phase-measure.js';
import { preparePhase, readyCells } from './phase-prepare.js';
import { preparationOf } from './prepare.js';
import { type Phase, runPhases } from './terminal.js';

export async function execute(execution: Execution): Promise<Ended> {
  const { state, history, clock } = execution;
  const show = (...phases: Phase[]) => runPhases(phases, execution.style, execution.stderr);
  const part: Part = {
    startUs: clock.nowUs(),
    cells: new Map(history.ended),
    ready: new Map(),
    left: [],
  };
  openPart(state, execution.argv, execution.lock !== undefined);
  let failure: { error: unknown } | undefined;

  async function prepare(): Promise<void> {
    const open = state.plan.cells.filter(({ id }) => !part.cells.has(id));
    if (open.length === 0) return;
    const preparation = preparationOf(state, open);
    await show(preparePhase(preparation));
    await readyCells(state, preparation, part);
    updateManifest(state, (manifest) => describePrepared(manifest, state));
  }

  try {
    await prepare();
    if (part.ready.size > 0 && !state.drain.aborted) {
      // A client that sends nothing has no floor, and disturbs nobody.
      if (clock.real) await show(calibratePhase(execution, part));
      await show(measurePhase(execution, part));
    }
    skipCollecting(state);
    if (part.ready.size > 0 && platformsWithMetrics(state).length > 0) await show(collectPhase(state));
  } catch (error) {
    failure = { error };
  } finally {
    part.lock?.release();
    await show(teardownPhase(state, part));
    await execution.invoker.close();
  }
  const ended = closePart(state, { ...part, spentUs: clock.nowUs() - part.startUs, failed: failure !== undefined });
  if (failure !== undefined) throw failure.error;
  return ended;
}
