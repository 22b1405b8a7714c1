// A run as events for programs (schemas/event.schema.json): what stage 3 tells an observer becomes lines that say what
// happened and where the rest is written. Comes in: what is told, and where events go; goes out: the observer, and the
// last event.
import { EXIT, messageOf, SebsError, SpecError } from '../errors.js';
import type { FinishedEvent, ProgressEvent, RunEvent } from '../generated/event.js';
import type { Invocation } from '../generated/invocation.js';
import type { JournalLine } from '../generated/journal.js';
import type { Plan, Task } from '../generated/plan.js';
import { labelsOf } from '../results/labels.js';
import type { History } from '../run/history.js';
import type { RunObserver } from '../run/observer.js';

export type Emit = (event: RunEvent) => void;

const PROGRESS_EVERY_MS = 500;

interface Counts {
  counted: number;
  failed: number;
}

export function eventsOf(emit: Emit): RunObserver {
  const cells = new Map<string, Counts>();
  const total: Counts = { counted: 0, failed: 0 };
  let labels: ReadonlyMap<string, string> = new Map();
  let tasks: ReadonlyMap<string, Task> = new Map();
  let planned: ProgressEvent['planned'] = { min: 0, max: 0 };
  let cellsEnded = 0;
  let shownAt = Number.NEGATIVE_INFINITY;

  function begin(plan: Plan, history: History): void {
    labels = labelsOf(plan.cells);
    tasks = new Map(plan.tasks.map((task) => [task.id, task]));
    planned = plannedAttempts(plan);
    cellsEnded = history.ended.size;
    for (const { id } of plan.cells) {
      const { attempts, failures } = history.tally(id);
      cells.set(id, { counted: attempts, failed: failures });
      total.counted += attempts;
      total.failed += failures;
    }
  }

  function progress(): void {
    shownAt = performance.now();
    emit({ type: 'progress', at: now(), ...total, planned, cells_ended: cellsEnded });
  }

  function count(row: Invocation): void {
    if (row.role !== 'counted') return;
    const failed = row.outcome === 'ok' ? 0 : 1;
    for (const counts of [total, cells.get(row.cell)]) {
      if (counts === undefined) continue;
      counts.counted += 1;
      counts.failed += failed;
    }
  }

  function tell(line: JournalLine): void {
    switch (line.type) {
      case 'task': {
        const { at, task, state, us, detail } = line;
        const title = tasks.get(task)?.title ?? task;
        emit({ type: 'task', at, task, title, state, ...defined({ duration_us: us, reason: detail }) });
        break;
      }
      case 'block_started':
      case 'block_done':
        emit({
          type: 'block',
          at: line.at,
          cell: line.cell,
          block: line.block,
          state: line.type === 'block_started' ? 'started' : 'done',
        });
        break;
      case 'cell_ended': {
        const { at, cell, status, reason } = line;
        const { counted, failed } = cells.get(cell) ?? { counted: 0, failed: 0 };
        const label = labels.get(cell) ?? cell;
        cellsEnded += 1;
        emit({ type: 'cell_ended', at, cell, label, status, ...defined({ reason }), counted, failed });
        break;
      }
      case 'note':
        if (line.level !== 'info') emit({ type: 'warning', at: line.at, level: line.level, text: line.text });
        break;
      case 'part_ended':
        progress();
        break;
    }
  }

  return {
    planned(folder, plan, history) {
      begin(plan, history);
      const { invocations, duration_s, usd } = plan.estimate;
      emit({
        type: 'plan',
        schema_version: 1,
        at: now(),
        run: folder.id,
        folder: folder.path,
        suite: plan.suite.name,
        cells: plan.cells.length,
        skipped: plan.skipped.length,
        invocations,
        duration_s,
        usd,
      });
    },
    journalled: (lines) => lines.forEach(tell),
    recorded(rows) {
      rows.forEach(count);
      if (performance.now() - shownAt >= PROGRESS_EVERY_MS) progress();
    },
  };
}

export function finished(
  exitCode: number,
  more: Omit<FinishedEvent, 'type' | 'schema_version' | 'at' | 'exit_code'>,
): FinishedEvent {
  return { type: 'finished', schema_version: 1, at: now(), exit_code: exitCode, ...more };
}

/** The last event of a run that threw. */
export function brokenOff(error: unknown): FinishedEvent {
  if (error instanceof SpecError)
    return finished(error.exitCode, { error: { message: error.message, problems: [...error.problems] } });
  const hint = error instanceof SebsError ? error.hint : undefined;
  const exitCode = error instanceof SebsError ? error.exitCode : EXIT.bug;
  return finished(exitCode, { error: { message: messageOf(error), ...defined({ hint }) } });
}

function plannedAttempts({ cells }: Plan): ProgressEvent['planned'] {
  const sum = (bound: 'min' | 'max') =>
    cells.reduce((all, { repetitions, concurrency }) => all + repetitions[bound] * concurrency, 0);
  return { min: sum('min'), max: sum('max') };
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

function defined<T extends object>(fields: T): Defined<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Defined<T>;
}

function now(): string {
  return new Date().toISOString();
}
