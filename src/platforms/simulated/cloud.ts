// What exists in the simulated cloud: functions, and the logs of their invocations, as files of this host outside every
// run folder, so that they outlive a killed run and are found by listing, as on a real cloud. Comes in: resources and log
// lines; goes out: what is there. A file for each function, written in one step, so that processes need no lock.
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { ResourceRef } from '../driver.js';

/** What the platform says of one invocation, once that can be read. */
export interface LogLine {
  request_id: string;
  /** On the played clock. */
  visible_us: number;
  init_us?: number;
  execution_us: number;
  billed_us: number;
}

export interface Cloud {
  /** Of a function that is there. */
  contentOf(id: string): string | undefined;
  put(id: string, content: string): void;
  /** Nothing happens when it is gone. */
  remove(resource: ResourceRef): void;
  list(runId?: string): (ResourceRef & { runId: string })[];
  /** A group is what is written and read together. */
  log(group: string, line: LogLine): void;
  logs(group: string): LogLine[];
  /** Closes its files; they stay. */
  close(): void;
}

export const FUNCTION = 'function';
export const LOGS = 'logs';

/** @param folder of the cloud, shared by all runs of this user. */
export function openCloud(folder: string, runId: string, platformId: string): Cloud {
  const own = join(folder, encodeURIComponent(runId), encodeURIComponent(platformId));
  const fileOf = (kind: string, id: string): string => join(own, kind, encodeURIComponent(id));
  let open: { group: string; file: number } | undefined;

  function close(): void {
    if (open !== undefined) closeSync(open.file);
    open = undefined;
  }

  function logFile(group: string): number {
    if (open?.group === group) return open.file;
    close();
    mkdirSync(join(own, LOGS), { recursive: true });
    open = { group, file: openSync(fileOf(LOGS, group), 'a') };
    return open.file;
  }

  return {
    contentOf(id) {
      const path = fileOf(FUNCTION, id);
      return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
    },
    put(id, content) {
      mkdirSync(join(own, FUNCTION), { recursive: true });
      const path = fileOf(FUNCTION, id);
      writeFileSync(`${path}.next`, content);
      renameSync(`${path}.next`, path);
    },
    remove({ kind, id }) {
      close();
      rmSync(kind === LOGS ? join(own, LOGS) : fileOf(FUNCTION, id), { recursive: true, force: true });
      for (const emptied of [join(own, FUNCTION), own, join(own, '..')]) removeIfEmpty(emptied);
    },
    list: (wanted) =>
      foldersIn(folder)
        .filter((run) => wanted === undefined || run === encodeURIComponent(wanted))
        .flatMap((run) => foldersIn(join(folder, run)).flatMap((platform) => resourcesIn(folder, run, platform))),
    log(group, line) {
      writeSync(logFile(group), `${JSON.stringify(line)}\n`);
    },
    logs(group) {
      const path = fileOf(LOGS, group);
      if (!existsSync(path)) return [];
      // What follows the last line break was being written when a run was killed.
      const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
      return lines.map((line) => JSON.parse(line) as LogLine);
    },
    close,
  };
}

/** All logs of a run's platform are one resource. */
export function logsResource(platform: string, runId: string): ResourceRef {
  return { platform, kind: LOGS, id: `logs of ${runId}` };
}

function resourcesIn(folder: string, run: string, platform: string): (ResourceRef & { runId: string })[] {
  const [runId, platformId] = [decodeURIComponent(run), decodeURIComponent(platform)];
  const place = join(folder, run, platform);
  const functions = namesIn(join(place, FUNCTION)).filter((name) => !name.endsWith('.next'));
  return [
    ...functions.map((name) => ({ runId, platform: platformId, kind: FUNCTION, id: decodeURIComponent(name) })),
    ...(existsSync(join(place, LOGS)) ? [{ runId, ...logsResource(platformId, runId) }] : []),
  ];
}

function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // Something is in it, or it is gone: both are as they should be.
  }
}

function foldersIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
}

function namesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}
