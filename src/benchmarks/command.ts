// Stage 3, packaging: runs one build command (pip, npm, the Python compiler). Comes in: the command, its environment, a
// signal; goes out: nothing, or a PackageError with the command, its exit code and the last lines it wrote. The command
// is a process group of its own, so that ending it ends its helpers too.
import { spawn } from 'node:child_process';
import { PackageError } from '../errors.js';

export interface BuildCommand {
  command: string;
  args: readonly string[];
  cwd: string;
  env: Readonly<Record<string, string | undefined>>;
  signal: AbortSignal;
  /** What to do when it fails; may depend on what the command wrote. */
  hint?: (output: string) => string | undefined;
  /** Applied to the output before it is shown, e.g. to name the user's file in place of our copy. */
  rewrite?: (output: string) => string;
}

const DEADLINE_MS = 10 * 60_000;
const KEPT_CHARACTERS = 64 * 1024;
const SHOWN_LINES = 30;
/** Set by `npm run` and `npx` for their own child, or by a user for their own programs: they would redirect the build. */
const MISLEADING =
  /^(npm_config_(local_|global_)?prefix|npm_config_global|npm_config_workspaces?|npm_(lifecycle|package)_.*|NODE_OPTIONS|PYTHONPATH|PYTHONHOME|PIP_TARGET|PIP_PREFIX|PIP_USER)$/i;
const SECRET_NAME = /token|secret|passw|auth|credential|_key$|apikey/i;

/** Resolves when the command ends with 0. Rejects with PackageError, or with the signal's reason when it was aborted. */
export async function runBuildCommand(build: BuildCommand): Promise<void> {
  build.signal.throwIfAborted();
  const { code, output } = await run(build);
  build.signal.throwIfAborted();
  if (code !== 0) throw failedBuild(build, code, output);
}

/** A command that ended with something else than 0, wherever it ran. */
export function failedBuild(build: BuildCommand, code: number | string, output: string): PackageError {
  const shown = build.rewrite === undefined ? output : build.rewrite(output);
  return buildError(build, `ended with ${code}`, withoutSecrets(shown, build.env), build.hint?.(output));
}

/** The environment of a build: everything handed in (proxies, CA bundles, caches) but what would redirect it. */
export function buildEnvironment(env: BuildCommand['env']): Record<string, string> {
  const kept = Object.entries(env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !MISLEADING.test(entry[0]),
  );
  // From Node.js 22 on npm keeps compiled code among the temporary files, which would be left there.
  return { ...Object.fromEntries(kept), NODE_DISABLE_COMPILE_CACHE: '1' };
}

/** Credentials in addresses, and the values of variables whose names say that they are secret. */
export function withoutSecrets(text: string, env: BuildCommand['env']): string {
  const secrets = Object.entries(env)
    .filter(([name, value]) => SECRET_NAME.test(name) && value !== undefined && value.length >= 6)
    .map(([, value]) => value as string)
    .sort((a, b) => b.length - a.length);
  const plain = secrets.reduce((shown, secret) => shown.replaceAll(secret, '***'), text);
  return plain.replace(/(\w+:\/\/)[^/\s:@]*(:[^/\s@]*)?@/g, '$1***@');
}

function run(build: BuildCommand): Promise<{ code: number | string; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(build.command, build.args, {
      cwd: build.cwd,
      env: buildEnvironment(build.env),
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    const keep = (chunk: string): void => {
      output = (output + chunk).slice(-KEPT_CHARACTERS);
    };
    child.stdout.setEncoding('utf8').on('data', keep);
    child.stderr.setEncoding('utf8').on('data', keep);
    const end = (): void => endGroup(child.pid);
    const deadline = setTimeout(() => {
      keep(`\nnot done after ${DEADLINE_MS / 60_000} minutes`);
      end();
    }, DEADLINE_MS);
    build.signal.addEventListener('abort', end, { once: true });
    const done = (): void => {
      clearTimeout(deadline);
      build.signal.removeEventListener('abort', end);
    };
    child.on('error', (error: NodeJS.ErrnoException) => {
      done();
      const missing = error.code === 'ENOENT' ? 'is not there' : error.message;
      reject(buildError(build, `cannot be started: ${build.command} ${missing}`, '', build.hint?.(error.message)));
    });
    child.on('close', (code, signal) => {
      done();
      // Whatever it left in its group: a helper that outlives it would write into a folder that is about to move.
      end();
      resolve({ code: code ?? signal ?? 'no exit code', output });
    });
  });
}

/** SIGKILL: what it wrote so far is thrown away in any case. */
function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function buildError(build: BuildCommand, what: string, output: string, hint: string | undefined): PackageError {
  const lines = output.trimEnd().split('\n').slice(-SHOWN_LINES).join('\n');
  const command = withoutSecrets([build.command, ...build.args].join(' '), build.env);
  return new PackageError(`\`${command}\` ${what}${lines === '' ? '' : `:\n${lines}`}`, {
    ...(hint === undefined ? {} : { hint }),
  });
}
