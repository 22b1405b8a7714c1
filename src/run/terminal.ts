// Stage 3, the terminal: the only importer of listr2. Shows phases as rows: on a terminal they move, without one they
// become plain lines. listr2 runs and shows, it decides nothing: signals and failures are ours, results never pass
// through it. Comes in: phases of rows; goes out: progress on stderr.
import type { ListrTask } from 'listr2';

export type ProgressStyle = 'listr2' | 'plain' | 'silent';

/** What a row's work reports back. A failed row is shown as such and stops nothing. */
export type RowEnd = { state: 'done'; detail?: string } | { state: 'failed' | 'skipped'; reason: string };

export interface Row {
  title: string;
  work(show: (line: string) => void): Promise<RowEnd>;
}

export interface Phase {
  title: string;
  /** Rows are made when the phase begins; none: the phase is not shown. */
  rows(): Row[];
  /** Rows at work at the same time. */
  concurrency: number;
}

/** Runs the phases one after the other. Throws what a row's work throws, after all rows have ended. */
export async function runPhases(
  phases: readonly Phase[],
  style: ProgressStyle,
  stderr: NodeJS.WritableStream,
): Promise<void> {
  const { Listr, ListrLogger, ProcessOutput } = await import('listr2');
  const thrown: unknown[] = [];
  const tree = phases.map(
    (phase): ListrTask => ({
      title: phase.title,
      task: (_context, wrapper) => {
        const rows = thrown.length > 0 ? [] : phase.rows();
        if (rows.length === 0) {
          wrapper.skip(`${phase.title}: nothing to do`);
          return;
        }
        return wrapper.newListr(
          rows.map((row) => rowTask(row, thrown)),
          { concurrent: phase.concurrency, exitOnError: false },
        );
      },
    }),
  );
  const stream = stderr as NodeJS.WriteStream;
  const logger = new ListrLogger({ processOutput: new ProcessOutput(stream, stream), useIcons: style === 'listr2' });
  const list = new Listr(tree, {
    concurrent: false,
    exitOnError: false,
    registerSignalListeners: false,
    collectErrors: false,
    renderer: style === 'silent' ? 'silent' : style === 'listr2' ? 'default' : 'simple',
    rendererOptions: {
      logger,
      collapseSubtasks: true,
      collapseErrors: false,
      collapseSkips: false,
      removeEmptyLines: true,
    },
  } as ConstructorParameters<typeof Listr>[1]);
  await list.run();
  if (thrown.length > 0) throw thrown[0];
}

function rowTask(row: Row, thrown: unknown[]): ListrTask {
  return {
    title: row.title,
    task: async (_context, wrapper) => {
      let end: RowEnd;
      try {
        end = await row.work((line) => {
          wrapper.output = line;
        });
      } catch (error) {
        thrown.push(error);
        throw error;
      }
      if (end.state === 'skipped') wrapper.skip(`${row.title}: ${firstLine(end.reason)}`);
      else if (end.state === 'failed') throw new Error(end.reason);
      else if (end.state === 'done' && end.detail !== undefined) wrapper.title = `${row.title}: ${end.detail}`;
    },
  };
}

/** What a skipped row waited for has said the rest. */
function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}
