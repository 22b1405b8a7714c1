// The ledger of a run as commands see it after the run: what was created outside the run folder and is not known to be
// gone. Comes in: a run folder; goes out: open entries, and a ledger that notes what a later clean-up removed.
// raw/ is sealed when a run closes and sealed files never change, so what happens after that goes to `cleaned.jsonl`
// beside it; the latest line of an entry, over both files, is its state.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { LedgerLine, ResourceRef } from '../generated/ledger.js';
import type { RunFolder } from '../results/run-folder.js';
import { mendLog } from '../run/append-log.js';
import { type OpenLedger, openLedger, readLedger } from '../run/ledger.js';

export interface OpenEntry {
  resource: ResourceRef;
  /** What was kept on purpose is still there too. */
  state: Exclude<LedgerLine['state'], 'removed'>;
  note?: string;
}

/** Everything whose last line does not say `removed`, in order of its first line. */
export function openEntries(folder: RunFolder): OpenEntry[] {
  const last = new Map<string, LedgerLine>();
  const lines = [folder.ledger, cleanedFile(folder)].flatMap(readLedger);
  // By time, not by file: a run that is resumed after a clean-up creates things of the same name again.
  for (const line of lines.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))) last.set(line.entry, line);
  return [...last.values()].flatMap(({ resource, state, note }) =>
    state === 'removed' ? [] : [{ resource, state, ...(note === undefined ? {} : { note }) }],
  );
}

/** Where a clean-up after the run writes: the ledger itself while raw/ is not sealed. Close it. */
export function laterLedger(folder: RunFolder): OpenLedger {
  const sealed = existsSync(join(folder.raw, 'CHECKSUMS'));
  const file = sealed ? cleanedFile(folder) : folder.ledger;
  mendLog<LedgerLine>(file);
  return openLedger(file);
}

function cleanedFile(folder: RunFolder): string {
  return join(folder.path, 'cleaned.jsonl');
}
