// What exists in the simulated cloud: its functions, as files of this host outside every run folder, so that they outlive a
// killed run and are found by listing, as on a real cloud. Comes in: resources; goes out: what is there. A file for each
// function, written in one step, so that processes need no lock.
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { ResourceRef } from '../driver.js';

export interface Cloud {
  /** Of a function that is there. */
  contentOf(id: string): string | undefined;
  put(id: string, content: string): void;
  /** Nothing happens when it is gone. */
  remove(id: string): void;
  list(runId?: string): (ResourceRef & { runId: string })[];
}

/** @param folder of the cloud, shared by all runs of this user. */
export function openCloud(folder: string, runId: string, platformId: string): Cloud {
  const own = join(folder, encodeURIComponent(runId), encodeURIComponent(platformId));
  const fileOf = (id: string): string => join(own, encodeURIComponent(id));

  return {
    contentOf: (id) => (existsSync(fileOf(id)) ? readFileSync(fileOf(id), 'utf8') : undefined),
    put(id, content) {
      mkdirSync(own, { recursive: true });
      writeFileSync(`${fileOf(id)}.next`, content);
      renameSync(`${fileOf(id)}.next`, fileOf(id));
    },
    remove(id) {
      rmSync(fileOf(id), { force: true });
      for (const emptied of [own, join(own, '..')]) removeIfEmpty(emptied);
    },
    list: (wanted) =>
      namesIn(folder)
        .filter((run) => wanted === undefined || run === encodeURIComponent(wanted))
        .flatMap((run) => namesIn(join(folder, run)).flatMap((platform) => functionsIn(folder, run, platform))),
  };
}

function functionsIn(folder: string, run: string, platform: string): (ResourceRef & { runId: string })[] {
  const [runId, platformId] = [decodeURIComponent(run), decodeURIComponent(platform)];
  return namesIn(join(folder, run, platform))
    .filter((name) => !name.endsWith('.next'))
    .map((name) => ({ runId, platform: platformId, kind: 'function', id: decodeURIComponent(name) }));
}

function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // Something is in it, or it is gone: both are as they should be.
  }
}

function namesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}
