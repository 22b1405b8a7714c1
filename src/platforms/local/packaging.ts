// Platform `local`, where packages get their dependencies: in a container of the build image, so that they fit the
// sandbox and not this machine. Comes in: a build command; goes out: nothing, or its failure. The package is mounted
// under the path it has here, downloads are kept in a folder of the cache, and the CA bundle of this machine is mounted
// for networks that inspect TLS; none of it gets into an image.
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type BuildCommand, failedBuild } from '../../benchmarks/command.js';
import type { Client } from './engine.js';
import { runOnce } from './run-once.js';

export interface BuildPlace {
  client: Client;
  /** Digest of the build image. */
  image: string;
  cacheDir: string;
}

type Environment = BuildCommand['env'];

const BUILD_LIMIT_MS = 10 * 60_000;
const CA_BUNDLE = '/run/sebs-ca-certificates.crt';
/** Where this machine says that its certificates are, and what each tool in the container listens to. */
const CA_SOURCES = ['NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE', 'REQUESTS_CA_BUNDLE', 'PIP_CERT', 'CURL_CA_BUNDLE'];
const CA_READERS = ['NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE', 'REQUESTS_CA_BUNDLE', 'PIP_CERT'];
/** Where to download from, and through what; paths of this machine mean nothing in the container. */
const PASSED =
  /^(https?_proxy|no_proxy|all_proxy|PIP_(INDEX_URL|EXTRA_INDEX_URL|TRUSTED_HOST|DEFAULT_TIMEOUT|RETRIES)|npm_config_(registry|.*:_authToken|fetch_.*|strict_ssl))$/i;

export function containerBuilder(place: BuildPlace): (command: BuildCommand) => Promise<void> {
  return async (command) => {
    const { client, image } = place;
    const downloads = join(place.cacheDir, 'downloads');
    for (const tool of ['pip', 'npm']) mkdirSync(join(downloads, tool), { recursive: true });
    const bundle = caBundle(command.env);
    const limit = AbortSignal.timeout(BUILD_LIMIT_MS);
    const { code, output } = await runOnce(
      { client, signal: AbortSignal.any([command.signal, limit]) },
      {
        image,
        command: [command.command, ...command.args],
        cwd: command.cwd,
        hostNetwork: true,
        user: `${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`,
        environment: { ...passedOn(command.env), ...(bundle === undefined ? {} : readers()) },
        mounts: [
          { source: command.cwd, target: command.cwd, readOnly: false },
          { source: downloads, target: '/cache', readOnly: false },
          ...(bundle === undefined ? [] : [{ source: bundle, target: CA_BUNDLE, readOnly: true }]),
        ],
      },
    ).catch((error: unknown) => {
      if (!limit.aborted || command.signal.aborted) throw error;
      throw failedBuild(command, `no result after ${BUILD_LIMIT_MS / 60_000} minutes`, '');
    });
    if (code !== 0)
      throw failedBuild({ ...command, hint: (text) => command.hint?.(text) ?? tlsHint(text) }, code, output);
  };
}

/** The first bundle that the environment names and that is there. */
export function caBundle(env: Environment): string | undefined {
  return CA_SOURCES.map((name) => env[name]).find((path) => path !== undefined && path !== '' && existsSync(path));
}

export function passedOn(env: Environment): Record<string, string> {
  const kept = Object.entries(env).filter((entry): entry is [string, string] => {
    return entry[1] !== undefined && PASSED.test(entry[0]);
  });
  return Object.fromEntries(kept);
}

function readers(): Record<string, string> {
  return Object.fromEntries(CA_READERS.map((name) => [name, CA_BUNDLE]));
}

function tlsHint(output: string): string | undefined {
  if (!/certificate|SELF_SIGNED|UNABLE_TO_(GET|VERIFY)/i.test(output)) return undefined;
  return 'this network inspects TLS: set NODE_EXTRA_CA_CERTS or SSL_CERT_FILE to its CA bundle, which is then mounted';
}
