// Stage 3, the ledger: what was created outside the run folder, and whether it is gone again. Comes in: the calls of the
// drivers; goes out: raw/ledger.jsonl, and the entries that are still open.
import type { LedgerLine, ResourceRef } from '../generated/ledger.js';
import type { Ledger } from '../platforms/driver.js';
import { type AppendLog, openAppendLog, readLog } from './append-log.js';
import { withHome, withoutHome } from './places.js';

export interface OpenLedger extends Ledger {
  /** Resources that were intended or created and are not known to be gone, newest first. */
  open(): ResourceRef[];
  close(): void;
}

export function openLedger(path: string): OpenLedger {
  const log: AppendLog<LedgerLine> = openAppendLog(path);
  const states = statesOf(readLedger(path));

  function record(state: LedgerLine['state'], resource: ResourceRef, note?: string): void {
    const line: LedgerLine = {
      entry: entryOf(resource),
      at: new Date().toISOString(),
      state,
      resource,
      ...(note === undefined ? {} : { note }),
    };
    states.set(line.entry, line);
    log.append(withLocation(line, withoutHome));
  }

  return {
    intend: (resource) => record('intended', resource),
    created: (resource) => record('created', resource),
    removed: (resource) => record('removed', resource),
    kept: (resource, note) => record('kept', resource, note),
    failed: (resource, note) => record('failed', resource, note),
    open: () => openResources(states),
    close: () => log.close(),
  };
}

/** The lines of a ledger; a location in the user's home folder is written with `~`, so that the file does not tell it. */
export function readLedger(path: string): LedgerLine[] {
  return readLog<LedgerLine>(path).map((line) => withLocation(line, withHome));
}

function withLocation(line: LedgerLine, change: (location: string) => string): LedgerLine {
  const { location } = line.resource;
  if (location === undefined) return line;
  return { ...line, resource: { ...line.resource, location: change(location) } };
}

function statesOf(lines: readonly LedgerLine[]): Map<string, LedgerLine> {
  return new Map(lines.map((line) => [line.entry, line]));
}

function openResources(states: ReadonlyMap<string, LedgerLine>): ResourceRef[] {
  return [...states.values()]
    .filter(({ state }) => state !== 'removed' && state !== 'kept')
    .map(({ resource }) => resource)
    .reverse();
}

function entryOf(resource: ResourceRef): string {
  return `${resource.platform}/${resource.kind}/${resource.id}`;
}
