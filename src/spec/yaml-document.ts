// Stage 1, the second step: comes in YAML text, goes out plain JSON data and, for each path in it, its place in the file.
// Only this file and its neighbours yaml-nodes.ts and yaml-syntax.ts know the yaml library.
import { LineCounter, parseDocument } from 'yaml';
import { type Problem, SpecError } from '../errors.js';
import { type Place, toProblem } from './finding.js';
import type { SuitePath } from './resolved.js';
import { type Located, type Member, type Reading, readNode } from './yaml-nodes.js';
import { explainSyntax } from './yaml-syntax.js';

export interface YamlDocument {
  value: unknown;
  /** Mistakes that leave the rest readable: keys that stand twice, tags. */
  problems: Problem[];
  /** Where a path stands, or its nearest parent that is there. */
  locate(path: SuitePath, at?: 'key' | 'value'): Place;
  /** Whether a path is there. */
  has(path: SuitePath): boolean;
  /** A scalar as it was written ("3.10"); undefined for anything else. */
  sourceOf(path: SuitePath): string | undefined;
  /** Whether a text stands there without quotes. */
  isBare(path: SuitePath): boolean;
  root: Located;
}

/** Throws SpecError with the first syntax error, or with what makes the document unreadable as plain data. */
export function parseYaml(file: string, text: string): YamlDocument {
  const source = text.replace(/^\uFEFF/, '');
  const counter = new LineCounter();
  const placeOf = (offset: number): Place => {
    const { line, col } = counter.linePos(offset);
    return { file, line: Math.max(1, line), column: Math.max(1, col) };
  };
  const problem = (offset: number, path: SuitePath, message: string, hint?: string): Problem =>
    toProblem({ path, at: 'value', message, ...(hint === undefined ? {} : { hint }) }, placeOf(offset));

  const document = parseSource(source, counter);
  if (document === undefined) throw new SpecError([problem(0, [], 'nested too deeply')]);
  const syntax = explainSyntax(document, source);
  if (syntax !== undefined) throw new SpecError([problem(syntax.offset, [], syntax.message, syntax.hint)]);

  const problems: Problem[] = [];
  const reading: Reading = {
    origin: { file, placeOf },
    path: [],
    anchors: new Map(),
    mergedMembers: 0,
    note: (offset, message, hint) => problems.push(problem(offset, reading.path, message, hint)),
    fail: (offset, message, hint) => {
      throw new SpecError([...problems, problem(offset, reading.path, message, hint)]);
    },
  };
  return documentOf(readNode(document.contents, reading), problems);
}

export function documentOf(root: Located, problems: Problem[]): YamlDocument {
  return {
    value: root.value,
    problems,
    locate: (path, at = 'value') => placeIn(root, path, at),
    has: (path) => descend(root, path) !== undefined,
    sourceOf: (path) => descend(root, path)?.source,
    isBare: (path) => descend(root, path)?.bare === true,
    root,
  };
}

function parseSource(text: string, lineCounter: LineCounter) {
  try {
    // Keys that stand twice are found in yaml-nodes.ts: the library compares each with each, minutes for a long map.
    return parseDocument(text, {
      lineCounter,
      version: '1.2',
      uniqueKeys: false,
      prettyErrors: false,
      logLevel: 'error',
    });
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function step(node: Located, part: string | number): Member | undefined {
  if (typeof part === 'string') return node.members?.get(part);
  const item = node.items?.[part];
  return item === undefined ? undefined : { keyOffset: item.offset, node: item };
}

function descend(root: Located, path: SuitePath): Located | undefined {
  let node: Located | undefined = root;
  for (const part of path) node = node === undefined ? undefined : step(node, part)?.node;
  return node;
}

function placeIn(root: Located, path: SuitePath, at: 'key' | 'value'): Place {
  let here: Member = { keyOffset: 0, node: root };
  for (const [index, part] of path.entries()) {
    const next = step(here.node, part);
    // A scalar axis is a list of one: asked for its first level, its value stands for it.
    if (next === undefined && index > 0) return placeOf(here, part === 0 ? 'value' : 'key');
    if (next === undefined) return root.origin.placeOf(0);
    here = next;
  }
  return placeOf(here, path.length === 0 ? 'key' : at);
}

function placeOf({ keyOffset, node }: Member, at: 'key' | 'value'): Place {
  return node.origin.placeOf(at === 'key' ? keyOffset : node.offset);
}
