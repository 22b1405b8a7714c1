// Rows of `sebs statistics`: sorted, filtered and written down without losing what is unknown.
import { expect, test } from 'vitest';
import type { CellSummary } from '../../src/generated/summary.js';
import { filterCells } from '../../src/report/cell-filter.js';
import { sortRows, statisticsCsv, statisticsRows, statisticsText } from '../../src/report/statistics-table.js';

const cells = [cell('a', 128, 2_000), cell('b', 256, null), cell('c', 512, 1_000)];
const rows = statisticsRows(cells, 'client_us');

test.each([
  ['p50', false, ['c', 'a', 'b']],
  ['p50', true, ['a', 'c', 'b']],
  ['cell', true, ['c', 'b', 'a']],
  ['n', false, ['b', 'a', 'c']],
])('sorted by %s, reversed %s: what is unknown is last', (column, reverse, labels) => {
  expect(sortRows(rows, column, reverse).map(({ label }) => label)).toEqual(labels);
});

test.each([
  [['memory=128'], ['a']],
  [['memory=128MB,512'], ['a', 'c']],
  [
    ['memory=128', 'memory=256'],
    ['a', 'b'],
  ],
  [['memory=128', 'starts=cold'], ['a']],
  [['language=nodejs@20'], ['a', 'b', 'c']],
  [[], ['a', 'b', 'c']],
])('--filter %j leaves %j', (conditions, labels) => {
  expect(filterCells(cells, conditions).map(({ label }) => label)).toEqual(labels);
});

test.each([
  ['memory', "'memory' is no condition"],
  ['=128', "'=128' is no condition"],
  ['memory=', "'memory=' is no condition"],
  ['memry=128', "no cell has the axis 'memry'"],
  ['memory=64', "no cell has memory '64'"],
])('the condition %s is refused', (condition, message) => {
  expect(() => filterCells(cells, [condition])).toThrow(message);
});

test('a narrow terminal loses columns from the right and says which; a wide one none', () => {
  const wide = statisticsText(rows, 'client_us', 0.95, Number.POSITIVE_INFINITY);
  expect(wide.split('\n')[0]).toMatch(/^cell +n +p50 \[95 % CI\] +p95 +p99 +failed +cold +CV +p90 +max +status$/);
  for (const width of [20, 40, 60, 80, 100]) {
    const narrow = statisticsText(rows, 'client_us', 0.95, width).split('\n');
    expect(narrow[0]).toMatch(/^cell +n +p50/);
    if (width >= 60) expect(Math.max(...narrow.slice(0, -1).map((line) => line.length))).toBeLessThanOrEqual(width);
    expect(narrow.at(-1)).toMatch(/^\(no room for: .*status\)$/);
  }
});

test('CSV: unknown is empty, never 0, and the reason for a missing interval stands beside it', () => {
  const [header = '', first = '', second = ''] = statisticsCsv(rows, 'client_us').split('\r\n');
  const at = (name: string, line: string) => line.split(',')[header.split(',').indexOf(name)];
  expect(at('p50', first)).toBe('2000');
  expect(at('p50_low', first)).toBe('1900');
  expect(at('p50_method', first)).toBe('a method');
  expect(at('p50', second)).toBe('');
  expect(at('p50_no_ci', second)).toBe('nothing measured');
  expect(at('memory_mb', second)).toBe('256');
});

function cell(label: string, memory: number, p50: number | null): CellSummary {
  const n = p50 === null ? 0 : 20;
  const estimate = {
    value: p50,
    n,
    ci: p50 === null ? null : { low: p50 - 100, high: p50 + 100, level: 0.95, method: 'a method' },
    no_ci: p50 === null ? 'nothing measured' : null,
  };
  return {
    cell: `id-${label}`,
    label,
    factors: { experiment: 'e', language: 'nodejs', runtime: 'nodejs@20', memory_mb: memory, start: 'cold' },
    status: 'complete',
    reason: null,
    attempts: { counted: n, warmup: 0, discarded: 0, interrupted: 0 },
    outcomes: { ok: n, failed: 0, timed_out: 0, throttled: 0, invalid_output: 0 },
    start_observed: n === 0 ? {} : { 'forced-cold': n },
    blocks: 1,
    sandboxes: n,
    failure_rate: estimate,
    metrics: {
      client_us: {
        n,
        min: p50,
        max: p50,
        mean: estimate,
        sd: null,
        cv: null,
        p50: estimate,
        p90: estimate,
        p95: estimate,
        p99: estimate,
        tmr: null,
      },
    },
    tukey_outliers: { mild: 0, severe: 0 },
  };
}
