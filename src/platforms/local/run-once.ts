// Platform `local`, one command in a container that is gone afterwards: asking a base for its version, installing a
// package's dependencies. Comes in: an image and a command; goes out: its exit code and what it wrote. The container
// carries no run's label; it is removed by the engine when it ends, and by us when we are told to stop.
import { PassThrough } from 'node:stream';
import { engineError } from './engine.js';
import type { ImageMaking } from './image-build.js';

export interface Command {
  image: string;
  command: readonly string[];
  cwd?: string;
  /** Paths of this machine, mounted under the names given. */
  mounts?: readonly { source: string; target: string; readOnly: boolean }[];
  environment?: Readonly<Record<string, string>>;
  /** `uid:gid`. */
  user?: string;
  /** The network of this machine: a proxy or a registry may listen on its loopback. */
  hostNetwork?: boolean;
}

const KEPT_CHARACTERS = 64 * 1024;

export async function runOnce(
  { client, signal }: Pick<ImageMaking, 'client' | 'signal'>,
  command: Command,
): Promise<{ code: number; output: string }> {
  signal.throwIfAborted();
  const [program = '', ...args] = command.command;
  try {
    const container = await client.createContainer({
      Image: command.image,
      Entrypoint: [program],
      Cmd: args,
      Labels: { 'sebs-command': program },
      Env: Object.entries(command.environment ?? {}).map(([name, value]) => `${name}=${value}`),
      ...(command.cwd === undefined ? {} : { WorkingDir: command.cwd }),
      ...(command.user === undefined ? {} : { User: command.user }),
      HostConfig: {
        CapDrop: ['ALL'],
        SecurityOpt: ['no-new-privileges'],
        NetworkMode: command.hostNetwork === true ? 'host' : 'none',
        LogConfig: { Type: 'none', Config: {} },
        Mounts: (command.mounts ?? []).map(({ source, target, readOnly }) => ({
          Type: 'bind' as const,
          Source: source,
          Target: target,
          ReadOnly: readOnly,
        })),
      },
    });
    const end = (): void => void container.remove({ force: true }).catch(() => undefined);
    signal.addEventListener('abort', end, { once: true });
    try {
      const output = collect(client, await container.attach({ stream: true, stdout: true, stderr: true }));
      const exit = container.wait({ condition: 'next-exit' }) as Promise<{ StatusCode: number }>;
      exit.catch(() => undefined);
      await container.start();
      const [{ StatusCode }, text] = await Promise.all([exit, output]);
      signal.throwIfAborted();
      return { code: StatusCode, output: text };
    } finally {
      signal.removeEventListener('abort', end);
      await container.remove({ force: true, v: true }).catch(() => undefined);
    }
  } catch (error) {
    signal.throwIfAborted();
    throw engineError(`${program} in a container of ${command.image}`, error);
  }
}

/** The end of what a container writes, to both its outputs. */
async function collect(
  client: { modem: { demuxStream(from: unknown, out: unknown, err: unknown): void } },
  stream: NodeJS.ReadableStream,
): Promise<string> {
  const both = new PassThrough();
  client.modem.demuxStream(stream, both, both);
  stream.on('end', () => both.end());
  stream.on('close', () => both.end());
  let text = '';
  for await (const chunk of both.setEncoding('utf8')) text = (text + String(chunk)).slice(-KEPT_CHARACTERS);
  return text;
}
