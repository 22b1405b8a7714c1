// Stage 1: comes in a value that fits its schema, goes out a copy with the schema's defaults filled in. Axes of the matrix
// are left alone: which of their places wins is decided later, and the suite's own levels carry their defaults.
import { applying, isRecord, keysAllowed, memberSchemas, noteOf, type Schema } from './schemas.js';

/** `leave`: names of members that get no default. */
export function withDefaults(schema: Schema, value: unknown, leave: ReadonlySet<string> = new Set()): unknown {
  const schemas = applying(schema, value);
  if (Array.isArray(value)) {
    const [items] = memberSchemas(schemas, 0);
    return items === undefined ? value : value.map((item) => withDefaults(items, item, leave));
  }
  if (!isRecord(value)) return value;
  const keys = new Set([...Object.keys(value), ...keysAllowed(schemas)]);
  const members = [...keys].flatMap((key): [string, unknown][] => {
    const [described] = memberSchemas(schemas, key);
    const written = Object.hasOwn(value, key) ? value[key] : leave.has(key) ? undefined : defaultOf(schemas, key);
    if (written === undefined) return [];
    return [[key, described === undefined ? written : withDefaults(described, written, leave)]];
  });
  return Object.fromEntries(members);
}

function defaultOf(schemas: readonly Schema[], key: string): unknown {
  return noteOf(memberSchemas(schemas, key), 'default');
}
