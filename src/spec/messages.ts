// Stage 1: comes in one complaint of the schema validator, goes out one finding in words: what stands there, what is
// expected instead (the schema's own `x-expects`), and what to write. Nothing here knows a key of the suite language.
import { type Finding, quote } from './finding.js';
import { listed, suggest } from './nearest.js';
import type { SuitePath } from './resolved.js';
import {
  applying,
  isRecord,
  keysAllowed,
  memberOf,
  memberSchemas,
  noteOf,
  type Schema,
  schemasAt,
  textNote,
} from './schemas.js';
import { slipOfBoolean, slipOfDuration, slipOfLanguage, slipOfMegabytes, slipOfShare } from './values.js';

/** The part of the validator's errors that is used. */
export interface ShapeError {
  instancePath: string;
  keyword: string;
  params: Record<string, unknown>;
  /** Set for errors about the name of a key. */
  propertyName?: string;
}

export interface Subject {
  schema: Schema;
  value: unknown;
  sourceOf(path: SuitePath): string | undefined;
}

interface Place {
  path: SuitePath;
  value: unknown;
  schemas: Schema[];
  source: string | undefined;
}

const SLIPS: Readonly<Record<string, (value: unknown, source: string | undefined) => string | undefined>> = {
  duration: slipOfDuration,
  language: slipOfLanguage,
  megabytes: slipOfMegabytes,
  share: slipOfShare,
};

export function explain(error: ShapeError, path: SuitePath, subject: Subject): Finding {
  const value = path.reduce<unknown>(memberOf, subject.value);
  const place = {
    path,
    value,
    schemas: schemasAt(subject.schema, subject.value, path),
    source: subject.sourceOf(path),
  };
  const { params } = error;
  switch (error.keyword) {
    case 'additionalProperties':
      return unknownKey(place, String(params.additionalProperty));
    case 'required':
      return missingKey(place, String(params.missingProperty));
    case 'dependencies':
      return {
        path: place.path,
        at: 'key',
        message: `the key '${params.missingProperty}' is missing: it belongs to '${params.property}'`,
      };
    case 'propertyNames':
      return badName(place, String(params.propertyName));
    case 'enum':
      return notOneOf(place, params.allowedValues);
    case 'minimum':
      return found(place, `must be at least ${params.limit}, not ${shown(place)}`);
    case 'exclusiveMinimum':
      return found(place, `must be more than ${params.limit}, not ${shown(place)}`);
    case 'maximum':
      return found(place, `must be at most ${params.limit}, not ${shown(place)}`);
    case 'minItems':
      return found(place, 'the list is empty', `write at least one${orNothing(place, subject)}`);
    case 'minProperties':
      return found(place, 'the map is empty', `write at least one entry${orNothing(place, subject)}`);
    case 'maxItems':
    case 'maxProperties':
      return found(place, `has too many entries: at most ${params.limit}`);
    case 'maxLength':
      return found(place, `is too long: at most ${params.limit} characters`);
    case 'uniqueItems':
      return listedTwice(place, subject, Number(params.i), Number(params.j));
    default:
      return notAsExpected(place, subject);
  }
}

function found(place: Place, message: string, hint?: string): Finding {
  return { path: place.path, at: 'value', message, ...(hint === undefined ? {} : { hint }) };
}

function unknownKey(place: Place, key: string): Finding {
  if ([noteOf(place.schemas, 'x-not-yet')].flat().includes(key))
    return {
      path: [...place.path, key],
      at: 'key',
      message: 'this version of sebs does not have it yet',
      hint: 'leave it out; it is refused so that nobody relies on it',
    };
  const allowed = keysAllowed(place.schemas);
  const inside = keysWithin(place.schemas, allowed).get(key);
  const hint = inside === undefined ? suggest(key, allowed, 'valid keys') : `write it inside '${inside}'`;
  return { path: [...place.path, key], at: 'key', message: 'unknown key', hint };
}

/** Kept by the schema that closes the list of keys: a file can have a mistake of this kind in each of its lines. */
const withinKnown = new WeakMap<Schema, ReadonlyMap<string, string>>();

/** Keys that are allowed one level down, each with the first key it belongs inside: `memory` inside `factors`. */
function keysWithin(schemas: readonly Schema[], allowed: readonly string[]): ReadonlyMap<string, string> {
  const closing = schemas.findLast((schema) => schema.additionalProperties === false);
  const known = closing === undefined ? undefined : withinKnown.get(closing);
  if (known !== undefined) return known;
  const within = new Map<string, string>();
  for (const name of allowed.toReversed()) {
    const below = memberSchemas(schemas, name).flatMap((schema) => applying(schema, {}));
    for (const key of keysAllowed(below)) within.set(key, name);
  }
  if (closing !== undefined) withinKnown.set(closing, within);
  return within;
}

function missingKey(place: Place, key: string): Finding {
  const schemas = memberSchemas(place.schemas, key).flatMap((schema) => applying(schema, undefined));
  const [example] =
    (noteOf(schemas, 'examples') as unknown[] | undefined) ?? (noteOf(schemas, 'enum') as unknown[]) ?? [];
  const value = example ?? noteOf(schemas, 'const') ?? '…';
  return {
    path: place.path,
    at: 'key',
    message: `the key '${key}' is missing`,
    hint: `add \`${key}: ${inYaml(value)}\``,
  };
}

function badName(place: Place, name: string): Finding {
  const schemas = place.schemas.map((schema) => schema.propertyNames).filter(isRecord) as Schema[];
  const expected = textNote(schemas, 'x-expects') ?? 'a shorter name';
  const limit = Number(noteOf(schemas, 'maxLength'));
  const message = name.length > limit ? `the name is too long: at most ${limit} characters` : `must be ${expected}`;
  return { path: [...place.path, name], at: 'key', message };
}

function notOneOf(place: Place, allowed: unknown): Finding {
  const valid = Array.isArray(allowed) ? allowed.map(String) : [];
  if (typeof place.value !== 'string') return found(place, `must be one of ${listed(valid)}, not ${shown(place)}`);
  return found(place, `${quote(place.value)} is not known here`, suggest(place.value, valid, 'valid'));
}

function listedTwice(place: Place, subject: Subject, one: number, other: number): Finding {
  const path = [...place.path, Math.max(one, other)];
  const value = path.reduce<unknown>(memberOf, subject.value);
  return {
    path,
    at: 'value',
    message: `${quote(String(value))} stands in the list twice`,
    hint: 'remove one of the two',
  };
}

function notAsExpected(place: Place, subject: Subject): Finding {
  if (place.value === null && place.path.length === 0)
    return found(place, 'the file is empty', `write ${expected(place)}`);
  if (place.value === null)
    return found(place, `is empty: must be ${expected(place)}`, `fill it in${orNothing(place, subject)}`);
  // A secret that was written out is not repeated.
  if (noteOf(place.schemas, 'x-secret') === true) return found(place, `must be ${expected(place)}`);
  return found(place, `must be ${expected(place)}, not ${shown(place)}`, hintFor(place));
}

function orNothing({ path, schemas }: Place, { schema, value }: Subject): string {
  if (noteOf(schemas, 'x-needed') === true) return '';
  const required = schemasAt(schema, value, path.slice(0, -1)).flatMap((parent) => parent.required ?? []);
  const key = path.at(-1);
  return typeof key === 'number' || required.includes(key ?? '') ? '' : ', or leave the key out';
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: 'a text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map (`key: value`)',
};

function expected(place: Place): string {
  const words = textNote(place.schemas, 'x-expects');
  const axis = noteOf(place.schemas, 'x-axis') === true ? ', or a list of such' : '';
  if (words !== undefined) return words + axis;
  const valid = noteOf(place.schemas, 'enum');
  if (Array.isArray(valid)) return `one of ${listed(valid.map(String))}${axis}`;
  const types = [noteOf(place.schemas, 'type') ?? []].flat().map(String);
  return types.map((type) => TYPE_WORDS[type] ?? type).join(' or ') || 'something else';
}

/** What stands there, as its writer would recognise it: "the number 3.10", not 3.1. */
function shown(place: Place): string {
  const { value, source } = place;
  if (value === null) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  if (typeof value === 'string') return `the text ${quote(value)}`;
  return typeof value === 'number' ? `the number ${quote(source ?? String(value)).slice(1, -1)}` : `${value}`;
}

function hintFor(place: Place): string | undefined {
  const { value, source, schemas } = place;
  const slip = SLIPS[textNote(schemas, 'x-kind') ?? '']?.(value, source);
  if (slip !== undefined) return slip;
  const types = [noteOf(schemas, 'type') ?? []].flat();
  const valid = noteOf(schemas, 'enum');
  if (Array.isArray(valid) && !valid.includes(String(value))) return undefined;
  if (types.includes('boolean')) return slipOfBoolean(value);
  if (typeof value === 'string' && types.includes('array') && !types.includes('string'))
    return `write [${inYaml(value)}]`;
  if ((typeof value === 'number' || typeof value === 'boolean') && types.includes('string'))
    return `if it is meant as text, put it in quotes: '${source ?? value}'`;
  if (typeof value === 'string' && /^[0-9]+(\.[0-9]+)?$/.test(value)) return `write ${value} without quotes`;
  return undefined;
}

function inYaml(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inYaml).join(', ')}]`;
  if (isRecord(value)) {
    const members = Object.entries(value).map(([key, member]) => `${key}: ${inYaml(member)}`);
    return `{ ${members.join(', ')} }`;
  }
  return typeof value === 'string' && value.length > 60 ? quote(value) : String(value);
}
