// The columns of the dataframes. Comes in: the schema of a record, the cells of the plan, and which measurements and
// provider metrics the data holds; goes out: the columns in their fixed order, each with type, unit and meaning. Pure
// but for reading the schema once.
import { readFileSync } from 'node:fs';
import type { Cell } from '../generated/plan.js';

export interface Column {
  name: string;
  /** instant: UTC. In CSV text, in Parquet a timestamp with microseconds. */
  type: 'string' | 'integer' | 'number' | 'boolean' | 'instant';
  /** us, s, bytes, mb, or null where it has none. */
  unit: string | null;
  meaning: string;
  /** record: raw/invocations.jsonl. cell: plan.json. measurement: the benchmark's own. provider: what the platform reported later. cost: its billed time times its price table. */
  source: 'record' | 'cell' | 'measurement' | 'provider' | 'cost';
  /** The values it can have, where they are a closed list. */
  values?: readonly string[];
}

/** Settings of a cell as columns, in the order in which they are shown. */
export const CELL_COLUMNS = [
  factor('experiment', 'string', null, 'Id of the experiment in the suite.'),
  factor('experiment_type', 'string', null, 'What kind of experiment it is.'),
  factor('platform', 'string', null, 'Id of the platform in the suite.'),
  factor('platform_type', 'string', null, 'What kind of platform it is.'),
  factor('benchmark', 'string', null, 'Id of the benchmark; empty where the platform brings its own function.'),
  factor('benchmark_version', 'integer', null, 'Version of the benchmark.'),
  factor('language', 'string', null, 'Language of the function.'),
  factor('language_version', 'string', null, 'Version of the language; a text, though readers take 3.10 for a number.'),
  factor(
    'runtime',
    'string',
    null,
    'Language and version in one, e.g. python@3.10, which every reader keeps as it is.',
  ),
  factor('architecture', 'string', null, 'CPU architecture the function was built for.'),
  factor('memory_mb', 'integer', 'mb', 'Memory setting of the function, multiples of 1,048,576 bytes.'),
  factor('timeout_s', 'number', 's', 'Time limit of one invocation.'),
  factor('package', 'string', null, 'How the code was packed.'),
  factor('connection', 'string', null, 'fresh: a new connection for each request. keep-alive: kept between requests.'),
  factor('input', 'string', null, 'Size of the input.'),
  factor('start', 'string', null, 'The start that was asked for; start_observed says which one it was.'),
  factor('concurrency', 'integer', null, 'Requests released together.'),
  factor('network', 'string', null, 'Network the sandboxes were on; empty where the platform has no choice.'),
  factor(
    'cold_level',
    'string',
    null,
    'How cold the cold start was asked to be (methodology D35); empty for other starts, and where there are no levels.',
  ),
] as const satisfies readonly Column[];

function factor(name: string, type: Column['type'], unit: string | null, meaning: string): Column {
  return { name, type, unit, meaning, source: 'cell' };
}

interface RecordProperty {
  type?: string;
  format?: string;
  enum?: string[];
  description?: string;
  'x-unit'?: string;
}

/** The columns of raw/invocations.jsonl in the order of its schema; `measurement` becomes columns of its own. */
export function recordColumns(): Column[] {
  const file = new URL('../../schemas/invocation.schema.json', import.meta.url);
  const schema = JSON.parse(readFileSync(file, 'utf8')) as { properties: Record<string, RecordProperty> };
  return Object.entries(schema.properties)
    .filter(([name]) => name !== 'measurement')
    .map(([name, property]) => ({
      name,
      type: typeOf(property),
      unit: property['x-unit'] ?? null,
      meaning: property.description ?? '',
      source: 'record' as const,
      ...(property.enum === undefined ? {} : { values: property.enum }),
    }));
}

function typeOf(property: RecordProperty): Column['type'] {
  if (property.format === 'date-time') return 'instant';
  if (property.type === 'integer' || property.type === 'number' || property.type === 'boolean') return property.type;
  return 'string';
}

/** One column per setting that some cell has, `setting_<key>`, in the order of the keys. */
export function settingColumns(cells: readonly Cell[]): Column[] {
  return settingKeys(cells).map((key) => {
    const values = cells.map((cell) => cell.settings[key]).filter((value) => value !== undefined && value !== null);
    const type = values.every((value) => typeof value === 'number') ? 'number' : 'string';
    return factor(`setting_${key}`, type, unitOf(key), `Setting '${key}' of the experiment.`);
  });
}

export function settingKeys(cells: readonly Cell[]): string[] {
  return [...new Set(cells.flatMap((cell) => Object.keys(cell.settings)))].sort();
}

/** A cell's settings by column name; null where it has none. */
export function factorsOf(cell: Cell, keys: readonly string[]): Record<string, string | number | null> {
  const factors: Record<string, string | number | null> = {
    experiment: cell.experiment,
    experiment_type: cell.experiment_type,
    platform: cell.platform,
    benchmark: cell.benchmark,
    benchmark_version: cell.benchmark_version,
    language: cell.language,
    language_version: cell.language_version,
    runtime: runtimeOf(cell),
    architecture: cell.architecture,
    memory_mb: cell.memory_mb,
    timeout_s: cell.timeout_s,
    package: cell.package,
    trigger: cell.trigger,
    connection: cell.connection,
    input: cell.input,
    start: cell.start,
    concurrency: cell.concurrency,
    ...(cell.network === undefined ? {} : { network: cell.network }),
    ...(cell.cold_level === undefined ? {} : { cold_level: cell.cold_level }),
  };
  for (const key of keys) factors[`setting_${key}`] = plainValue(cell.settings[key]);
  return factors;
}

/** `python@3.11`; null where the platform brings its own function. */
export function runtimeOf({ language, language_version }: Pick<Cell, 'language' | 'language_version'>): string | null {
  if (language === null) return null;
  return language_version === null ? language : `${language}@${language_version}`;
}

function plainValue(value: unknown): string | number | null {
  if (value === undefined || value === null) return null;
  return typeof value === 'string' || typeof value === 'number' ? value : JSON.stringify(value);
}

export function measurementColumn(key: string): Column {
  const meaning = `Measured by the benchmark itself: '${key}'.`;
  return { name: `measurement_${key}`, type: 'number', unit: unitOf(key), meaning, source: 'measurement' };
}

/** @param name as the platform's driver calls it; the prefix says that it is the platform's word. */
export function providerColumn(name: string, type: Column['type']): Column {
  const meaning = `Reported by the platform after the run: '${name}'.`;
  return { name: providerName(name), type, unit: unitOf(name), meaning, source: 'provider' };
}

export function providerName(name: string): string {
  return name.startsWith('provider_') ? name : `provider_${name}`;
}

function unitOf(name: string): string | null {
  return /_(us|bytes|mb|usd|s)$/.exec(name)?.[1] ?? null;
}

/** All columns of invocations.csv and invocations.parquet: who, then the cell's settings, then what was seen. */
export function frameColumns(
  cells: readonly Cell[],
  measurements: readonly string[],
  provider: readonly Column[],
): Column[] {
  const record = recordColumns();
  const identity = record.findIndex((column) => column.name === 'retry_of') + 1;
  return [
    ...record.slice(0, identity),
    ...CELL_COLUMNS,
    ...settingColumns(cells),
    ...record.slice(identity),
    ...[...measurements].sort().map(measurementColumn),
    ...provider,
    COST_COLUMN,
  ];
}

const COST_COLUMN: Column = {
  name: 'cost_usd',
  type: 'number',
  unit: 'usd',
  meaning:
    'What the invocation cost: the time the platform billed, and the request, by its price table in manifest.json. Empty where either is not known; what the table leaves out is said there.',
  source: 'cost',
};
