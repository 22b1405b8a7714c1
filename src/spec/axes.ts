// The axes of the matrix, as the schema marks them (`x-axis`): comes in a map in which some keys are axes, goes out their
// levels, a scalar being a list of one. `x-field` names the resolved field, `x-kind` says how a level is read.
import type { AxisLevels } from './resolved.js';
import { applying, memberSchemas, noteOf, type Schema, schemaOf, textNote } from './schemas.js';
import { parseDurationS, parseLanguage } from './values.js';

export interface Axis {
  /** As it is written, e.g. `memory`. */
  name: string;
  /** As it is resolved, e.g. `memory_mb`. */
  field: string;
  /** What holds where nobody sets it; absent where the benchmark or the platform decides. */
  fallback?: unknown;
  read(level: unknown): unknown;
}

const READERS: Readonly<Record<string, (level: string) => unknown>> = {
  duration: parseDurationS,
  language: parseLanguage,
};

/** The axes that any experiment has: what the suite's `factors` may name. */
export function matrixAxes(): Axis[] {
  const factors = memberSchemas([schemaOf('suite')], 'factors');
  return Object.entries(factors[0]?.properties ?? {}).flatMap(([name, schema]) =>
    schema !== true && schema['x-axis'] === true ? [axisOf(name, schema)] : [],
  );
}

function axisOf(name: string, schema: Schema): Axis {
  const kind = textNote(applying(schema, ''), 'x-kind') ?? '';
  const reader = READERS[kind];
  return {
    name,
    field: textNote([schema], 'x-field') ?? name,
    ...(schema.default === undefined ? {} : { fallback: schema.default }),
    read: (level) => (reader === undefined || typeof level !== 'string' ? level : reader(level)),
  };
}

/** The levels that a map sets. Of a map that fits its schema they are `AxisLevels`: a test compares fields and schema. */
export function levelsIn(map: Readonly<Record<string, unknown>>): AxisLevels {
  const set = matrixAxes().filter((axis) => Object.hasOwn(map, axis.name));
  return Object.fromEntries(set.map((axis) => [axis.field, asList(map[axis.name]).map(axis.read)])) as AxisLevels;
}

/** The levels that hold where nobody sets an axis. */
export function fallbackLevels(): AxisLevels {
  const known = matrixAxes().filter((axis) => axis.fallback !== undefined);
  return levelsIn(Object.fromEntries(known.map((axis) => [axis.name, axis.fallback])));
}

export function axisNames(): Set<string> {
  return new Set(matrixAxes().map((axis) => axis.name));
}

/** Whether a key of a map is an axis of its own, beyond those of the matrix. */
export function isAxis(schemas: readonly Schema[], key: string): boolean {
  return noteOf(memberSchemas(schemas, key), 'x-axis') === true;
}

export function asList(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [value];
}
