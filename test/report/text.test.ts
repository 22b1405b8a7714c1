import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { summaryText } from '../../src/report/text.js';
import { type SampleReport, SMALL, sampleReport } from './sample.js';

let sample: SampleReport;

beforeAll(async () => {
  sample = await sampleReport(SMALL);
});

afterAll(() => sample.remove());

describe('the summary in a terminal', () => {
  it('has one line per cell with n, median and interval, p95, failures and penalty', async () => {
    const text = summaryText(sample.folder, sample.summary, { columns: 120 }).replaceAll(sample.reports, 'reports');
    await expect(text).toMatchFileSnapshot('../golden/report/summary-text.txt');
  });

  it('fits the width it is given; what has no room is named, and labels still tell the cells apart', () => {
    for (const columns of [40, 60, 80, 100, 120]) {
      const text = summaryText(sample.folder, sample.summary, { columns });
      const lines = text.split('\n');
      const start = lines.findIndex((line) => line.startsWith('cell '));
      const table = lines.slice(start, start + 1 + sample.summary.cells.length);
      expect(table).toHaveLength(1 + sample.summary.cells.length);
      // Cell, n and the median always stay: below that width a terminal wraps.
      for (const line of table) expect(line.length).toBeLessThanOrEqual(Math.max(columns, 46));
      expect(new Set(table.map((line) => line.split(/ {2,}/)[0])).size).toBe(table.length);
      expect(table[0]?.includes('cold penalty')).toBe(!text.includes('(no room for:'));
    }
  });

  it('gives a terminal nothing to obey', () => {
    const cells = sample.summary.cells.map((cell) => ({ ...cell, label: `\u001b[31m${cell.label}\nx\u202e` }));
    const text = summaryText(
      sample.folder,
      { ...sample.summary, cells, warnings: ['a\u001b]0;b\u0007'] },
      { columns: 100 },
    );
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
    expect(text.split('\n').filter((line) => line.startsWith('x'))).toEqual([]);
  });

  it('ends a table of many cells with how many more there are', () => {
    const cells = Array.from({ length: 75 }, (_unused, at) => ({
      ...(sample.summary.cells[0] as (typeof sample.summary.cells)[0]),
      cell: `c${at}`,
    }));
    expect(summaryText(sample.folder, { ...sample.summary, cells })).toContain('… and 15 cells more, in the report');
  });
});
