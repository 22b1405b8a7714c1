import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Attempts } from '../../src/results/attempts.js';
import type { RunFolder } from '../../src/results/run-folder.js';
import { loadRows } from '../../src/results/samples.js';
import { derive } from '../../src/results/summarise.js';
import { makeSampleRun } from '../support/sample-run.js';

let dir: string;
let folder: RunFolder;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'sebs-attempts-'));
  folder = makeSampleRun(join(dir, 'run'), { benchmarks: ['110.dynamic-html'], memories: [128, 256] });
  await derive(folder);
}, 60_000);

afterAll(() => rmSync(dir, { recursive: true, force: true }));

function strata({ columns }: Attempts): Map<string, number> {
  const named = (name: string) => columns.find((column) => column.name === name)?.values ?? [];
  const counts = new Map<string, number>();
  for (const [row, cell] of named('cell').entries()) {
    const key = [cell, named('role')[row], named('outcome')[row]].join(' ');
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

describe('the attempts for reading', () => {
  test('are all of them where they are few, of every role, and without columns that nobody filled', async () => {
    const { samples, attempts } = await loadRows(folder, { most: 20_000, sampled: 120 });
    expect(attempts.shown).toBe(attempts.all);
    expect(attempts.all).toBeGreaterThan(samples.flatMap(({ rows }) => rows).length);
    const roles = new Set(attempts.columns.find(({ name }) => name === 'role')?.values);
    expect([...roles].sort()).toEqual(['counted', 'discarded', 'interrupted', 'warmup']);
    expect(attempts.columns.map(({ name }) => name)).toContain('measurement_compute_us');
    expect(attempts.columns.map(({ name }) => name)).not.toContain('start_us');
  });

  test('are a sample of every cell, role and outcome where they are many, and the same sample each time', async () => {
    const all = strata((await loadRows(folder, { most: 20_000, sampled: 120 })).attempts);
    const { attempts } = await loadRows(folder, { most: 1, sampled: 120 });
    const drawn = strata(attempts);
    expect(attempts.shown).toBeLessThanOrEqual(120);
    expect(attempts.shown).toBeGreaterThan(100);
    expect([...drawn.keys()].sort()).toEqual([...all.keys()].sort());
    expect((await loadRows(folder, { most: 1, sampled: 120 })).attempts).toEqual(attempts);
  });
});
