import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Invocation } from '../../src/generated/invocation.js';
import { latencyValue } from '../../src/results/latency-value.js';
import { readPlan } from '../../src/results/run-folder.js';
import { loadSamples } from '../../src/results/samples.js';
import { derive } from '../../src/results/summarise.js';
import { makeSampleRun } from '../support/sample-run.js';

describe('the value of an attempt', () => {
  it('is the same for a running measurement as for the statistics afterwards, timed-out attempts included', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'sebs-test-'));
    try {
      const folder = makeSampleRun(dir);
      await derive(folder);
      const cells = new Map(readPlan(folder).cells.map((cell) => [cell.id, cell]));
      const ofMemory = new Map<string, (number | null)[]>();
      for (const line of readFileSync(folder.invocations, 'utf8').split('\n').slice(0, -1)) {
        let row: Invocation;
        try {
          row = JSON.parse(line) as Invocation;
        } catch {
          continue;
        }
        const timeout = cells.get(row.cell)?.timeout_s;
        if (row.role !== 'counted' || timeout === undefined) continue;
        const key = [row.cell, row.part, row.block, row.batch, row.slot].join(' ');
        ofMemory.set(key, [latencyValue(row, 'client_us', timeout), latencyValue(row, 'benchmark_us', timeout)]);
      }
      let compared = 0;
      let timedOut = 0;
      for (const { cell, rows } of await loadSamples(folder))
        for (const row of rows) {
          const key = [cell, row.part, row.block, row.batch, row.slot].join(' ');
          expect(ofMemory.get(key), key).toEqual([row.client_us, row.benchmark_us]);
          compared += 1;
          if (row.outcome === 'timed_out') timedOut += 1;
        }
      expect(compared).toBeGreaterThan(50);
      expect(timedOut).toBeGreaterThan(0);
    } finally {
      rmSync(dir, { recursive: true });
    }
  }, 60_000);
});
