import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Invocation } from '../../src/generated/invocation.js';
import { recordColumns } from '../../src/results/columns.js';
import { openSession, type Session, writeDataframes } from '../../src/results/dataframe.js';
import type { FrameSchema } from '../../src/results/frame-schema.js';
import { type RunFolder, readPlan } from '../../src/results/run-folder.js';
import { derive } from '../../src/results/summarise.js';
import { HOSTILE_FORMULA, makeSampleRun } from '../support/sample-run.js';

const dir = mkdtempSync(join(tmpdir(), 'sebs-frames-'));
let session: Session;
let folder: RunFolder;
let records: Invocation[];

beforeAll(async () => {
  session = await openSession(join(dir, 'scratch'));
  folder = makeSampleRun(join(dir, 'run'), { hostile: true });
  records = recordsOf(folder);
  await derive(folder);
});
afterAll(() => {
  session.close();
  rmSync(dir, { recursive: true, force: true });
});

function recordsOf(run: RunFolder): Invocation[] {
  return readFileSync(run.invocations, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Invocation);
}

function file(name: string): string {
  return join(folder.derived, name);
}

/** A small run whose frames can be read by eye. */
function tinyRun(name: string): RunFolder {
  return makeSampleRun(join(dir, name), {
    blocks: 1,
    perBlock: 1,
    benchmarks: ['b'],
    languages: [['python', '3.10']],
    memories: [128],
    trouble: false,
  });
}

/** A CSV as rows of text; unquoted and quoted alike. */
function csvRows(text: string): string[][] {
  const rows: string[][] = [[]];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\n]*))(,|\n|$)/g)) {
    rows.at(-1)?.push(quoted === undefined ? (plain ?? '') : quoted.replaceAll('""', '"'));
    if (end === '\n') rows.push([]);
    if (end === '') break;
  }
  return rows.filter((row) => row.length > 1);
}

describe('invocations.parquet', () => {
  test('holds every record with every field as it was measured', async () => {
    const rows = await session.rows(`SELECT * FROM read_parquet('${file('invocations.parquet')}')`);
    expect(rows).toHaveLength(records.length);
    const byId = new Map(rows.map((row) => [row.attempt_id, row]));
    for (const { measurement, ...record } of records) {
      const row = byId.get(record.attempt_id) ?? {};
      for (const [name, value] of Object.entries(record)) {
        if (!name.endsWith('_at')) expect(row[name], name).toBe(value);
      }
      for (const [name, value] of Object.entries(measurement ?? {})) expect(row[`measurement_${name}`]).toBe(value);
      // The trigger of an attempt that was never answered is known from the plan.
      const absent = recordColumns().filter(({ name }) => name !== 'trigger' && !(name in record));
      for (const { name } of absent) expect(row[name], name).toBeNull();
    }
  });

  test('knows the type of each column', async () => {
    const columns = await session.rows(`DESCRIBE SELECT * FROM read_parquet('${file('invocations.parquet')}')`);
    const types = new Map(columns.map((column) => [column.column_name, column.column_type]));
    const expected = {
      attempt_id: 'VARCHAR',
      client_us: 'BIGINT',
      is_cold: 'BOOLEAN',
      released_at: 'TIMESTAMP WITH TIME ZONE',
      memory_mb: 'BIGINT',
      timeout_s: 'DOUBLE',
      language_version: 'VARCHAR',
      measurement_compute_us: 'DOUBLE',
    };
    expect(Object.fromEntries(Object.keys(expected).map((name) => [name, types.get(name)]))).toEqual(expected);
  });

  test('has the rows in the order of cell, block, batch, slot and part', async () => {
    const cells = readPlan(folder).cells.map((cell) => cell.id);
    const rows = await session.rows(
      `SELECT cell, block, batch, slot, part FROM read_parquet('${file('invocations.parquet')}')`,
    );
    const keys = rows.map((row) =>
      [cells.indexOf(String(row.cell)), row.block, row.batch, row.slot, row.part].map(Number),
    );
    const sorted = [...keys].sort(
      (a, b) => a.map((value, index) => value - (b[index] ?? 0)).find((gap) => gap !== 0) ?? 0,
    );
    expect(keys).toEqual(sorted);
  });
});

describe('invocations.csv', () => {
  test('says the same as the Parquet file', async () => {
    const [header = [], ...rows] = csvRows(readFileSync(file('invocations.csv'), 'utf8'));
    const parquet = await session.rows(`SELECT * FROM read_parquet('${file('invocations.parquet')}')`);
    expect(rows).toHaveLength(parquet.length);
    expect(header).toEqual(Object.keys(parquet[0] ?? {}));
    for (const [index, row] of rows.entries()) {
      for (const [place, name] of header.entries()) {
        const value = parquet[index]?.[name];
        if (name.endsWith('_at') || name === 'error') continue;
        const text =
          typeof value === 'number' && name.startsWith('measurement_') ? value.toFixed(1) : String(value ?? '');
        expect(name === 'timeout_s' ? Number(row[place]) : row[place], name).toBe(name === 'timeout_s' ? value : text);
      }
    }
  });

  test('is read by a plain reader without being told anything', async () => {
    const read = `read_csv('${file('invocations.csv')}', sample_size = -1)`;
    const columns = await session.rows(`DESCRIBE SELECT * FROM ${read}`);
    const types = Object.fromEntries(columns.map((column) => [String(column.column_name), column.column_type]));
    expect([types.client_us, types.is_cold, types.released_at, types.outcome]).toEqual([
      'BIGINT',
      'BOOLEAN',
      'TIMESTAMP WITH TIME ZONE',
      'VARCHAR',
    ]);
    const [sums] = await session.rows(
      `SELECT sum(client_us) AS total, count(is_cold) AS known, count(*) AS n FROM ${read}`,
    );
    expect(sums).toEqual({
      total: records.reduce((total, record) => total + (record.client_us ?? 0), 0),
      known: records.filter((record) => record.is_cold !== undefined).length,
      n: records.length,
    });
  });

  test('begins with its header, without a byte order mark, and writes instants in ISO-8601', () => {
    const text = readFileSync(file('invocations.csv'), 'utf8');
    expect(text.startsWith('attempt_id,part,cell,')).toBe(true);
    const [header = [], first = []] = csvRows(text);
    expect(first[header.indexOf('released_at')]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
  });

  test('leaves empty what is not known', () => {
    const [header = [], ...rows] = csvRows(readFileSync(file('invocations.csv'), 'utf8'));
    const interrupted = rows.find((row) => row[header.indexOf('role')] === 'interrupted') ?? [];
    expect(
      ['outcome', 'client_us', 'is_cold', 'released_at', 'index'].map((name) => interrupted[header.indexOf(name)]),
    ).toEqual(['', '', '', '', '']);
  });

  test('defuses text that a spreadsheet would run as a formula', async () => {
    const [header = [], ...rows] = csvRows(readFileSync(file('invocations.csv'), 'utf8'));
    const errors = rows.map((row) => row[header.indexOf('error')] ?? '').filter((text) => text.includes('HYPERLINK'));
    expect(errors.length).toBeGreaterThan(0);
    for (const error of errors) expect(error.startsWith(`'${HOSTILE_FORMULA}`)).toBe(true);
    const cells = rows.flat().filter((text) => /^[=+@\t\r]|^-(?!\d)/.test(text));
    expect(cells).toEqual([]);
    const [kept] = await session.rows(
      `SELECT count(*) AS n FROM read_parquet('${file('invocations.parquet')}') WHERE starts_with(error, '=')`,
    );
    expect(kept?.n).toBe(errors.length);
  });
});

test('result.csv has the eight columns of SeBS in its units', async () => {
  const run = tinyRun('sebs');
  await derive(run);
  const [cold, warm] = recordsOf(run)
    .filter((record) => record.role === 'counted')
    .sort((a) => (a.is_cold ? -1 : 1));
  const line = (type: string, record: Invocation | undefined) =>
    [
      128,
      type,
      type === 'cold' ? 'True' : 'False',
      record?.benchmark_us,
      (record?.connect_us ?? 0) / 1e6,
      record?.client_us,
      '',
      (record?.memory_peak_bytes ?? 0) / 1_048_576,
    ].join(',');
  expect(readFileSync(join(run.derived, 'result.csv'), 'utf8')).toBe(
    [
      'memory,type,is_cold,exec_time,connection_time,client_time,provider_time,mem_used',
      line('cold', cold),
      line('warm', warm),
      '',
    ].join('\n'),
  );
});

test('schema.json describes every column of every table, in order', async () => {
  const schema = JSON.parse(readFileSync(file('schema.json'), 'utf8')) as FrameSchema;
  for (const table of schema.tables) {
    for (const name of table.files.filter((one) => one.endsWith('.csv'))) {
      const [header] = csvRows(readFileSync(file(name), 'utf8'));
      expect(table.columns.map((column) => column.name)).toEqual(header);
    }
    for (const column of table.columns) expect(column.meaning, column.name).not.toBe('');
    for (const column of table.columns) {
      const unit = /_(us|bytes|mb)$/.exec(column.name)?.[1];
      if (unit !== undefined) expect(column.unit, column.name).toBe(unit);
    }
  }
});

test('provider metrics are joined by request id, and the latest collect has the last word', async () => {
  const run = tinyRun('provider');
  const [record] = recordsOf(run).filter(({ role }) => role === 'counted');
  for (const [collect, us] of [
    ['1', 111],
    ['2', 222],
    ['10', 333],
  ] as const) {
    mkdirSync(join(run.provider, collect), { recursive: true });
    writeFileSync(
      join(run.provider, collect, 'metrics.jsonl'),
      `${JSON.stringify({ request_id: record?.request_id, execution_us: us, memory_peak_bytes: 2_097_152 })}\n`,
    );
  }
  await derive(run);
  const rows = await session.rows(
    `SELECT attempt_id, provider_execution_us AS us FROM read_parquet('${join(run.derived, 'invocations.parquet')}') WHERE provider_execution_us IS NOT NULL`,
  );
  expect(rows).toEqual([{ attempt_id: record?.attempt_id, us: 333 }]);
  const [header = [], ...lines] = csvRows(readFileSync(join(run.derived, 'result.csv'), 'utf8'));
  const reported = lines.filter((line) => line[header.indexOf('provider_time')] !== '');
  expect(reported.map((line) => [line[header.indexOf('provider_time')], line[header.indexOf('mem_used')]])).toEqual([
    ['333', '2.0'],
  ]);
});

describe('damage', () => {
  test('of the last line is passed over: it did not happen', async () => {
    const run = tinyRun('torn');
    const whole = readFileSync(run.invocations, 'utf8');
    await derive(run);
    const expected = readFileSync(join(run.derived, 'invocations.csv'), 'utf8');
    for (const tail of [
      '{"attempt_id":"a9","part":1,"cel',
      '{"attempt_id":"a9","part":1,"cell":"c","block":0,"batch":0,"slot":0,"role":"counted"}',
      '\u0000\u0000\u0000',
    ]) {
      writeFileSync(run.invocations, whole + tail);
      const summary = await derive(run);
      expect(readFileSync(join(run.derived, 'invocations.csv'), 'utf8')).toBe(expected);
      expect(summary.warnings).toContain('The last line of raw/invocations.jsonl is cut off and was left out.');
      expect(readFileSync(run.invocations, 'utf8')).toBe(whole + tail);
    }
  });

  test('of any other line is an error that names it', async () => {
    const target = join(dir, 'damaged-target');
    mkdirSync(target, { recursive: true });
    const run = tinyRun('damaged');
    const whole = readFileSync(run.invocations, 'utf8');
    const lines = whole.trimEnd().split('\n').length;
    for (const [line, cause] of [
      ['{"attempt_id": nonsense}', 'nonsense'],
      ['{"attempt_id":"x","client_us":"soon"}', "'client_us' is not of type integer"],
      ['{"attempt_id":"x","measurement":{"a":"b"}}', "'measurement' is not a set of numbers"],
      ['[1, 2]', 'not a record'],
    ]) {
      writeFileSync(run.invocations, whole);
      appendFileSync(run.invocations, `${line}\n${whole.split('\n')[0]}\n`);
      const message = await writeDataframes(run, target).then(
        () => 'no error',
        (error: Error) => error.message,
      );
      expect(message).toContain(`${run.invocations}: line ${lines + 1}: `);
      if (cause !== 'nonsense') expect(message).toContain(cause);
    }
  });

  test('a run that measured nothing has tables with headers and no rows', async () => {
    const run = tinyRun('empty');
    rmSync(run.invocations);
    const summary = await derive(run);
    expect(csvRows(readFileSync(join(run.derived, 'invocations.csv'), 'utf8'))).toHaveLength(1);
    expect(summary.cells.map((cell) => [cell.attempts.counted, cell.metrics.client_us?.n])).toEqual([
      [0, 0],
      [0, 0],
    ]);
  });
});

test('a frame keeps settings, foreign fields and awkward measurement names apart', async () => {
  const run = tinyRun('awkward');
  const [line = ''] = readFileSync(run.invocations, 'utf8').split('\n');
  const record = JSON.parse(line) as Record<string, unknown>;
  const measurement = { 'it\'s "odd"_us': 1.5, cell: 2 };
  writeFileSync(run.invocations, `${JSON.stringify({ ...record, measurement, from_the_future: { a: 1 } })}\n`);
  const plan = readPlan(run);
  for (const cell of plan.cells) cell.settings = { idle_s: 30, mode: '=x', list: [1, 2] };
  writeFileSync(run.plan, JSON.stringify(plan));
  await derive(run);
  const [row] = await session.rows(`SELECT * FROM read_parquet('${join(run.derived, 'invocations.parquet')}')`);
  expect(row).toMatchObject({
    'measurement_it\'s "odd"_us': 1.5,
    measurement_cell: 2,
    setting_idle_s: 30,
    setting_mode: '=x',
    setting_list: '[1,2]',
    runtime: 'python@3.10',
  });
  expect(row).not.toHaveProperty('from_the_future');
});
