// Stage 4, first half: records -> dataframes; the only importer of DuckDB, which is loaded when it is first needed.
// Comes in: a run folder (raw/, plan.json); goes out: invocations.parquet, invocations.csv and result.csv, and rows for
// the statistics. Works out of core: memory is bounded, larger data go through a temporary folder.
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import type { Manifest } from '../generated/manifest.js';
import type { Cell, Plan } from '../generated/plan.js';
import {
  CELL_COLUMNS,
  type Column,
  factorsOf,
  frameColumns,
  providerColumn,
  recordColumns,
  settingColumns,
  settingKeys,
} from './columns.js';
import * as sql from './frame-sql.js';
import { damaged, wholeLines } from './record-lines.js';
import { type RunFolder, readManifest, readPlan } from './run-folder.js';

/** A value of a row: integers as numbers (all of ours are below 2^53). */
export type Value = string | number | boolean | null;

export interface Session {
  run(statement: string): Promise<void>;
  /** For small answers. */
  rows(query: string): Promise<Record<string, Value>[]>;
  /** For large ones: columns of up to 2,048 rows at a time, in order. Select only text, DOUBLE and BOOLEAN. */
  chunks(query: string): AsyncGenerator<Value[][]>;
  close(): void;
}

/** Resident memory that DuckDB may use before it writes to its temporary folder. */
const MEMORY_LIMIT = '512MB';

/** A DuckDB without network, extensions to fetch, or a file of its own. @param scratch folder for what memory does not hold. */
export async function openSession(scratch: string): Promise<Session> {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const instance = await DuckDBInstance.create(':memory:', {
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    memory_limit: MEMORY_LIMIT,
    temp_directory: scratch,
    threads: '2',
  });
  const connection = await instance.connect();
  await connection.run("SET TimeZone = 'UTC'");
  return sessionOver(instance, connection);
}

function sessionOver(instance: DuckDBInstance, connection: DuckDBConnection): Session {
  return {
    async run(statement) {
      await connection.run(statement);
    },
    async rows(query) {
      const reader = await connection.runAndReadAll(query);
      return reader.getRowObjects().map((row) => {
        return Object.fromEntries(Object.entries(row).map(([column, value]) => [column, plain(value)]));
      });
    },
    async *chunks(query) {
      const result = await connection.stream(query);
      for (
        let chunk = await result.fetchChunk();
        chunk !== null && chunk.rowCount > 0;
        chunk = await result.fetchChunk()
      ) {
        yield chunk.getColumns() as Value[][];
      }
    },
    close() {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

function plain(value: unknown): Value {
  if (typeof value === 'bigint') return Number(value);
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return value;
  return String(value);
}

export interface Dataframes {
  columns: Column[];
  /** The last line of raw/invocations.jsonl was cut off and is not in the frames. */
  torn: boolean;
}

/** Writes the three files into `target`, which exists. Throws SebsError naming the line of a damaged record. */
export async function writeDataframes(folder: RunFolder, target: string): Promise<Dataframes> {
  const scratch = join(target, 'scratch');
  await mkdir(scratch, { recursive: true });
  const session = await openSession(scratch);
  try {
    const records = await wholeLines(folder.invocations, join(scratch, 'invocations.jsonl'));
    const columns = await loadTables(session, folder, records.file, scratch);
    const parquet = join(target, 'invocations.parquet');
    await session.run(sql.writeParquet(sql.frameQuery(columns), parquet));
    await session.run('DROP TABLE records');
    const frame = `read_parquet(${sql.literal(parquet)})`;
    await session.run(sql.writeCsv(frame, columns, join(target, 'invocations.csv')));
    const result = sql.sebsResult(frame, new Set(columns.map((column) => column.name)));
    await session.run(sql.writeCsv(`(${result})`, sql.SEBS_COLUMNS, join(target, 'result.csv')));
    return { columns, torn: records.torn };
  } finally {
    session.close();
    await rm(scratch, { recursive: true, force: true });
  }
}

async function loadTables(session: Session, folder: RunFolder, records: string, scratch: string): Promise<Column[]> {
  const plan = readPlan(folder);
  try {
    await session.run(sql.loadRecords(records, recordColumns()));
  } catch (error) {
    throw await damaged(folder.invocations, records, error);
  }
  await loadCells(session, plan, readManifest(folder).platforms ?? {}, scratch);
  const provider = await loadProvider(session, folder);
  const keys = await session.rows('SELECT DISTINCT unnest(map_keys(measurement)) AS key FROM records ORDER BY key');
  return frameColumns(
    plan.cells,
    keys.map((row) => String(row.key)),
    provider,
  );
}

async function loadCells(
  session: Session,
  plan: Plan,
  platforms: NonNullable<Manifest['platforms']>,
  scratch: string,
): Promise<void> {
  const keys = settingKeys(plan.cells);
  const types = new Map(plan.platforms.map((platform) => [platform.id, platform.type]));
  const row = (cell: Cell, cell_order: number) => ({
    id: cell.id,
    cell_order,
    platform_type: types.get(cell.platform),
    ...factorsOf(cell, keys),
    ...pricesIn(platforms[cell.platform]),
  });
  const file = join(scratch, 'cells.jsonl');
  writeFileSync(file, plan.cells.map((cell, index) => `${JSON.stringify(row(cell, index))}\n`).join(''));
  await session.run(sql.loadCells(file, [...CELL_COLUMNS, ...settingColumns(plan.cells)]));
}

/** The price table of a platform, as its driver gave it. */
function pricesIn(facts: Readonly<Record<string, unknown>> | undefined): {
  usd_per_request?: number;
  usd_per_gb_s?: number;
} {
  const prices = facts?.prices as { usdPerRequest: number; usdPerGbS: number } | undefined;
  return prices === undefined ? {} : { usd_per_request: prices.usdPerRequest, usd_per_gb_s: prices.usdPerGbS };
}

/** raw/provider/<n>/*.jsonl, one row per request_id; what a later collect says of a request replaces the earlier. */
async function loadProvider(session: Session, folder: RunFolder): Promise<Column[]> {
  const files = providerFiles(folder);
  if (files.length === 0) return [];
  const list = files.map((one) => sql.literal(one.file)).join(', ');
  const order = files.map((one) => `WHEN ${sql.literal(one.file)} THEN ${one.collect}`).join(' ');
  await session.run(
    `CREATE TABLE reported AS SELECT * FROM read_json([${list}], format = 'newline_delimited', union_by_name = true, sample_size = -1, filename = true)`,
  );
  const described = await session.rows(
    "SELECT column_name AS name, data_type AS type FROM duckdb_columns() WHERE table_name = 'reported' ORDER BY column_index",
  );
  const metrics = described.filter((row) => row.name !== 'request_id' && row.name !== 'filename');
  const columns = metrics.map((row) => providerColumn(String(row.name), providerType(String(row.type))));
  const select = metrics.map((row, index) => {
    const column = columns[index] ?? providerColumn(String(row.name), 'string');
    return `, CAST(${sql.name(String(row.name))} AS ${sql.SQL_TYPES[column.type]}) AS ${sql.name(column.name)}`;
  });
  await session.run(
    `CREATE TABLE provider AS SELECT request_id::VARCHAR AS request_id${select.join('')} FROM reported QUALIFY row_number() OVER (PARTITION BY request_id ORDER BY CASE filename ${order} END DESC, filename) = 1`,
  );
  return columns;
}

function providerType(type: string): Column['type'] {
  if (type === 'BIGINT') return 'integer';
  if (type === 'DOUBLE') return 'number';
  if (type === 'BOOLEAN') return 'boolean';
  return type.startsWith('TIMESTAMP') ? 'instant' : 'string';
}

function providerFiles(folder: RunFolder): { collect: number; file: string }[] {
  if (!existsSync(folder.provider)) return [];
  return readdirSync(folder.provider)
    .filter((collect) => /^\d+$/.test(collect))
    .sort((a, b) => Number(a) - Number(b))
    .flatMap((collect) =>
      readdirSync(join(folder.provider, collect))
        .filter((file) => file.endsWith('.jsonl'))
        .sort()
        .map((file) => ({ collect: Number(collect), file: join(folder.provider, collect, file) })),
    );
}
