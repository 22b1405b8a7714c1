// Stage 3, packaging: installs what a function depends on, from its lock file alone where the layout has one, and compiles
// it ahead. Comes in: a package folder with the code in function/; goes out: the same folder, complete. One entry per
// language; a language without an entry has nothing to install.
import { access, copyFile, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { messageOf, PackageError } from '../errors.js';
import { type BuildCommand, runBuildCommand } from './command.js';
import { requirementsOf, type Target } from './requirements.js';

export interface Runtime {
  /** As it is reported, e.g. "3.11.7". */
  version: string;
  /** Absolute path of the interpreter, or its name where commands are executed elsewhere. */
  executable: string;
  /** Its npm; absent: the one beside it, or on the PATH. */
  npm?: string;
}

export interface InstallOptions {
  /** The package that is being built. */
  folder: string;
  /** Where its function/ was copied from; messages name this one. */
  source: string;
  target: Target;
  runtime: Runtime;
  env: BuildCommand['env'];
  signal: AbortSignal;
  /** Where commands run; on this machine when nothing is said. The package has the same path there. */
  execute?: ((command: BuildCommand) => Promise<void>) | undefined;
}

const INSTALLERS: Readonly<Record<string, (options: InstallOptions) => Promise<void>>> = {
  python: async (options) => {
    await pipInstall(options);
    await compilePython(options);
  },
  nodejs: npmInstall,
};

/** Throws PackageError with the command that failed. */
export async function installDependencies(options: InstallOptions): Promise<void> {
  await INSTALLERS[options.target.language]?.(options);
}

async function pipInstall(options: InstallOptions): Promise<void> {
  const code = join(options.folder, 'function');
  const found = await requirementsOf(options.target, code);
  if (found === undefined || !(await namesPackages(join(code, found.file)))) return;
  const lock = found.pinned ? ['--require-hashes', '--only-binary=:all:'] : [];
  const flags = [...lock, '--no-compile', '--no-input', '--no-warn-script-location', '--disable-pip-version-check'];
  const what = ['--target', 'site-packages', '-r', join(code, found.file)];
  await python(options, ['-m', 'pip', 'install', ...flags, ...what], pipHint);
}

function pipHint(output: string): string | undefined {
  if (output.includes('No module named pip')) return 'install pip for this Python, e.g. apt-get install python3-pip';
  if (output.includes('require-hashes'))
    return 'write the lock with hashes: pip-compile --generate-hashes -o requirements.lock requirements.in';
  if (output.includes('No matching distribution')) return 'the lock has no wheel for this Python version and platform';
  return undefined;
}

/**
 * Sandboxes must start as a deployed package does, without compiling and without writing into the cache. `unchecked`:
 * the content hash has decided already that byte code and source belong together.
 */
async function compilePython(options: InstallOptions): Promise<void> {
  const compile = ['-m', 'compileall', '-q', '--invalidation-mode', 'unchecked-hash'];
  await python(
    options,
    [...compile, '-x', '[/\\\\]site-packages[/\\\\]', '.'],
    () => 'mend the function and run again',
  );
  if (!(await exists(join(options.folder, 'site-packages')))) return;
  // Libraries may carry templates and files for other versions that do not compile, and work nevertheless.
  const tolerant = ['-c', 'import compileall as c, py_compile as p; c.compile_dir("site-packages", quiet=2,'];
  tolerant[1] += ' invalidation_mode=p.PycInvalidationMode.UNCHECKED_HASH)';
  await python(options, tolerant, () => undefined);
}

async function python(options: InstallOptions, args: string[], hint: NonNullable<BuildCommand['hint']>): Promise<void> {
  const { folder, runtime, env, signal, execute = runBuildCommand } = options;
  const rewrite = sourceNames(options);
  await execute({ command: runtime.executable, args, cwd: folder, env, signal, hint, rewrite });
}

/** The copy in the package goes away with the failed build: errors name the file the user can mend. */
function sourceNames({ folder, source }: InstallOptions): (output: string) => string {
  return (output) => output.replaceAll(join(folder, 'function'), source).replaceAll('./function', source);
}

async function namesPackages(requirements: string): Promise<boolean> {
  const lines = (await readFile(requirements, 'utf8')).split('\n');
  return lines.some((line) => line.trim() !== '' && !line.trim().startsWith('#'));
}

async function npmInstall(options: InstallOptions): Promise<void> {
  const { folder, source, target, runtime, env, signal, execute = runBuildCommand } = options;
  const cwd = join(folder, 'function');
  const found = await requirementsOf(target, cwd);
  if (found?.file.startsWith('package.json.') === true)
    await copyFile(join(cwd, found.file), join(cwd, 'package.json'));
  if (found === undefined || !(await dependsOnPackages(cwd, source))) return;
  if (!found.pinned && target.layout !== 'sebs')
    throw new PackageError(`${join(source, 'package.json')} has dependencies, but no package-lock.json is beside it`, {
      hint: `run npm install --package-lock-only in ${source} and commit the lock`,
    });
  const beside = join(dirname(runtime.executable), 'npm');
  const path = [dirname(runtime.executable), env.PATH].filter((part) => part !== undefined && part !== '').join(':');
  await execute({
    command: runtime.npm ?? ((await exists(beside)) ? beside : 'npm'),
    args: [...npmVerb(found.pinned, target), '--no-audit', '--no-fund', '--no-update-notifier', '--prefix', cwd],
    cwd,
    env: { ...env, PATH: path },
    signal,
    rewrite: (output) => sourceNames(options)(withoutUsage(output)),
    hint: (output) =>
      output.includes('in sync') ? `run npm install --package-lock-only in ${source} and commit the lock` : undefined,
  });
}

/** Folders of SeBS bring scripts of their own in any case, and some of their packages need theirs. */
function npmVerb(pinned: boolean, { layout }: Target): string[] {
  const verb = pinned ? ['ci'] : ['install', '--no-package-lock'];
  return [...verb, '--omit=dev', ...(layout === 'sebs' ? [] : ['--ignore-scripts'])];
}

/** npm follows some errors by its whole usage, which would push the cause out of what is shown. */
function withoutUsage(output: string): string {
  return output.replace(/npm (error|ERR!) Clean install a project[\s\S]*?(?=npm \1 A complete log|$)/, '');
}

async function dependsOnPackages(folder: string, source: string): Promise<boolean> {
  const file = join(folder, 'package.json');
  if (!(await exists(file))) return false;
  try {
    const declared = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
    return ['dependencies', 'optionalDependencies'].some((key) => Object.keys(declared[key] ?? {}).length > 0);
  } catch (error) {
    throw new PackageError(`${join(source, 'package.json')} is no JSON: ${messageOf(error)}`, { cause: error });
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
