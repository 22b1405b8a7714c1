// Platform `process`, what this host offers: the runtimes found on it and how a worker of each is started. Comes in: the
// environment; goes out: facts, from one look at everything at once, because every start of sebs waits for it.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { messageOf } from '../../errors.js';

export interface Runtime {
  language: string;
  /** As suites name it: "3.11", "20". */
  version: string;
  /** As it is reported: "3.11.7". */
  fullVersion: string;
  /** Absolute path of the interpreter itself; a shim in front of it (pyenv) would cost every cold start 50 ms. */
  executable: string;
}

export interface HostRuntimes {
  found: readonly Runtime[];
  /** Language -> why it is not there, and what to do. */
  missing: Readonly<Record<string, string>>;
}

type Environment = Readonly<Record<string, string | undefined>>;

const PROBE_LIMIT_MS = 10_000;
const OLDEST_PYTHON: readonly [number, number] = [3, 8];
const PYTHON_HINT = 'install Python 3.8 or newer so that `python3` is on the PATH';
const ASK_PYTHON = 'import sys; print(sys.executable); print("%d.%d.%d" % sys.version_info[:3])';

export async function probeHost(env: Environment): Promise<HostRuntimes> {
  const python = await probePython(env);
  const node = nodeRuntime();
  return typeof python === 'string'
    ? { found: [node], missing: { python: python } }
    : { found: [python, node], missing: {} };
}

/**
 * The command of a worker. Python: without the user's and the host's site-packages (-s -S), so that a function has what
 * its lock file names and nothing else, as when it is deployed; and without writing bytecode (-B) into a package that
 * all sandboxes share.
 */
export function workerCommand(runtime: Pick<Runtime, 'language' | 'executable'>, packagePath: string): string[] {
  const { language, executable } = runtime;
  if (language === 'python') return [executable, '-s', '-S', '-B', join(packagePath, 'worker.py')];
  return [executable, join(packagePath, 'worker.mjs')];
}

/** Functions run on the Node.js that runs sebs: the one that is certain to be there. */
function nodeRuntime(): Runtime {
  const { node } = process.versions;
  return { language: 'nodejs', version: node.split('.')[0] ?? node, fullVersion: node, executable: process.execPath };
}

/** The runtime, or why there is none. */
async function probePython(env: Environment): Promise<Runtime | string> {
  let answer: string;
  try {
    answer = await outputOf('python3', ['-s', '-S', '-B', '-c', ASK_PYTHON], env);
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    return missing
      ? `there is no python3 on this host: ${PYTHON_HINT}`
      : `python3 does not run on this host (${messageOf(error).split('\n')[0]}): ${PYTHON_HINT}`;
  }
  const [executable = '', fullVersion = ''] = answer.trim().split('\n');
  const [major = 0, minor = 0] = fullVersion.split('.').map(Number);
  if (executable === '' || major === 0)
    return `python3 did not say which Python it is (${answer.trim()}): ${PYTHON_HINT}`;
  if (major < OLDEST_PYTHON[0] || (major === OLDEST_PYTHON[0] && minor < OLDEST_PYTHON[1]))
    return `python3 is ${fullVersion}, which is too old: ${PYTHON_HINT}`;
  return { language: 'python', version: `${major}.${minor}`, fullVersion, executable };
}

function outputOf(command: string, args: readonly string[], env: Environment): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(command, args, { env, timeout: PROBE_LIMIT_MS, killSignal: 'SIGKILL' }, (error, stdout) => {
      if (error === null) resolve(stdout);
      else reject(error);
    });
  });
}
