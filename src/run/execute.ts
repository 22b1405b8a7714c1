// Stage 3 as a whole: prepare everything, measure exclusively, collect, tear down. Comes in: a run's state and what
// happened before (nothing, or the lines of earlier parts); goes out: the lines of this part and the status of every
// cell. Whatever happens after the first resource was made, teardown runs.
import { validateOutput } from '../benchmarks/input.js';
import { experimentParts } from '../experiments/registry.js';
import type { Cell } from '../generated/plan.js';
import { hostCounters } from '../host/facts.js';
import type { Lock } from '../host/lock.js';
import { calibrate, startEventLoopMonitor } from '../invoke/calibration.js';
import type { Invoker } from '../invoke/exchange.js';
import { measureKey, uploadKey } from '../plan/tasks.js';
import { formatShare, formatUs, plural } from '../units.js';
import type { CellEnd, History } from './history.js';
import { describePrepared, updateManifest } from './manifest.js';
import { closePart, type Ended, openPart } from './part.js';
import { type Preparation, preparationOf } from './prepare.js';
import { createProgress } from './progress.js';
import { measureAll, type ReadyCell } from './scheduler.js';
import { createStartClassifier } from './start-class.js';
import { note, type OpenPlatform, platformOf, type RunState } from './state.js';
import { collect, teardown } from './tasks/finish.js';
import { type Phase, type ProgressStyle, type Row, type RowEnd, runPhases } from './terminal.js';

export interface Execution {
  state: RunState;
  history: History;
  /** As typed, for the manifest. */
  argv: readonly string[];
  invoker: Invoker;
  style: ProgressStyle;
  stderr: NodeJS.WritableStream;
  /** Waits until the machine is ours; undefined when measuring beside others was asked for. */
  lock: ((onWait: (holder: string) => void) => Promise<Lock>) | undefined;
}

/** What a part comes to while it goes. */
interface Part {
  startUs: number;
  cells: Map<string, CellEnd>;
  ready: Map<string, ReadyCell>;
  left: string[];
  lock?: Lock | undefined;
}

/** Rows of one phase above which they become a single row with a counter. */
const MOST_ROWS = 24;
const PREPARED_AT_ONCE = 4;
/** How often a moving terminal is given a new line. */
const SHOW_EVERY_MS = 100;

export async function execute(execution: Execution): Promise<Ended> {
  const { state, history } = execution;
  const show = (...phases: Phase[]) => runPhases(phases, execution.style, execution.stderr);
  const part: Part = { startUs: nowUs(), cells: new Map(history.ended), ready: new Map(), left: [] };
  openPart(state, execution.argv, execution.lock !== undefined);
  let failure: { error: unknown } | undefined;
  try {
    const preparation = preparationOf(state);
    await show({ title: 'Prepare', concurrency: PREPARED_AT_ONCE, rows: () => preparationRows(preparation) });
    await readyCells(state, preparation, part);
    updateManifest(state, (manifest) => describePrepared(manifest, state));
    if (part.ready.size > 0 && !state.drain.aborted) {
      await show(calibratePhase(execution, part));
      await show(measurePhase(execution, part));
    }
    if (part.ready.size > 0 && platformsWithMetrics(state).length > 0) await show(collectPhase(state));
  } catch (error) {
    failure = { error };
  } finally {
    part.lock?.release();
    await show(teardownPhase(state, part));
    await execution.invoker.close();
  }
  const ended = closePart(state, { ...part, spentUs: nowUs() - part.startUs, failed: failure !== undefined });
  if (failure !== undefined) throw failure.error;
  return ended;
}

function preparationRows(preparation: Preparation): Row[] {
  const { tasks } = preparation;
  if (tasks.length <= MOST_ROWS) return tasks.map((task) => ({ title: task.title, work: () => preparation.run(task) }));
  return [
    {
      title: plural(tasks.length, 'package, input or deployment', 'packages, inputs and deployments'),
      work: (show) => runManyInOneRow(preparation, show),
    },
  ];
}

/** Too many to have a row each: a few at a time, with a counter; says how many failed. */
async function runManyInOneRow(preparation: Preparation, show: (line: string) => void): Promise<RowEnd> {
  const { tasks } = preparation;
  const queue = [...tasks];
  let done = 0;
  let failed = 0;
  const every = Math.ceil(tasks.length / 20);
  const worker = async () => {
    for (let task = queue.shift(); task !== undefined; task = queue.shift()) {
      if ((await preparation.run(task)).state !== 'done') failed += 1;
      done += 1;
      if (done % every === 0) show(`${done} of ${tasks.length}`);
    }
  };
  await Promise.all(Array.from({ length: PREPARED_AT_ONCE * 2 }, worker));
  return failed === 0 ? { state: 'done' } : { state: 'failed', reason: `${failed} of ${tasks.length} failed` };
}

/** Fills in the cells that can be measured; a cell whose preparation failed ends here, with the reason. */
async function readyCells(state: RunState, preparation: Preparation, part: Part): Promise<void> {
  const failures = new Map<string, string>();
  for (const task of preparation.tasks) {
    const end = preparation.endOf(task.id);
    if (end !== undefined && end.state !== 'done') failures.set(task.id, end.reason);
  }
  const deployTasks = new Map(
    preparation.tasks.flatMap((task) => (task.deployment === undefined ? [] : [[task.deployment, task.id]])),
  );
  const uploadTasks = new Map(
    preparation.tasks.flatMap((task) =>
      task.kind === 'upload'
        ? [[uploadKey(task.platform ?? '', task.benchmark ?? null, task.input ?? null), task.id]]
        : [],
    ),
  );
  for (const cell of state.plan.cells) {
    if (part.cells.has(cell.id)) continue;
    const needs = [
      ...cell.deployments.map((id) => deployTasks.get(id)),
      uploadTasks.get(uploadKey(cell.platform, cell.benchmark, cell.input)),
    ];
    const reason = needs.map((id) => failures.get(id ?? '')).find((found) => found !== undefined);
    if (reason === undefined) part.ready.set(cell.id, await readyCell(cell, state));
    else if (!state.drain.aborted) failCell(cell, reason, state, part);
  }
}

function failCell(cell: Cell, reason: string, state: RunState, part: Part): void {
  const end = { status: 'failed', reason } as const;
  state.journal.append({ type: 'cell_ended', part: state.part, at: new Date().toISOString(), cell: cell.id, ...end });
  part.cells.set(cell.id, end);
}

async function readyCell(cell: Cell, state: RunState): Promise<ReadyCell> {
  const { driver } = platformOf(state, cell.platform);
  const deployment = state.deployments.get(cell.deployments[0] ?? '');
  if (deployment === undefined) throw new Error(`cell ${cell.id} is ready without its deployment`);
  const input = state.inputs.get(uploadKey(cell.platform, cell.benchmark, cell.input));
  if (input === undefined) throw new Error(`cell ${cell.id} is ready without its input`);
  const storage = state.storages.get(cell.platform) ?? null;
  return {
    driver,
    deployment,
    measure: await experimentParts(cell.experiment_type).measure(),
    target: {
      cell,
      endpoint: await driver.endpoint(deployment, cell.trigger),
      body: input.body,
      validate: (output, answer) => validateOutput({ input, output, answer, storage }),
    },
  };
}

/** Waits for the machine, then measures the client itself: its floor stands beside every number of the run. */
function calibratePhase(execution: Execution, part: Part): Phase {
  const { state, lock, invoker } = execution;
  const work = async (show: (line: string) => void): Promise<RowEnd> => {
    if (lock !== undefined) {
      const waiting = (holder: string) =>
        show(`another sebs is measuring on this machine (${holder}); waiting for it to end`);
      part.lock = await lock(waiting).catch((error: unknown) => {
        if (state.drain.aborted) return undefined;
        throw error;
      });
    }
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

function measurePhase(execution: Execution, part: Part): Phase {
  const { state, history } = execution;
  const shows = new Map<string, (line: string) => void>();
  const cells = [...part.ready.values()].map(({ target }) => target.cell);
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
        invoker: execution.invoker,
        classifier: createStartClassifier(),
        journal: state.journal,
        invocations: state.invocations,
        recorded: (cell, rows) => {
          progress.recorded(cell, rows);
          refresh(current);
        },
      },
      spentUs: history.spentUs,
      drain: state.drain,
      blockStarted: (cell, round) => {
        current = round;
        progress.blockStarted(cell, round);
        refresh(round);
      },
      cellEnded: (cell, status, reason) => {
        part.cells.set(cell.id, reason === undefined ? { status } : { status, reason });
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
        work: async (show) => {
          const key = `${task.experiment}/${task.platform}`;
          shows.set(key, show);
          await walking;
          return { state: 'done', detail: progress.summary(key) };
        },
      }));
  };
  return { title: 'Measure', concurrency: Number.POSITIVE_INFINITY, rows };
}

function platformsWithMetrics(state: RunState): OpenPlatform[] {
  return [...state.platforms.values()].filter(({ driver }) => driver.capabilities.providerMetrics.length > 0);
}

function collectPhase(state: RunState): Phase {
  const rows = () =>
    platformsWithMetrics(state).map(
      (platform): Row => ({
        title: `Collect metrics of ${platform.id}`,
        work: async () => {
          const coverage = await collect(platform, state);
          if (coverage === null) return { state: 'done' };
          if (coverage < 1)
            note(state, 'warning', `${platform.id}: metrics for ${formatShare(coverage)} of the invocations`);
          return { state: 'done', detail: `found ${formatShare(coverage)} of the invocations` };
        },
      }),
    );
  return { title: 'Collect', concurrency: 4, rows };
}

function teardownPhase(state: RunState, part: Part): Phase {
  const rows = () =>
    [...state.platforms.values()].map(
      (platform): Row => ({
        title: `Remove what was made on ${platform.id}`,
        work: async () => {
          const left = await teardown(platform, state, keeps(state, part));
          await state.storages.get(platform.id)?.close();
          await platform.driver.close();
          part.left.push(...left.map((what) => `${platform.id}: ${what}`));
          if (left.length === 0) return { state: 'done' };
          return {
            state: 'failed',
            reason: `left behind: ${left.join('; ')}; try: sebs resources clean ${state.folder.id}`,
          };
        },
      }),
    );
  return { title: 'Tear down', concurrency: 4, rows };
}

function keeps({ plan, drain }: RunState, part: Part): boolean {
  if (plan.teardown !== 'on-success') return plan.teardown === 'keep';
  const whole = plan.cells.every(({ id }) => part.cells.get(id)?.status === 'complete');
  return !whole && !drain.aborted;
}

function nowUs(): number {
  return Math.round(performance.now() * 1000);
}
