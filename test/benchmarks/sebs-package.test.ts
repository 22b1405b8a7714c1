// Packages of folders that are laid out as SeBS does: scripts, versioned requirements, clients that `require` finds. Built
// and called for real.
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadBenchmark } from '../../src/benchmarks/catalogue.js';
import { prepareInput, validateOutput } from '../../src/benchmarks/input.js';
import { type BuildPackageOptions, buildCodePackage } from '../../src/benchmarks/package.js';
import { requirementsOf, type Target } from '../../src/benchmarks/requirements.js';
import { sebsHandler } from '../../src/benchmarks/sebs-package.js';
import { PackageError } from '../../src/errors.js';
import { leftOut } from '../support/left-out.js';
import {
  callHandler,
  directoryStorage,
  homeIn,
  PYTHON,
  packageOptions,
  temporaryFolder,
  writeTree,
} from './support.js';

const FIXTURES = fileURLToPath(new URL('fixtures/benchmarks', import.meta.url));
const FOLDERS = {
  words: join(FIXTURES, '300.utilities/310.word-count'),
  card: join(FIXTURES, '100.webapps/190.greeting-card'),
};
const withoutPython =
  PYTHON === undefined && leftOut('benchmarks of SeBS, whose inputs are Python', 'python3 is missing');

/** A copy whose files may be changed. */
function changed(folder: string, files: Readonly<Record<string, string>>): string {
  const copy = join(temporaryFolder(), 'copy');
  cpSync(folder, copy, { recursive: true });
  return writeTree(copy, files);
}

async function optionsFor(
  folder: string,
  language: string,
  changes: Partial<BuildPackageOptions> = {},
): Promise<BuildPackageOptions> {
  return packageOptions(await loadBenchmark('sebs-like', folder), language, changes);
}

describe.skipIf(withoutPython)('a folder of SeBS', () => {
  it.each([
    ['words', 'python', /^Jinja2==3\.1\.6$/],
    ['words', 'nodejs', /^uuid@11\./],
    ['card', 'python', /^MarkupSafe==[23]\./],
    // package.json.20 holds for Node.js 20 alone.
    ['card', 'nodejs', process.versions.node.startsWith('20.') ? /^mustache@4\./ : /^mustache@3\./],
  ] as const)(
    '(%s) is packed for %s as it is, answers correctly, and says what was installed',
    {
      timeout: 120_000,
    },
    async (name, language, installed) => {
      const options = await optionsFor(FOLDERS[name], language);
      const { storage } = await directoryStorage();
      await storage.createBucket('bucket');
      const { benchmark, cacheDir } = options;
      const input = await prepareInput({ benchmark, size: 'small', seed: 42, storage, home: homeIn('bucket') });
      const code = await buildCodePackage(options);
      expect(code.dependencies).toContainEqual(expect.stringMatching(installed));
      const env = storage.functionEnv('host');
      const answers = await callHandler(language, code, [input.event, input.event], env, sebsHandler(language));
      for (const { result: output } of answers)
        expect(await validateOutput({ input, output, language, storage })).toBeNull();
      expect(existsSync(join(code.path, '.benchmark'))).toBe(false);
      const again = await buildCodePackage({ ...options, cacheDir });
      expect(again).toMatchObject({ cached: true, sha256: code.sha256, dependencies: code.dependencies });
    },
  );

  it('runs the scripts of the benchmark and of the language, with folder, verbosity and architecture', async () => {
    const folder = changed(FOLDERS.card, {
      'nodejs/package.json': '{}',
      'nodejs/package.json.20': '{}',
      'init.sh': 'echo "$# $2 $3" > "$1/first"; basename "$1" >> "$1/first"\n',
      'nodejs/init.sh': 'set -e; cp "$1/first" "$1/second"; cp "$(dirname "$0")/../config.json" "$1"\n',
    });
    const { path } = await buildCodePackage(await optionsFor(folder, 'nodejs'));
    expect(readFileSync(join(path, 'function/second'), 'utf8')).toBe(`3 false ${process.arch}\nfunction\n`);
    expect(existsSync(join(path, 'function/config.json'))).toBe(true);
  });

  it.each([
    ['init.sh', 'echo "no such mirror" >&2\nexit 7\n', /`bash .*init\.sh .* false \w+` ended with 7:\nno such mirror/],
    ['nodejs/init.sh', 'ls "$(dirname "$0")/nothing"\n', /ended with 2:\n.*copy\/nodejs\/nothing/],
    ['nodejs/package.sh', 'exit 3\n', /`bash function\/package\.sh .*` ended with 3/],
  ])('%s that fails is named with what it wrote', async (script, content, reason) => {
    const folder = changed(FOLDERS.card, {
      'nodejs/package.json.20': '{}',
      'nodejs/package.json': '{}',
      [script]: content,
    });
    const error = await buildCodePackage(await optionsFor(folder, 'nodejs')).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(PackageError);
    expect((error as Error).message).toMatch(reason);
  });

  it('is another package when any of its files is another: its scripts may read them all', async () => {
    const hash = async (files: Record<string, string>) => {
      const bare = { 'nodejs/package.json': '{}', 'nodejs/package.json.20': '{}' };
      return (await buildCodePackage(await optionsFor(changed(FOLDERS.card, { ...bare, ...files }), 'nodejs'))).sha256;
    };
    const same = await hash({});
    expect(await hash({})).toBe(same);
    expect(await hash({ 'python/templates/card.html': 'another' })).not.toBe(same);
  });
});

describe('requirements', () => {
  const folderWith = (...names: string[]): string => {
    const folder = temporaryFolder();
    for (const name of names) writeFileSync(join(folder, name), '');
    return folder;
  };
  const python: Target = { language: 'python', version: '3.11.7', architecture: 'x64', layout: 'sebs' };
  const nodejs: Target = { language: 'nodejs', version: '20.20.2', architecture: 'x64', layout: 'sebs' };
  const all = ['requirements.txt', 'requirements.txt.3.11', 'requirements.txt.3.1', 'requirements.txt.arm.3.11'];

  it.each<[string, Target, string[], string | undefined, boolean?]>([
    ['of its version', python, all, 'requirements.txt.3.11', false],
    ['of no version', { ...python, version: '3.9.2' }, all, 'requirements.txt', false],
    ['of its processor', { ...python, architecture: 'arm64' }, all, 'requirements.txt.arm.3.11', false],
    [
      'of its version, for want of its processor',
      { ...python, architecture: 'arm64' },
      all.slice(0, 3),
      'requirements.txt.3.11',
      false,
    ],
    ['none', python, ['requirements.txt.3.12'], undefined],
    [
      'the lock of our own layout',
      { ...python, layout: undefined },
      [...all, 'requirements.lock'],
      'requirements.lock',
      true,
    ],
    ['of its version', nodejs, ['package.json', 'package.json.20', 'package-lock.json'], 'package.json.20', false],
    ['the lock', nodejs, ['package.json', 'package.json.2', 'package-lock.json'], 'package-lock.json', true],
    ['of no version', nodejs, ['package.json', 'package.json.18'], 'package.json', false],
    ['nothing for other languages', { ...nodejs, language: 'java' }, ['pom.xml'], undefined],
  ])('are those %s', async (_what, target, files, file, pinned) => {
    expect(await requirementsOf(target, folderWith(...files))).toEqual(
      file === undefined ? undefined : { file, pinned },
    );
  });
});
