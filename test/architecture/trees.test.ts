// What must agree with each other, and the rules that no linter knows: the platform registry with the folders and
// schemas of platforms, the owners of libraries with package.json, platforms named only in their places, and one file
// that knows the console, the environment and the end of the process.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { OWNERS } from '../../scripts/boundaries.mjs';
import { loadPlatform, platformTypes } from '../../src/platforms/registry.js';
import { ROOT } from '../support/cli.js';
import { type SourceTree, type SyntaxNode, sourceTrees } from '../support/syntax.js';

const TREES = sourceTrees();

test('a platform is a line in the registry, three folders, a page and a schema of one name', async () => {
  const registry = [...platformTypes()].sort();
  const running = (await Promise.all(registry.map(async (type) => ((await runsFunctions(type)) ? [type] : [])))).flat();
  expect({
    'src/platforms': foldersIn('src/platforms'),
    'benchmarks/wrappers': foldersIn('benchmarks/wrappers'),
    'docs/platforms': namesIn('docs/platforms', '.md'),
    'schemas/platforms': namesIn('schemas/platforms', '.schema.json'),
  }).toEqual({
    'src/platforms': registry,
    'benchmarks/wrappers': running,
    'docs/platforms': registry,
    'schemas/platforms': registry,
  });
});

test('an experiment is a folder with the parts of each stage and a schema of its name', () => {
  const experiments = foldersIn('src/experiments');
  expect(namesIn('schemas/experiments', '.schema.json')).toEqual(experiments);
  for (const id of experiments) expect(existsSync(join(ROOT, 'src/experiments', id, 'expand.ts')), id).toBe(true);
});

test('nothing outside the platforms names one', () => {
  // `sebs process` and `sebs local` are commands, http a trigger and a kind of error: that platforms have the same names is chance.
  const commandName = (file: string, node: SyntaxNode) =>
    file.startsWith('src/cli/') && ['process', 'local'].includes(String(node.value));
  const names = new Set(platformTypes().filter((type) => type !== 'http'));
  const places = TREES.filter(({ file }) => !/^src\/(platforms|generated)\//.test(file)).flatMap((tree) =>
    tree.nodes
      .filter((node) => names.has(textOf(node) ?? '') && !commandName(tree.file, node))
      .map((node) => `${place(tree, node)} names the platform '${textOf(node)}'`),
  );
  expect(places).toEqual([]);
});

test('only cli.ts knows the console, the environment and the end of the process', () => {
  const members = new Set(['exit', 'exitCode', 'env', 'argv', 'stdout', 'stderr', 'stdin']);
  const places = TREES.filter(({ file }) => file !== 'src/cli.ts' && !isProgramOfItsOwn(file)).flatMap((tree) =>
    tree.nodes
      .filter((node) => {
        if (node.type !== 'MemberExpression') return false;
        const object = node.object as SyntaxNode;
        const property = node.property as SyntaxNode;
        return object.name === 'console' || (object.name === 'process' && members.has(String(property.name)));
      })
      .map((node) => place(tree, node)),
  );
  expect(places).toEqual([]);
});

test('every dependency has one owner, and only its owner imports it', () => {
  const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  expect(Object.keys(OWNERS).sort()).toEqual(Object.keys(dependencies).sort());
  for (const [library, owner] of Object.entries(OWNERS)) {
    const users = TREES.filter((tree) =>
      importsOf(tree).some((name) => name === library || name.startsWith(`${library}/`)),
    );
    // Validators are spec/'s own code, written ahead of time.
    const strangers = users
      .map(({ file }) => file)
      .filter((file) => !isIn(file, owner) && !isIn(file, 'src/generated/**'));
    expect(strangers, `${library} belongs to ${owner}`).toEqual([]);
    expect(users.length, `nothing imports ${library}: take it out of package.json`).toBeGreaterThan(0);
  }
});

test('versions of dependencies are pinned exactly', () => {
  const { dependencies, devDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Record<
    'dependencies' | 'devDependencies',
    Record<string, string>
  >;
  const loose = Object.entries({ ...dependencies, ...devDependencies }).filter(
    ([, version]) => !/^\d/.test(String(version)),
  );
  expect(loose).toEqual([]);
});

test('every source file says on top which stage it is and what goes in and out', () => {
  const silent = TREES.map(({ file }) => file).filter((file) => {
    const lines = readFileSync(join(ROOT, file), 'utf8').split('\n');
    const first = lines[0]?.startsWith('#!') ? lines[1] : lines[0];
    return !first?.startsWith('//');
  });
  expect(silent).toEqual([]);
});

test('file names are kebab-case', () => {
  const others = TREES.map(({ file }) => file).filter((file) => !/^src(\/[a-z0-9]+(-[a-z0-9]+)*)+\.ts$/.test(file));
  expect(others).toEqual([]);
});

/** Models and what is deployed already need no wrapper. */
async function runsFunctions(type: string): Promise<boolean> {
  const capabilities = (await loadPlatform(type)).nominalCapabilities?.({});
  return capabilities?.isModel !== true && capabilities?.bringsOwnFunction !== true;
}

/** Programs that sebs starts as processes of their own have an environment and an end of their own. */
function isProgramOfItsOwn(file: string): boolean {
  return file === 'src/invoke/echo-server.ts' || file === 'src/storage/dynamodb-server.ts';
}

function foldersIn(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

function namesIn(folder: string, ending: string): string[] {
  return readdirSync(join(ROOT, folder))
    .filter((name) => name.endsWith(ending))
    .map((name) => name.slice(0, -ending.length))
    .sort();
}

function importsOf({ nodes }: SourceTree): string[] {
  const kinds = ['ImportDeclaration', 'ExportNamedDeclaration', 'ExportAllDeclaration', 'ImportExpression'];
  return nodes.filter(({ type }) => kinds.includes(type)).flatMap(({ source }) => textOf(source as SyntaxNode) ?? []);
}

/** The text of a string literal or of a template without holes. */
function textOf(node: SyntaxNode | null): string | undefined {
  if (node?.type === 'Literal' && typeof node.value === 'string') return node.value;
  if (node?.type !== 'TemplateElement') return undefined;
  return (node.value as { cooked: string }).cooked;
}

function place({ file, lineOf }: SourceTree, node: SyntaxNode): string {
  return `${file}:${lineOf(node)}`;
}

function isIn(file: string, owner: string): boolean {
  return owner.endsWith('/**') ? file.startsWith(owner.slice(0, -2)) : file === owner;
}
