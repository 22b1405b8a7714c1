import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { afterAll, describe, expect, test } from 'vitest';
import type { Invocation } from '../../src/generated/invocation.js';
import { makeSampleRun } from '../support/sample-run.js';

const dir = mkdtempSync(join(tmpdir(), 'sebs-sample-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function problemsOf(schema: string, documents: readonly unknown[]): unknown[] {
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
  const validate = ajv.compile(JSON.parse(readFileSync(`schemas/${schema}.schema.json`, 'utf8')));
  return documents.flatMap((document) => (validate(document) ? [] : [{ errors: validate.errors, document }]));
}

function lines(path: string): unknown[] {
  return readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line): unknown => JSON.parse(line));
}

describe.each([
  { name: 'plain', hostile: false },
  { name: 'hostile', hostile: true },
])('the $name sample run', ({ name, hostile }) => {
  const folder = makeSampleRun(join(dir, name), { hostile });

  test('agrees with the schemas of a run folder', () => {
    expect(problemsOf('manifest', [JSON.parse(readFileSync(folder.manifest, 'utf8'))])).toEqual([]);
    expect(problemsOf('plan', [JSON.parse(readFileSync(folder.plan, 'utf8'))])).toEqual([]);
    expect(problemsOf('invocation', lines(folder.invocations))).toEqual([]);
    expect(problemsOf('journal', lines(folder.journal))).toEqual([]);
    expect(problemsOf('ledger', lines(folder.ledger))).toEqual([]);
  });

  test('has stages that add up to client time', () => {
    const stages = [
      'queue_us',
      'create_us',
      'start_us',
      'ready_us',
      'connect_us',
      'first_byte_us',
      'download_us',
    ] as const;
    for (const row of lines(folder.invocations) as Invocation[]) {
      if (row.client_us === undefined) continue;
      expect(stages.reduce((sum, stage) => sum + (row[stage] ?? 0), 0)).toBe(row.client_us);
    }
  });

  test('is the same bytes when it is made again', () => {
    const again = makeSampleRun(join(dir, `${name}-again`, name), { hostile });
    for (const file of ['manifest', 'plan', 'invocations', 'journal'] as const) {
      expect(readFileSync(again[file], 'utf8')).toBe(readFileSync(folder[file], 'utf8'));
    }
  });
});
