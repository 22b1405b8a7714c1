// Platform `local`, making one image through the engine's own interface: a Dockerfile on a base that is its argument.
// Comes in: what to build; goes out: the image's id, or an error with the engine's words. The Dockerfiles run no command,
// so nothing of this machine (proxies, certificates, credentials) can get into an image.
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PlatformError } from '../../errors.js';
import type { DriverContext } from '../driver.js';
import { type Client, engineError, hasStatus } from './engine.js';
import type { Labels } from './tags.js';

export interface ImageMaking {
  client: Client;
  env: DriverContext['env'];
  signal: AbortSignal;
  /** What is under way, for people who wait. */
  say(text: string): void;
}

export interface ImageRecipe {
  name: string;
  dockerfile: string;
  base: string;
  labels: Labels;
  /** Holds `root/`, whose content the Dockerfile copies; absent where it copies nothing. */
  folder?: string;
}

export async function buildImage(making: ImageMaking, recipe: ImageRecipe): Promise<string> {
  const { client, signal } = making;
  const context = await mkdtemp(join(tmpdir(), 'sebs-image-'));
  try {
    await cp(recipe.dockerfile, join(context, 'Dockerfile'));
    if (recipe.folder === undefined) await mkdir(join(context, 'root'));
    else await cp(join(recipe.folder, 'root'), join(context, 'root'), { recursive: true, verbatimSymlinks: true });
    signal.throwIfAborted();
    const stream = await client.buildImage(
      { context, src: ['Dockerfile', 'root'] },
      { t: recipe.name, buildargs: { BASE: recipe.base }, labels: { ...recipe.labels }, rm: true, forcerm: true },
    );
    await drain(client, stream, `build ${recipe.name}`);
  } catch (error) {
    throw engineError(`image ${recipe.name}`, error);
  } finally {
    await rm(context, { recursive: true, force: true });
  }
  const id = await imageId(client, recipe.name);
  if (id === undefined) throw new PlatformError(`image ${recipe.name} was built and is not there`);
  return id;
}

/** Reads a stream of progress to its end; the engine tells of failures in it. */
export async function drain(client: Client, stream: NodeJS.ReadableStream, what: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    client.modem.followProgress(stream, (error: Error | null, lines: { error?: string }[]) => {
      const failed = error?.message ?? lines.find((line) => line.error !== undefined)?.error;
      if (failed === undefined) resolve();
      else reject(new PlatformError(`${what}: ${failed.trim()}`));
    });
  });
}

/** The digest of an image by its name; undefined when it is not there. */
export async function imageId(client: Client, name: string): Promise<string | undefined> {
  try {
    return (await client.getImage(name).inspect()).Id;
  } catch (error) {
    if (hasStatus(error, 404)) return undefined;
    throw engineError(`image ${name}`, error);
  }
}
