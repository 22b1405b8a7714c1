// The sources as syntax trees, for tests that hold rules no linter has. Comes in: the project's folder; goes out: every
// TypeScript file of src/ with all nodes of its tree.
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { parseAst } from 'vitest/node';
import { ROOT } from './cli.js';

export interface SyntaxNode {
  type: string;
  start: number;
  [member: string]: unknown;
}

export interface SourceTree {
  /** Relative to the project's folder, with '/'. */
  file: string;
  nodes: SyntaxNode[];
  lineOf(node: SyntaxNode): number;
}

export function sourceTrees(): SourceTree[] {
  return readdirSync(join(ROOT, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((path) => {
      const text = readFileSync(path, 'utf8');
      const file = relative(ROOT, path).split(sep).join('/');
      const lineOf = ({ start }: SyntaxNode) => text.slice(0, start).split('\n').length;
      return { file, nodes: [...nodesOf(parseAst(text, { lang: 'ts' }))], lineOf };
    });
}

function* nodesOf(value: unknown): Generator<SyntaxNode> {
  if (value === null || typeof value !== 'object') return;
  if (isNode(value)) yield value;
  for (const member of Object.values(value)) yield* nodesOf(member);
}

function isNode(value: object): value is SyntaxNode {
  return 'type' in value && typeof value.type === 'string' && 'start' in value;
}
