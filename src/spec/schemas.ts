// The schemas as data: which keys may stand somewhere, what they default to, which are axes, in which words a message
// says what is expected. Comes in the name of a schema and a path, goes out what holds there. Shapes are checked by
// validate.ts; the words live in the schema files alone, where editors find them too.
import { readFileSync } from 'node:fs';
import { PACKAGE_ROOT } from '../package-root.js';
import type { SuitePath } from './resolved.js';

/** The part of JSON Schema that our schemas use. References are already followed. */
export interface Schema {
  type?: string | string[];
  properties?: Record<string, Schema | true>;
  required?: string[];
  additionalProperties?: Schema | boolean;
  items?: Schema;
  allOf?: Schema[];
  if?: Schema;
  then?: Schema;
  else?: Schema;
  enum?: unknown[];
  const?: unknown;
  default?: unknown;
  description?: string;
  examples?: unknown[];
  definitions?: Record<string, Schema>;
  [keyword: string]: unknown;
}

export type SchemaName = 'suite' | 'benchmark';

const loaded = new Map<string, unknown>();

/** A top-level schema file with every reference replaced by what it refers to. Our schemas contain no circles. */
export function schemaOf(name: SchemaName): Schema {
  return follow({ $ref: `${name}.schema.json` }, '');
}

function follow(node: unknown, file: string): Schema {
  if (node === null || typeof node !== 'object') return node as Schema;
  if (Array.isArray(node)) return node.map((item) => follow(item, file)) as unknown as Schema;
  if ('$ref' in node && typeof node.$ref === 'string') return followReference(node.$ref, file);
  return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, follow(value, file)]));
}

function followReference(reference: string, file: string): Schema {
  const [path = '', pointer = ''] = reference.split('#');
  const target = path === '' ? file : new URL(path, `file:///${file}`).pathname.slice(1);
  const name = `${target}#${pointer}`;
  const known = loaded.get(name);
  if (known !== undefined) return known as Schema;
  let node: unknown = readSchema(target);
  for (const part of pointer.split('/').slice(1)) node = (node as Record<string, unknown>)[part];
  if (node === undefined) throw new Error(`schema ${file} refers to ${reference}, which does not exist`);
  const schema = follow(node, target);
  loaded.set(name, schema);
  return schema;
}

function readSchema(file: string): unknown {
  const name = `file:${file}`;
  const known = loaded.get(name) ?? JSON.parse(readFileSync(`${PACKAGE_ROOT}/schemas/${file}`, 'utf8'));
  loaded.set(name, known);
  return known;
}

/** Every schema that speaks about a value: the given one, its `allOf`, and the branch of its `if` that the value takes. */
export function applying(schema: Schema, value: unknown): Schema[] {
  const branch = schema.if === undefined ? undefined : holds(schema.if, value) ? schema.then : schema.else;
  const parts = [...(schema.allOf ?? []), ...(branch === undefined ? [] : [branch])];
  return [schema, ...parts.flatMap((part) => applying(part, value))];
}

// Conditions in our schemas ask for a type and for constant members, nothing else.
function holds(condition: Schema, value: unknown): boolean {
  if (condition.type === 'array') return Array.isArray(value);
  if (!isRecord(value)) return false;
  return Object.entries(condition.properties ?? {}).every(
    ([key, member]) => member !== true && Object.hasOwn(value, key) && value[key] === member.const,
  );
}

/** The schemas that apply to what stands at a path of a document, most general first. */
export function schemasAt(root: Schema, document: unknown, path: SuitePath): Schema[] {
  let schemas = applying(root, document);
  let value = document;
  for (const part of path) {
    value = memberOf(value, part);
    schemas = memberSchemas(schemas, part).flatMap((schema) => applying(schema, value));
  }
  return schemas;
}

/** The schemas of one member, before its value is known. */
export function memberSchemas(schemas: readonly Schema[], part: string | number): Schema[] {
  return schemas.flatMap((schema): Schema[] => {
    const own = typeof part === 'number' ? schema.items : (propertyOf(schema, part) ?? schema.additionalProperties);
    return own === undefined || typeof own === 'boolean' ? [] : [own];
  });
}

/** The keys that may stand in a map: where a schema closes the list it decides, the others only describe. */
export function keysAllowed(schemas: readonly Schema[]): string[] {
  const closing = schemas.filter((schema) => schema.additionalProperties === false);
  return [...new Set(closing.flatMap((schema) => Object.keys(schema.properties ?? {})))];
}

/** The first value of a keyword among schemas, the most special one first. */
export function noteOf(schemas: readonly Schema[], keyword: string): unknown {
  return schemas.findLast((schema) => schema[keyword] !== undefined)?.[keyword];
}

export function textNote(schemas: readonly Schema[], keyword: string): string | undefined {
  const note = noteOf(schemas, keyword);
  return typeof note === 'string' ? note : undefined;
}

function propertyOf(schema: Schema, key: string): Schema | true | undefined {
  return schema.properties !== undefined && Object.hasOwn(schema.properties, key) ? schema.properties[key] : undefined;
}

export function memberOf(value: unknown, part: string | number): unknown {
  if (typeof part === 'number') return Array.isArray(value) ? value[part] : undefined;
  return isRecord(value) && Object.hasOwn(value, part) ? value[part] : undefined;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
