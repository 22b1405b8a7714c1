// Stage 1, a benchmark's folder as SeBS lays it out: config.json and input.py in the place of benchmark.yaml and
// input.mjs. Comes in: the folder; goes out: the same BenchmarkFile that a benchmark.yaml says, so that nothing else need
// know which of the two it was. The rest of the layout (init.sh, versioned requirements) is the packaging's.
import { access, readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { messageOf, UsageError } from '../errors.js';
import type { BenchmarkFile } from '../generated/benchmark.js';

/** SeBS's three sizes; what each means is in input.py alone. */
const SIZES = { test: 'as input.py makes it', small: 'as input.py makes it', large: 'as input.py makes it' };
const LANGUAGES: readonly string[] = ['python', 'nodejs'];
const REQUIREMENTS = /^requirements\.txt\.(\d+\.\d+)$/;

/** Whether a folder is laid out so: it has config.json and input.py, and no benchmark.yaml. */
export async function hasSebsLayout(path: string): Promise<boolean> {
  const [own, config, input] = await Promise.all(
    ['benchmark.yaml', 'config.json', 'input.py'].map((name) => exists(join(path, name))),
  );
  return own === false && config === true && input === true;
}

/** Throws UsageError naming the file and what is wrong with it. */
export async function readSebsConfig(path: string): Promise<BenchmarkFile> {
  const file = join(path, 'config.json');
  const refuse = (what: string, hint?: string): never => {
    throw new UsageError(`${file}: ${what}`, hint === undefined ? {} : { hint });
  };
  const config = parse(await readFile(file, 'utf8'), refuse);
  const named = Array.isArray(config.languages) ? config.languages.flatMap(languageName) : [];
  const carried = named.filter((name) => LANGUAGES.includes(name));
  if (carried.length === 0) refuse(`names no language that sebs runs (it runs ${LANGUAGES.join(', ')})`);
  const languages = await Promise.all(
    carried.map(async (name) => [name, await languageOf(path, name, refuse)] as const),
  );
  const modules = Array.isArray(config.modules)
    ? config.modules.filter((name) => name === 'storage' || name === 'nosql')
    : [];
  return {
    version: 1,
    description: `A benchmark laid out as SeBS does: ${basename(path)}.`,
    languages: Object.fromEntries(languages),
    modules,
    ...(positive(config.memory) ? { memory_mb: Math.round(config.memory) } : {}),
    ...(positive(config.timeout) ? { timeout_s: config.timeout } : {}),
    inputs: { ...SIZES },
  };
}

/**
 * Where the files of a benchmark lie that SeBS keeps beside its benchmarks: `data` in the folder, or the folder of the
 * same group and name below `benchmarks-data`, as in a checkout of SeBS. Undefined: it has none.
 */
export async function sebsDataFolder(path: string): Promise<string | undefined> {
  const group = dirname(path);
  const beside = join(dirname(dirname(group)), 'benchmarks-data', basename(group), basename(path));
  for (const folder of [join(path, 'data'), beside]) if (await exists(folder)) return folder;
  return undefined;
}

/** `"python"`, or `{ "language": "python", "variants": […] }`. */
function languageName(entry: unknown): string[] {
  if (typeof entry === 'string') return [entry];
  const language = typeof entry === 'object' && entry !== null && 'language' in entry ? entry.language : undefined;
  return typeof language === 'string' ? [language] : [];
}

/** Where only versioned requirements are there, only those versions are known to work. */
async function languageOf(
  path: string,
  language: string,
  refuse: (what: string) => never,
): Promise<BenchmarkFile['languages'][string]> {
  const names = await readdir(join(path, language)).catch(() =>
    refuse(`names ${language}, and there is no folder ${language}`),
  );
  const [first, ...others] = names.flatMap((name) => REQUIREMENTS.exec(name)?.[1] ?? []).sort();
  return first === undefined || names.includes('requirements.txt') ? {} : { versions: [first, ...others] };
}

function parse(text: string, refuse: (what: string) => never): Record<string, unknown> {
  try {
    const config: unknown = JSON.parse(text);
    if (typeof config === 'object' && config !== null && !Array.isArray(config))
      return config as Record<string, unknown>;
  } catch (error) {
    refuse(`is no JSON: ${messageOf(error)}`);
  }
  return refuse('is no JSON object');
}

function positive(value: unknown): value is number {
  return typeof value === 'number' && value > 0 && Number.isFinite(value);
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
