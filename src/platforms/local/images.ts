// Platform `local`, images: for each language and version one to build packages in and one to run sandboxes from, on a
// base that is an argument. Comes in: an engine; goes out: what is there, what was made, what was removed. An image is
// made once per content (Dockerfile and base) and kept; its names are fixed, so what a rebuild replaces loses its name
// and is pruned.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf, PlatformError } from '../../errors.js';
import { shortHash } from '../../hash.js';
import { PACKAGE_ROOT } from '../../package-root.js';
import type { PlatformImage } from '../driver.js';
import { bootstrapBase } from './bootstrap.js';
import { type Client, engineError, hasStatus } from './engine.js';
import { buildImage, drain, type ImageMaking, imageId } from './image-build.js';
import { runOnce } from './run-once.js';
import {
  CONTENT_LABEL,
  IMAGE_LABEL,
  LANGUAGE_LABEL,
  type Labels,
  RUNTIME_LABEL,
  SOURCE_LABEL,
  VERSION_LABEL,
  withLabels,
} from './tags.js';

/** Newest first. */
export const OFFERED: Readonly<Record<string, readonly string[]>> = {
  python: ['3.11'],
  nodejs: ['24', '22', '20'],
};

/** What a base is asked for its full version; the answer ends in it. */
const VERSION_COMMANDS: Readonly<Record<string, readonly string[]>> = {
  python: ['python3', '--version'],
  nodejs: ['node', '--version'],
};
/** A registry that can be reached and does not answer must not hold everything up; images are 50 MB. */
const PULL_LIMIT_MS = 10 * 60_000;
const ROLES = ['build', 'run'] as const;
type Role = (typeof ROLES)[number];
const OFFICIAL: Readonly<Record<string, string>> = { python: 'python', nodejs: 'node' };

/** `auto`: what is there, else official, else bootstrapped. Anything else names an image. */
export type Base = 'auto' | 'official' | 'bootstrap' | (string & {});

export interface LanguageImages {
  language: string;
  version: string;
  /** Full version of the runtime, e.g. 20.20.2. */
  runtime: string;
  source: string;
  /** Digests. */
  base: string;
  build: string;
  run: string;
}

/** Makes the images of a language, or takes them when they are there and were made from the same. */
export async function ensureImages(
  language: string,
  version: string,
  making: ImageMaking,
  base: Base = 'auto',
): Promise<LanguageImages> {
  const known = base === 'auto' ? await madeFromSame(language, version, making.client) : undefined;
  if (known !== undefined) return known;
  const { reference, source } = await baseFor(language, version, making, base);
  const baseId = await imageId(making.client, reference);
  if (baseId === undefined)
    throw new PlatformError(`there is no image ${reference}`, { hint: 'pull or build it first' });
  const runtime = await runtimeIn(reference, language, version, making);
  for (const role of ROLES) {
    const name = nameOf(role, language, version);
    const labels = {
      [IMAGE_LABEL]: role,
      [LANGUAGE_LABEL]: language,
      [VERSION_LABEL]: version,
      [RUNTIME_LABEL]: runtime,
      [SOURCE_LABEL]: source,
      [CONTENT_LABEL]: `${await dockerfileHash(role, language)}@${baseId}`,
    };
    if ((await inspected(making.client, name))?.labels[CONTENT_LABEL] === labels[CONTENT_LABEL]) continue;
    making.say(`building ${name}`);
    await buildImage(making, { name, dockerfile: dockerfileOf(role, language), base: reference, labels });
  }
  const made = await madeFromSame(language, version, making.client);
  if (made === undefined) throw new PlatformError(`the images of ${language}@${version} were built and are not there`);
  return made;
}

/** The images that are there, when both are, on one base, and the Dockerfiles are still the ones they were made from. */
export async function madeFromSame(
  language: string,
  version: string,
  client: Client,
): Promise<LanguageImages | undefined> {
  const [build, run] = await Promise.all([
    upToDate('build', language, version, client),
    upToDate('run', language, version, client),
  ]);
  if (build === undefined || run === undefined || build.base !== run.base) return undefined;
  const { [RUNTIME_LABEL]: runtime = '', [SOURCE_LABEL]: source = '' } = run.labels;
  return { language, version, runtime, source, base: run.base, build: build.id, run: run.id };
}

async function upToDate(
  role: Role,
  language: string,
  version: string,
  client: Client,
): Promise<{ id: string; base: string; labels: Labels } | undefined> {
  const image = await inspected(client, nameOf(role, language, version));
  const [dockerfile, base] = image?.labels[CONTENT_LABEL]?.split('@') ?? [];
  if (image === undefined || base === undefined) return undefined;
  return dockerfile === (await dockerfileHash(role, language)) ? { ...image, base } : undefined;
}

export async function listImages(client: Client): Promise<PlatformImage[]> {
  const found = await client.listImages({ filters: withLabels({ [IMAGE_LABEL]: undefined }) });
  return found
    .map(({ Id, RepoTags, Labels: labels, Size, Created }) => ({
      id: Id,
      name: RepoTags?.find((tag) => !tag.includes('<none>')) ?? '',
      role: labels?.[IMAGE_LABEL] ?? '',
      language: labels?.[LANGUAGE_LABEL] ?? '',
      version: labels?.[VERSION_LABEL] ?? '',
      runtime: labels?.[RUNTIME_LABEL] ?? '',
      source: labels?.[SOURCE_LABEL] ?? '',
      sizeBytes: Size,
      createdAt: new Date(Created * 1000).toISOString(),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Removes images that a rebuild replaced; with `all`, every image of ours that no container uses. */
export async function pruneImages(
  client: Client,
  all: boolean,
): Promise<{ removed: PlatformImage[]; inUse: PlatformImage[] }> {
  const removed: PlatformImage[] = [];
  const inUse: PlatformImage[] = [];
  const order = ['run', 'build', 'base'];
  const listed = (await listImages(client)).sort((a, b) => order.indexOf(a.role) - order.indexOf(b.role));
  // What was built on a base goes before it.
  for (const image of listed.filter(({ name }) => all || name === '')) {
    try {
      await client.getImage(image.name === '' ? image.id : image.name).remove();
      removed.push(image);
    } catch (error) {
      if (hasStatus(error, 404)) continue;
      if (!hasStatus(error, 409)) throw engineError(`image ${image.name || image.id}`, error);
      inUse.push(image);
    }
  }
  return { removed, inUse };
}

export function nameOf(role: Role, language: string, version: string): string {
  return `sebs-${role}:${language}-${version}`;
}

function dockerfileOf(role: Role, language: string): string {
  return join(PACKAGE_ROOT, 'docker', language, `${role}.Dockerfile`);
}

async function dockerfileHash(role: Role, language: string): Promise<string> {
  return shortHash(await readFile(dockerfileOf(role, language), 'utf8'));
}

async function inspected(client: Client, name: string): Promise<{ id: string; labels: Labels } | undefined> {
  try {
    const { Id, Config } = await client.getImage(name).inspect();
    return { id: Id, labels: Config.Labels ?? {} };
  } catch (error) {
    if (hasStatus(error, 404)) return undefined;
    throw engineError(`image ${name}`, error);
  }
}

/** What to build on, and where it is from. */
async function baseFor(
  language: string,
  version: string,
  making: ImageMaking,
  base: Base,
): Promise<{ reference: string; source: string }> {
  if (base === 'bootstrap') return { reference: await bootstrapBase(language, version, making), source: 'bootstrap' };
  if (base !== 'auto' && base !== 'official') return { reference: base, source: base };
  const official = `${OFFICIAL[language]}:${version}-slim`;
  const there = await pulled(official, making);
  if (there === true) return { reference: official, source: 'official' };
  if (base === 'official') throw new PlatformError(`${official} cannot be pulled: ${there}`);
  making.say(`${official} cannot be pulled (${there})`);
  return { reference: await bootstrapBase(language, version, making), source: 'bootstrap' };
}

/** Whether an image is there now; else why it could not be had. */
async function pulled(reference: string, { client, say, signal }: ImageMaking): Promise<true | string> {
  if ((await imageId(client, reference)) !== undefined) return true;
  say(`pulling ${reference}`);
  try {
    const abortSignal = AbortSignal.any([signal, AbortSignal.timeout(PULL_LIMIT_MS)]);
    await drain(client, await client.pull(reference, { abortSignal }), `pull ${reference}`);
    return true;
  } catch (error) {
    signal.throwIfAborted();
    return messageOf(error).split('\n')[0] ?? '';
  }
}

async function runtimeIn(reference: string, language: string, version: string, making: ImageMaking): Promise<string> {
  const command = VERSION_COMMANDS[language] ?? [];
  const said = await runOnce(making, { image: reference, command });
  const runtime = /(\d+\.\d+\.\d+)/.exec(said.output)?.[1];
  if (said.code !== 0 || runtime === undefined)
    throw new PlatformError(
      `${reference} is no base for ${language}: \`${command.join(' ')}\` said ${said.output.trim()}`,
    );
  if (runtime.startsWith(`${version}.`)) return runtime;
  throw new PlatformError(`${reference} has ${language} ${runtime}, not ${version}`, {
    hint: `name another base, or build it as ${language}@${runtime.split('.').slice(0, 2).join('.')}`,
  });
}
