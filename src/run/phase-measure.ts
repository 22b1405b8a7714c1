// Stage 3, second phase: the machine is ours, the client is calibrated, then one scheduler walks all blocks. Comes in: the
// cells that are ready; goes out: rows, journal lines, and the status of every cell. One row of the terminal for each
// platform and experiment, all of them served by the one walk.
import { hostCounters } from '../host/facts.js';
import { calibrate, startEventLoopMonitor } from '../invoke/calibration.js';
import { measureKey } from '../plan/tasks.js';
import { readManifest } from '../results/run-folder.js';
import { formatUs } from '../units.js';
import type { Execution, Part } from './execution.js';
import { updateManifest } from './manifest.js';
import { createProgress } from './progress.js';
import { measureAll } from './scheduler.js';
import { createStartClassifier } from './start-class.js';
import { asTask, note } from './state.js';
import type { Phase, Row, RowEnd } from './terminal.js';

/** How often a moving terminal is given a new line. */
const SHOW_EVERY_MS = 100;

/** Waits for the machine, then measures the client itself: its floor stands beside every number of the run. */
export function calibratePhase(execution: Execution, part: Part): Phase {
  const { state, invoker } = execution;
  const work = async (show: (line: string) => void): Promise<RowEnd> => {
    await takeMachine(execution, part, show);
    if (state.drain.aborted) return { state: 'skipped', reason: 'the run was stopped' };
    const calibration = await calibrate(invoker);
    updateManifest(state, (manifest) => {
      manifest.calibration = calibration;
      manifest.state = 'measuring';
      manifest.host_counters = { before: hostCounters() };
    });
    const { fresh_p50_us: fresh, keep_alive_p50_us: kept } = calibration;
    return {
      state: 'done',
      detail: `an empty answer takes ${formatUs(fresh)} on a new connection, ${formatUs(kept)} on a kept one (p50)`,
    };
  };
  return { title: 'Calibrate', concurrency: 1, rows: () => [{ title: 'Calibrate the client', work }] };
}

async function takeMachine(execution: Execution, part: Part, show: (line: string) => void): Promise<void> {
  const { lock, state } = execution;
  const waiting = (holder: string) =>
    show(`another sebs is measuring on this machine (${holder}); waiting for it to end`);
  part.lock = await lock?.(waiting).catch((error: unknown) => {
    if (state.drain.aborted) return undefined;
    throw error;
  });
}

/** Others may measure meanwhile. */
async function idle(us: number, execution: Execution, part: Part): Promise<void> {
  const { state, clock } = execution;
  part.lock?.release();
  part.lock = undefined;
  await clock.wait(us, state.drain);
  if (!state.drain.aborted) await takeMachine(execution, part, () => undefined);
}

export function measurePhase(execution: Execution, part: Part): Phase {
  const { state, history } = execution;
  const shows = new Map<string, (line: string) => void>();
  const cells = [...part.ready.values()].map(({ cell }) => cell);
  const progress = createProgress(state.plan, cells, history);
  let shownAt = 0;
  let shownRound = -1;

  function refresh(round: number): void {
    const due = execution.style === 'listr2' ? performance.now() - shownAt > SHOW_EVERY_MS : round !== shownRound;
    if (!due) return;
    shownAt = performance.now();
    shownRound = round;
    for (const [key, show] of shows) {
      const line = progress.line(key);
      if (line !== '') show(line);
    }
  }

  async function walk(): Promise<void> {
    const monitor = startEventLoopMonitor();
    let current = 0;
    await measureAll({
      plan: state.plan,
      ready: part.ready,
      history,
      services: {
        part: state.part,
        partStartUs: part.startUs,
        clock: execution.clock,
        invoker: execution.invoker,
        classifier: createStartClassifier(),
        journal: state.journal,
        invocations: state.invocations,
        ...(execution.observer.answered === undefined ? {} : { answered: execution.observer.answered }),
        warnOnce(text) {
          if (!state.warnings.includes(text)) note(state, 'warning', text);
        },
        recorded: (cell, rows) => {
          progress.recorded(cell, rows);
          refresh(current);
        },
      },
      spentUs: history.spentUs,
      resamples: readManifest(state.folder).preregistration.bootstrap_resamples,
      spent: (usd) => {
        part.spentUsd = usd;
        progress.spent(usd);
      },
      drain: state.drain,
      idle: (us) => idle(us, execution, part),
      blockStarted: (cell, round) => {
        current = round;
        progress.blockStarted(cell, round);
        refresh(round);
      },
      cellEnded: (cell, end) => {
        part.cells.set(cell.id, end);
        progress.cellEnded(cell);
      },
    });
    const { p50Us, p99Us, maxUs } = monitor.stop();
    updateManifest(state, (manifest) => {
      manifest.event_loop = { p50_us: p50Us, p99_us: p99Us, max_us: maxUs };
      manifest.host_counters = { ...manifest.host_counters, after: hostCounters() };
    });
  }

  const rows = (): Row[] => {
    const walking = walk();
    // Every row awaits it; this keeps a failure from being reported as unhandled before the first row does.
    walking.catch(() => undefined);
    const keys = new Set(cells.map(measureKey));
    return state.plan.tasks
      .filter((task) => task.kind === 'measure' && keys.has(`${task.experiment}/${task.platform}`))
      .map((task) => ({
        title: task.title,
        work: (show) =>
          asTask(state, task, async () => {
            const key = `${task.experiment}/${task.platform}`;
            shows.set(key, show);
            await walking;
            return { state: 'done', detail: progress.summary(key) };
          }),
      }));
  };
  return { title: 'Measure', concurrency: Number.POSITIVE_INFINITY, rows };
}
