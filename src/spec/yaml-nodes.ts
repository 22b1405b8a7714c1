// Stage 1: comes in the tree of the YAML parser, goes out plain data in which each value knows its place. Aliases and
// merge keys are followed here, within bounds, so that no later step can meet a circle or an explosion; what YAML allows
// beyond plain data is noted.
import { isAlias, isMap, isScalar, isSeq, type Node, type Pair, Scalar, type YAMLMap } from 'yaml';
import { type Place, quote } from './finding.js';
import { nearest } from './nearest.js';
import type { SuitePath } from './resolved.js';

/** More levels than any suite has; the parser's own limit is the stack. */
const MOST_LEVELS = 32;
/** Values after all aliases are expanded. */
const MOST_VALUES = 500_000;
/** Other tags ask the parser for objects that are not plain data. */
const PLAIN_TAGS = new Set(
  ['str', 'int', 'float', 'bool', 'null', 'map', 'seq'].map((tag) => `tag:yaml.org,2002:${tag}`),
);

/** Where the offsets of a document's values are. */
export interface Origin {
  file: string;
  placeOf(offset: number): Place;
}

/** A value with its place. An alias shares the members of its anchor: nothing is copied, `count` says how much it is. */
export interface Located {
  value: unknown;
  origin: Origin;
  offset: number;
  /** Values in it, itself included, and levels of them. */
  count: number;
  levels: number;
  /** A scalar as it was written. */
  source?: string;
  /** A text without quotes. */
  bare?: boolean;
  members?: Map<string, Member>;
  items?: Located[];
}

export interface Member {
  keyOffset: number;
  node: Located;
}

/** What is known while the tree is read. */
export interface Reading {
  origin: Origin;
  path: (string | number)[];
  anchors: Map<string, Located | 'open'>;
  /** Members taken over by merge keys so far. */
  mergedMembers: number;
  note(offset: number, message: string, hint?: string): void;
  /** For what leaves nothing to go on with. */
  fail(offset: number, message: string, hint?: string): never;
}

export function readNode(node: Node | null, reading: Reading, level = 0): Located {
  if (level > MOST_LEVELS) reading.fail(offsetOf(node), `nested more than ${MOST_LEVELS} levels deep`);
  if (isAlias(node)) return readAlias(node.source, node, reading, level);
  const { anchor, tag } = propertiesOf(node);
  if (tag !== undefined && !PLAIN_TAGS.has(tag))
    reading.note(offsetOf(node), `the tag ${quote(tag)} means nothing here`, 'remove it');
  if (anchor !== undefined) reading.anchors.set(anchor, 'open');
  const located = readContent(node, reading, level);
  if (located.count > MOST_VALUES) failAsTooMuch(node, reading);
  if (anchor !== undefined) reading.anchors.set(anchor, located);
  return located;
}

function propertiesOf(node: Node | null): { anchor?: string | undefined; tag?: string | undefined } {
  return isMap(node) || isSeq(node) || isScalar(node) ? node : {};
}

function offsetOf(node: Node | null): number {
  return node?.range?.[0] ?? 0;
}

function readContent(node: Node | null, reading: Reading, level: number): Located {
  if (isMap(node)) return readMap(node, reading, level);
  if (isSeq(node)) {
    const items = node.items.map((item, index) =>
      within(reading, index, () => readNode(item as Node, reading, level + 1)),
    );
    return {
      value: items.map((item) => item.value),
      origin: reading.origin,
      offset: offsetOf(node),
      ...sizeOf(items),
      items,
    };
  }
  const written = isScalar(node) ? node : undefined;
  // What a tag made of it is not plain data; the tag itself is already noted.
  const plain = ['string', 'number', 'boolean'].includes(typeof written?.value);
  const located: Located = {
    value: plain ? written?.value : null,
    origin: reading.origin,
    offset: offsetOf(node),
    count: 1,
    levels: 1,
  };
  if (written?.source !== undefined) located.source = written.source;
  if (written?.type === Scalar.PLAIN) located.bare = true;
  return located;
}

function readAlias(name: string, node: Node, reading: Reading, level: number): Located {
  const target = reading.anchors.get(name);
  const offset = offsetOf(node);
  if (target === 'open')
    return reading.fail(
      offset,
      `the alias *${name} stands inside its own anchor &${name}: that never ends`,
      `move &${name} to a value that does not contain *${name}`,
    );
  if (target === undefined) {
    const near = nearest(name, [...reading.anchors.keys()]);
    const hint = near === undefined ? `write &${name} before the value it stands for` : `did you mean '*${near}'?`;
    return reading.fail(offset, `there is no anchor &${name} before this alias`, hint);
  }
  if (level + target.levels > MOST_LEVELS) reading.fail(offset, `nested more than ${MOST_LEVELS} levels deep`);
  return { ...target, offset };
}

function readMap(map: YAMLMap, reading: Reading, level: number): Located {
  const members = new Map<string, Member>();
  const merged: Located[] = [];
  for (const pair of map.items as Pair<Node, Node | null>[]) {
    if (isMergeKey(pair.key)) merged.push(...readMerge(pair, reading, level));
    else readPair(pair, members, reading, level);
  }
  for (const source of merged) takeOver(source, members, reading, map);
  return mapOf(members, reading.origin, offsetOf(map));
}

function mapOf(members: Map<string, Member>, origin: Origin, offset: number): Located {
  // fromEntries, not assignment: a key named __proto__ is then a key like any other.
  const value = Object.fromEntries([...members].map(([key, member]) => [key, member.node.value]));
  const nodes = [...members.values()].map((member) => member.node);
  return { value, origin, offset, ...sizeOf(nodes), members };
}

/** One document over another: maps merge, lists and all else replace, and an empty value removes what was there. */
export function laidOver(base: Located, over: Located): Located {
  if (base.members === undefined || over.members === undefined) return over;
  const members = new Map(base.members);
  for (const [key, member] of over.members) {
    const below = members.get(key);
    if (below === undefined) members.set(key, member);
    else if (member.node.value === null) members.delete(key);
    else members.set(key, { keyOffset: member.keyOffset, node: laidOver(below.node, member.node) });
  }
  return mapOf(members, over.origin, over.offset);
}

/**
 * A document with one value put at a path; maps that are not there are made. An empty value removes what was there.
 * Returns the part of the path that cannot be followed instead, as its position.
 */
export function withValueAt(root: Located | undefined, path: SuitePath, value: Located): Located | number {
  const [part, ...rest] = path;
  if (part === undefined) return value;
  const { origin, offset } = value;
  if (typeof part === 'number' ? root?.items?.[part] === undefined : isNoMap(root)) return 0;
  const below = typeof part === 'number' ? root?.items?.[part] : root?.members?.get(part)?.node;
  const placed = withValueAt(below, rest, value);
  if (typeof placed === 'number') return placed + 1;
  if (typeof part === 'number') {
    const items = (root?.items ?? []).with(part, placed);
    return { value: items.map((item) => item.value), origin, offset, ...sizeOf(items), items };
  }
  const members = new Map(root?.members);
  if (placed.value === null) members.delete(part);
  else members.set(part, { keyOffset: 0, node: placed });
  return root === undefined ? mapOf(members, origin, offset) : mapOf(members, root.origin, root.offset);
}

function isNoMap(node: Located | undefined): boolean {
  return node !== undefined && node.members === undefined && node.value !== null;
}

function readPair(pair: Pair<Node, Node | null>, members: Map<string, Member>, reading: Reading, level: number): void {
  const key = keyOf(pair.key, reading);
  const keyOffset = offsetOf(pair.key);
  within(reading, key, () => {
    const node = orAtKey(readNode(pair.value, reading, level + 1), keyOffset);
    if (!members.has(key)) members.set(key, { keyOffset, node });
    else reading.note(keyOffset, 'this key stands here a second time', 'remove one of the two');
  });
}

function keyOf(key: Node | null, reading: Reading): string {
  if (!isScalar(key)) return reading.fail(offsetOf(key), 'a key must be a plain word');
  return String(key.value ?? '');
}

// A value that is not written has no place of its own.
function orAtKey(node: Located, keyOffset: number): Located {
  return node.value === null && (node.source ?? '') === '' ? { ...node, offset: keyOffset } : node;
}

function isMergeKey(key: Node | null): boolean {
  return isScalar(key) && key.value === '<<' && key.type === Scalar.PLAIN;
}

function readMerge(pair: Pair<Node, Node | null>, reading: Reading, level: number): Located[] {
  return within(reading, '<<', () => {
    const source = readNode(pair.value, reading, level + 1);
    const maps = source.items ?? [source];
    const hint = 'write `<<: *anchor-of-a-map`';
    if (maps.some((map) => map.members === undefined))
      reading.fail(offsetOf(pair.value ?? pair.key), 'only a map, or a list of maps, can be merged', hint);
    return maps;
  });
}

// A map's own keys win over merged ones, and the first merged map over the next, as the YAML merge key says.
function takeOver(source: Located, members: Map<string, Member>, reading: Reading, map: YAMLMap): void {
  reading.mergedMembers += source.members?.size ?? 0;
  if (reading.mergedMembers > MOST_VALUES) failAsTooMuch(map, reading);
  for (const [key, member] of source.members ?? []) if (!members.has(key)) members.set(key, member);
}

function failAsTooMuch(node: Node | null, reading: Reading): never {
  const message = `expands to more than ${MOST_VALUES} values`;
  return reading.fail(offsetOf(node), message, 'use fewer aliases and merge keys');
}

function within<T>(reading: Reading, part: string | number, action: () => T): T {
  reading.path.push(part);
  const result = action();
  reading.path.pop();
  return result;
}

function sizeOf(members: readonly Located[]): { count: number; levels: number } {
  let count = 1;
  let levels = 1;
  for (const member of members) {
    count += member.count;
    levels = Math.max(levels, member.levels + 1);
  }
  return { count, levels };
}
