// `sebs images build|list|prune`: the container images that packages are made in and functions run from. Comes in: which
// languages, on which base; goes out: tables. Whichever platforms have images are asked.
import { EXIT, UsageError } from '../errors.js';
import type { ImageStore, PlatformImage } from '../platforms/driver.js';
import { platformTypes } from '../platforms/registry.js';
import { formatBytes, plural } from '../units.js';
import type { CommandContext, CommandResult } from './command.js';
import { askPlatform, plainPlatform } from './platform-drivers.js';
import { table } from './table.js';

export interface ImagesBuildOptions {
  /** `auto`, `official`, `bootstrap`, or the name of an image. */
  base: string;
}

export async function imagesBuild(
  wanted: readonly string[],
  { base }: ImagesBuildOptions,
  context: CommandContext,
): Promise<CommandResult> {
  const say = (text: string): void => void context.stderr.write(`${text}\n`);
  const images = await ofEach(context, async (store) => {
    const names = wanted.length > 0 ? wanted : store.offered;
    const unknown = names.find((name) => !store.offered.includes(name));
    if (unknown !== undefined)
      throw new UsageError(`there are no images for ${unknown}`, { hint: `there are for ${store.offered.join(', ')}` });
    const named = !['auto', 'official', 'bootstrap'].includes(base);
    if (named && names.length !== 1)
      throw new UsageError(`${base} is a base for one language`, { hint: 'name the language, e.g. python@3.11' });
    const built: PlatformImage[] = [];
    for (const name of names) built.push(...(await store.build(name, { base, say, signal: context.signals.drain })));
    return built;
  });
  return { exitCode: EXIT.ok, text: tableOf(images), data: images };
}

export async function imagesList(context: CommandContext): Promise<CommandResult> {
  const images = await ofEach(context, (store) => store.list());
  const text = images.length === 0 ? 'no images yet: sebs images build makes them' : tableOf(images);
  return { exitCode: EXIT.ok, text, data: images };
}

export async function imagesPrune({ all }: { all: boolean }, context: CommandContext): Promise<CommandResult> {
  const results = await ofEach(context, async (store) => [await store.prune(all)]);
  const removed = results.flatMap((result) => result.removed);
  const inUse = results.flatMap((result) => result.inUse);
  const lines = [`removed ${plural(removed.length, 'image')}`];
  if (inUse.length > 0) lines.push(`left ${plural(inUse.length, 'image')} that something is using`);
  return { exitCode: EXIT.ok, text: lines.join('\n'), data: { removed, inUse } };
}

async function ofEach<Item>(
  { env }: CommandContext,
  ask: (store: ImageStore) => Promise<readonly Item[]>,
): Promise<Item[]> {
  const answers: Item[] = [];
  for (const type of platformTypes())
    await askPlatform({ platform: plainPlatform(type), env }, async ({ driver }) => {
      if (driver.images !== undefined) answers.push(...(await ask(driver.images)));
    });
  return answers;
}

function tableOf(images: readonly PlatformImage[]): string {
  const rows = images.map(({ name, id, role, language, runtime, source, sizeBytes, createdAt }) => [
    name === '' ? '(replaced)' : name,
    id.replace('sha256:', '').slice(0, 12),
    role,
    [language, runtime].filter(Boolean).join(' '),
    source,
    formatBytes(sizeBytes),
    createdAt,
  ]);
  return table(['image', 'digest', 'for', 'runtime', 'base', 'size', 'made'], rows, [5]);
}
