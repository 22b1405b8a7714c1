// Stage 3, packaging of a folder that is laid out as SeBS does: what is packed beside its function so that it runs
// unmodified, and the scripts it brings. Comes in: a benchmark, a package that is being built; goes out: files, and the
// scripts' work in the package. Scripts run where dependencies are installed, in a copy of the benchmark's folder, so
// that they can be run in a container and leave nothing in the user's.
import { access, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Benchmark } from './catalogue.js';
import { runBuildCommand } from './command.js';
import type { InstallOptions } from './dependencies.js';
import { copyFiles, type SourceFile, sourceFiles } from './source-tree.js';

const FOLDER = fileURLToPath(new URL('../../benchmarks/sebs-layout', import.meta.url));
/** In the package, while it is built. */
const COPY = '.benchmark';

const HANDLERS: Readonly<Record<string, string>> = { python: 'sebs_handler', nodejs: 'sebs-handler' };

/** Module that is called in the place of the function. */
export function sebsHandler(language: string): string {
  return HANDLERS[language] ?? 'function';
}

/** Its file, and in Node.js a client that `require` can load for each module. */
export async function sebsFiles(language: string, modules: readonly string[]): Promise<SourceFile[]> {
  const files = await sourceFiles(join(FOLDER, language));
  return files.flatMap((file) =>
    file.path === 'client.cjs' ? modules.map((module) => ({ ...file, path: `${module}.js` })) : [file],
  );
}

/** `init.sh` of the benchmark and of the language, in this order, each with the folder of the code. */
export async function runInitScripts(benchmark: Benchmark, options: InstallOptions): Promise<void> {
  const { folder, target } = options;
  const scripts = ['init.sh', `${target.language}/init.sh`];
  const present = (await Promise.all(scripts.map((name) => exists(join(benchmark.path, name))))).includes(true);
  if (!present) return;
  await copyFiles(await sourceFiles(benchmark.path), join(folder, COPY));
  for (const script of scripts)
    if (await exists(join(folder, COPY, script)))
      await bash(benchmark, options, [join(COPY, script), join(folder, 'function'), 'false', target.architecture]);
  await rm(join(folder, COPY), { recursive: true, force: true });
}

/** `package.sh` of the language, with the folder of what was installed: it makes that smaller. */
export async function runPackageScript(benchmark: Benchmark, options: InstallOptions): Promise<void> {
  const script = join('function', 'package.sh');
  const installed = join(options.folder, options.target.language === 'python' ? 'site-packages' : 'function');
  if ((await exists(join(options.folder, script))) && (await exists(installed)))
    await bash(benchmark, options, [script, installed]);
}

async function bash(benchmark: Benchmark, options: InstallOptions, args: string[]): Promise<void> {
  const { folder, source, env, signal, execute = runBuildCommand } = options;
  await execute({
    command: 'bash',
    args,
    cwd: folder,
    env,
    signal,
    rewrite: (output) =>
      output
        .replaceAll(join(folder, COPY), benchmark.path)
        .replaceAll(`${COPY}/`, `${benchmark.path}/`)
        .replaceAll(join(folder, 'function'), source),
    hint: (output) =>
      /command not found/.test(output)
        ? 'install that program where packages are built, or edit the script'
        : undefined,
  });
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
