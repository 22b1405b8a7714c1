// What a run has left, as commands read it: the latest line of each entry, over the ledger and later clean-ups.
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { laterLedger, openEntries } from '../../src/commands/ledger-file.js';
import type { LedgerLine } from '../../src/generated/ledger.js';
import { type RunFolder, runFolder } from '../../src/results/run-folder.js';

let folder: RunFolder;
beforeEach(() => {
  folder = runFolder(mkdtempSync(join(tmpdir(), 'sebs-ledger-')));
  mkdirSync(folder.raw);
});
afterEach(() => rmSync(folder.path, { recursive: true, force: true }));

const FUNCTION = { platform: 'p', kind: 'function', id: 'f' };
const BUCKET = { platform: 'p', kind: 'bucket', id: 'b', location: '/there' };

test('no ledger means that nothing was created', () => {
  expect(openEntries(folder)).toEqual([]);
});

test('what was removed is closed; intended, created, kept and failed are open', () => {
  const states: LedgerLine['state'][] = ['intended', 'created', 'kept', 'failed', 'removed'];
  for (const [second, state] of states.entries()) write(line({ ...FUNCTION, id: state }, state, second));
  expect(openEntries(folder).map(({ state }) => state)).toEqual(['intended', 'created', 'kept', 'failed']);
});

test('a torn last line is set aside, and what is written next is whole', () => {
  write(line(FUNCTION, 'created', 1));
  appendFileSync(folder.ledger, '{"entry":"p/buck');
  expect(openEntries(folder)).toEqual([{ resource: FUNCTION, state: 'created' }]);
  const ledger = laterLedger(folder);
  ledger.removed(FUNCTION);
  ledger.close();
  expect(openEntries(folder)).toEqual([]);
});

test('after the seal, a clean-up is written beside raw/ and raw/ stays as it is', () => {
  write(line(FUNCTION, 'created', 1));
  write(line(BUCKET, 'failed', 2, 'no permission'));
  writeFileSync(join(folder.raw, 'CHECKSUMS'), 'sealed');
  const before = readFileSync(folder.ledger, 'utf8');
  const ledger = laterLedger(folder);
  ledger.removed(FUNCTION);
  ledger.close();
  expect(readFileSync(folder.ledger, 'utf8')).toBe(before);
  expect(existsSync(join(folder.path, 'cleaned.jsonl'))).toBe(true);
  expect(openEntries(folder)).toEqual([{ resource: BUCKET, state: 'failed', note: 'no permission' }]);
});

test('what a resumed run creates again after a clean-up is open again', () => {
  write(line(FUNCTION, 'created', 1));
  writeFileSync(join(folder.path, 'cleaned.jsonl'), `${JSON.stringify(line(FUNCTION, 'removed', 2))}\n`);
  expect(openEntries(folder)).toEqual([]);
  write(line(FUNCTION, 'created', 3));
  expect(openEntries(folder)).toEqual([{ resource: FUNCTION, state: 'created' }]);
});

function line(resource: LedgerLine['resource'], state: LedgerLine['state'], second: number, note?: string): LedgerLine {
  const { platform, kind, id } = resource;
  const at = new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();
  return { entry: `${platform}/${kind}/${id}`, at, state, resource, ...(note === undefined ? {} : { note }) };
}

function write(entry: LedgerLine): void {
  appendFileSync(folder.ledger, `${JSON.stringify(entry)}\n`);
}
