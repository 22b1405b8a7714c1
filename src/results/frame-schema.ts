// derived/schema.json: what each column of each derived table is. Comes in: columns; goes out: plain data. Pure.
import type { Column } from './columns.js';
import { SEBS_COLUMNS } from './frame-sql.js';

export interface FrameSchema {
  schema_version: 1;
  tables: { name: string; files: string[]; rows: string; order: string[]; columns: DescribedColumn[] }[];
}

/** unit: us (microseconds), s, bytes, mb (1,048,576 bytes), usd; null where there is none. */
export type DescribedColumn = Pick<Column, 'name' | 'type' | 'unit' | 'meaning' | 'values'>;

export function frameSchema(frame: readonly Column[], summary: readonly Column[]): FrameSchema {
  const order = ['cell (as planned)', 'block', 'batch', 'slot', 'part', 'attempt_id'];
  return {
    schema_version: 1,
    tables: [
      {
        name: 'invocations',
        files: ['invocations.csv', 'invocations.parquet'],
        rows: 'one per attempt of any role',
        order,
        columns: frame.map(described),
      },
      {
        name: 'summary',
        files: ['summary.csv'],
        rows: 'one per cell',
        order: ['cell (as planned)'],
        columns: summary.map(described),
      },
      {
        name: 'result',
        files: ['result.csv'],
        rows: 'one per counted attempt that succeeded, with the eight columns of SeBS in its units',
        order,
        columns: SEBS_COLUMNS.map(described),
      },
    ],
  };
}

function described({ name, type, unit, meaning, values }: Column): DescribedColumn {
  return { name, type, unit, meaning, ...(values === undefined ? {} : { values }) };
}
