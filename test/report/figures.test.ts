import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CellSummary } from '../../src/generated/summary.js';
import { renderSvg, specText } from '../../src/report/charts.js';
import { allFigures } from '../../src/report/figures/all-figures.js';
import { timeAxis } from '../../src/report/figures/axes.js';
import { boxFigures, POINTS_PER_CELL } from '../../src/report/figures/box.js';
import { withFrontier } from '../../src/report/figures/cost.js';
import { ecdfFigures, POINTS_PER_CURVE, thinned } from '../../src/report/figures/ecdf.js';
import {
  type DataRow,
  type Figure,
  type FigureCell,
  type FigureInput,
  figureCells,
} from '../../src/report/figures/figure.js';
import {
  colourFactor,
  type Group,
  groupsOf,
  LINES_PER_FIGURE,
  pagesOf,
  panelsOf,
} from '../../src/report/figures/groups.js';
import { readTimeline } from '../../src/results/run-timeline.js';
import { loadSamples } from '../../src/results/samples.js';
import { type SampleReport, sampleReport } from './sample.js';

let sample: SampleReport;
let input: FigureInput;

beforeAll(async () => {
  sample = await sampleReport();
  input = {
    cells: figureCells(sample.summary, await loadSamples(sample.folder)),
    penalties: sample.summary.penalties,
    timeline: await readTimeline(sample.folder),
    mark: 'PARTIAL RUN: 2 of 24 cells not complete',
  };
});

afterAll(() => sample.remove());

function everyFigure(from: FigureInput): Figure[] {
  return allFigures(from).sections.flatMap((section) => section.figures);
}

function rowsOf(figure: Figure): DataRow[] {
  return (figure.spec.datasets as { rows: DataRow[] }).rows;
}

/** Titles of all x and y that show a number of a row; undefined where one has none. */
function axisTitles(spec: unknown): unknown[] {
  if (spec === null || typeof spec !== 'object') return [];
  return Object.entries(spec).flatMap(([key, value]) => {
    const axis = (key === 'x' || key === 'y') && value?.type === 'quantitative' && value.field !== undefined;
    return axis ? [value.title] : axisTitles(value);
  });
}

describe('the figures of a run', () => {
  it('are, for each benchmark, distributions, attempts, cold against warm, memory and stages, and the run over time', () => {
    const forEach = (benchmark: string) =>
      ['ecdf', 'attempts', 'cold-warm', 'memory', 'stages'].map((kind) => `${kind}-cold-warm-${benchmark}-test`);
    expect(everyFigure(input).map((figure) => figure.id)).toEqual([
      ...forEach('110-dynamic-html'),
      ...forEach('311-compression'),
      'timeline',
    ]);
    expect(allFigures(input).leftOut).toEqual([]);
  });

  it('have no figure of memory when memory does not vary, and none of cold against warm without pairs', () => {
    const cells = input.cells.filter(
      ({ summary }) => summary.factors.memory_mb === 128 && summary.factors.start === 'warm',
    );
    const kinds = everyFigure({ ...input, cells }).map((figure) => figure.id.split('-')[0]);
    expect(kinds).toEqual(['ecdf', 'attempts', 'ecdf', 'attempts', 'timeline']);
  });

  it('are all marked when the run is partial, and none when it is not', () => {
    for (const figure of everyFigure(input))
      expect(JSON.stringify(figure.spec.title)).toContain('PARTIAL RUN: 2 of 24');
    for (const figure of everyFigure({ ...input, mark: null })) expect(specText(figure)).not.toContain('PARTIAL');
  });

  it('name a unit on every axis of numbers', () => {
    for (const figure of everyFigure(input)) {
      // null: the panel below names the axis for both.
      const titles = axisTitles(figure.spec).filter((title) => title !== null);
      expect(titles.length).toBeGreaterThan(0);
      for (const title of titles)
        expect(title).toMatch(
          /\((?:µs|ms|s|MB, log scale|log scale from \d+ (?:µs|ms|s)|m?s, from \d+|1 min)\)$|^share/,
        );
    }
  });

  it('hold every measured attempt of small cells as a point', () => {
    const points = everyFigure(input)
      .filter((figure) => figure.id.startsWith('attempts'))
      .flatMap((figure) => rowsOf(figure).filter((row) => row.kind !== 'box'));
    const measured = input.cells.flatMap((cell) => cell.rows);
    expect(points.map((row) => row.client_us).sort()).toEqual(measured.map((row) => row.client_us).sort());
  });

  it('let a curve with timed-out attempts end below 1 and say so', () => {
    const figure = everyFigure(input)[0];
    const censored = input.cells.find((cell) => cell.rows.some((row) => row.outcome === 'timed_out'));
    expect(censored?.rows).toHaveLength(60);
    expect(figure?.notes.join(' ')).toContain(
      'python@3.11 · 128 MB · warm: 1 of 60 timed out; the curve ends at 0.98.',
    );
    const curve = rowsOf(figure as Figure).filter(
      (row) => row.panel === 'python@3.11 · warm' && row.level === '128 MB',
    );
    expect(curve.at(-1)?.share).toBe(59 / 60);
  });
});

describe('drawing', () => {
  it('gives the same bytes for the same input, whatever was drawn before', async () => {
    const figures = everyFigure(input);
    const first = new Map<string, string>();
    for (const figure of figures) first.set(figure.id, await renderSvg(figure));
    const again = everyFigure(structuredClone(input)).reverse();
    expect(again).toHaveLength(11);
    for (const figure of again) {
      expect(specText(figure)).toBe(specText(figures.find(({ id }) => id === figure.id) as Figure));
      expect(await renderSvg(figure)).toBe(first.get(figure.id));
    }
  });

  it('makes documents of their own: words for readers who cannot see, no scripts, styles, or addresses to load', async () => {
    for (const figure of everyFigure(input)) {
      const svg = await renderSvg(figure);
      expect(svg).toContain(`<title id="${figure.id}-title">`);
      expect(svg).toContain(`<desc id="${figure.id}-desc">`);
      expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
      expect(svg).not.toMatch(/<script|<style|<image|<foreignObject|\sstyle=|\shref=|\son\w+=/);
      expect(svg.replaceAll(/xmlns(?::xlink)?="[^"]*"/g, '')).not.toMatch(/https?:/);
    }
  });

  it('refuses a figure that vega complains of', async () => {
    const figure = everyFigure(input)[0] as Figure;
    const broken = {
      ...figure,
      spec: {
        ...figure.spec,
        concat: undefined,
        mark: 'bar',
        encoding: { x: { field: 'client_us', type: 'quantitative', scale: { type: 'log', zero: true } } },
      },
    };
    await expect(renderSvg(broken as unknown as Figure)).rejects.toThrow(
      /^figure ecdf-cold-warm-110-dynamic-html-test: .*zero/,
    );
  });
});

describe('many attempts and many cells', () => {
  const cellOf = (level: number, rows: number): FigureCell => {
    const base = input.cells[0] as FigureCell;
    const summary: CellSummary = {
      ...base.summary,
      cell: `c${level}`,
      label: `c${level}`,
      factors: { ...base.summary.factors, memory_mb: level },
    };
    const row = base.rows[0];
    if (row === undefined) throw new Error('the sample run has no rows');
    return {
      id: `c${level}`,
      summary,
      rows: Array.from({ length: rows }, (_unused, at) => ({ ...row, slot: at, client_us: 1000 + at * 7 })),
    };
  };
  const groupOf = (cells: FigureCell[]): Group => groupsOf(cells)[0] as Group;

  it('down-samples curves and points over 500, and says so', () => {
    const group = groupOf([cellOf(128, 1200)]);
    const alone = { ...input, cells: group.cells };
    const [curve] = ecdfFigures(group, alone);
    const [points] = boxFigures(group, input);
    expect(rowsOf(curve as Figure).length).toBeGreaterThan(POINTS_PER_CURVE);
    expect(rowsOf(curve as Figure).length).toBeLessThan(POINTS_PER_CURVE + 12);
    expect(rowsOf(curve as Figure).at(-1)).toMatchObject({ client_us: 1000 + 1199 * 7, share: 1 });
    expect(curve?.notes.at(-1)).toBe(
      'Curves of more than 500 attempts are drawn through 500 evenly spaced order statistics and those on which p50, p90, p95, p99 and p99.9 rest.',
    );
    expect(rowsOf(points as Figure).filter((row) => row.kind === 'attempt')).toHaveLength(POINTS_PER_CELL);
    expect(points?.notes.at(-1)).toBe(
      '1 cell with more than 500 attempts: 500 drawn at random as points; boxes use all.',
    );
  });

  it('keeps the quantiles of a thinned curve, whatever its length', () => {
    fc.assert(
      fc.property(fc.integer({ min: 30, max: 5000 }), fc.integer({ min: 24, max: 400 }), (length, most) => {
        const kept = new Set(
          thinned(
            Array.from({ length }, (_unused, at) => at),
            most,
          ),
        );
        for (const share of [0.5, 0.9, 0.95, 0.99, 0.999])
          for (const place of [Math.floor((length - 1) * share), Math.ceil((length - 1) * share)])
            if (!kept.has(place)) return false;
        return kept.has(0) && kept.has(length - 1) && kept.size <= most + 10;
      }),
    );
  });

  it('puts at most 20 lines into a figure and leaves no cell out, for any matrix', () => {
    const counts = fc.record({ memories: fc.integer({ min: 1, max: 45 }), languages: fc.integer({ min: 1, max: 9 }) });
    fc.assert(
      fc.property(counts, ({ memories, languages }) => {
        const cells = Array.from({ length: memories * languages }, (_unused, at) => {
          const cell = cellOf(64 * (1 + (at % memories)), 1);
          const language = `language-${Math.floor(at / memories)}`;
          return {
            ...cell,
            id: `${at}`,
            summary: { ...cell.summary, cell: `${at}`, factors: { ...cell.summary.factors, language } },
          };
        });
        const group = groupOf(cells);
        const colour = colourFactor(group.varying);
        const pages = pagesOf(group, panelsOf(group, colour), colour);
        const lines = pages.map((page) => page.panels.flatMap((panel) => panel.lines));
        for (const page of lines) expect(page.length).toBeLessThanOrEqual(LINES_PER_FIGURE);
        expect(
          lines
            .flat()
            .map(({ cell }) => Number(cell.id))
            .sort((a, b) => a - b),
        ).toEqual(cells.map((_cell, at) => at));
      }),
      { numRuns: 30 },
    );
  });

  it('says how many figures a huge run does not get', () => {
    const cells = Array.from({ length: 1300 }, (_unused, at) => cellOf(at + 1, 2));
    const { sections, leftOut } = allFigures({ ...input, cells });
    expect(sections.flatMap((section) => section.figures)).toHaveLength(60);
    expect(leftOut[0]).toMatch(/^\d+ further figures left out: a report draws at most 60\./);
  });
});

describe('an axis of time', () => {
  const time = fc.integer({ min: 1, max: 900_000_000 });

  it('reaches over all values, with its ticks inside, for any values', () => {
    fc.assert(
      fc.property(fc.array(time, { minLength: 1, maxLength: 30 }), fc.integer({ min: 3, max: 8 }), (values, ticks) => {
        const { scale, axis, log } = timeAxis(values, 'client time', { ticks });
        const [from, to] = scale.domain as [number, number];
        expect(from).toBeLessThanOrEqual(Math.min(...values));
        expect(to).toBeGreaterThanOrEqual(Math.max(...values));
        const drawn = axis.values as number[];
        expect(drawn.length).toBeGreaterThanOrEqual(2);
        expect(drawn.length).toBeLessThanOrEqual(20);
        for (const tick of drawn) expect(tick >= from && tick <= to).toBe(true);
        if (log) expect(from).toBeGreaterThan(0);
      }),
    );
  });

  it('is linear from 0, linear from a stated start, or logarithmic and says which', () => {
    expect(timeAxis([2_000, 9_000], 'client time').title).toBe('client time (ms)');
    expect(timeAxis([300_000, 330_000], 'client time').title).toBe('client time (ms, from 300)');
    expect(timeAxis([900, 90_000], 'client time')).toMatchObject({
      log: true,
      title: 'client time (log scale from 500 µs)',
      words: 'The axis is logarithmic and starts at 500 µs.',
    });
  });

  it('of differences always shows zero', () => {
    const { scale } = timeAxis([40_000, 42_000], 'cold penalty', { zero: true });
    expect(scale.domain).toEqual([0, 50_000]);
    expect(timeAxis([-3_000, 42_000], 'cold penalty', { zero: true }).scale.domain).toEqual([-10_000, 50_000]);
  });
});

describe('the frontier of cost and latency', () => {
  it('holds the cells that no other beats in both, for any cells', () => {
    const cell = fc.record({
      usd_per_million: fc.integer({ min: 1, max: 9 }),
      client_us_p50: fc.integer({ min: 1, max: 9 }),
    });
    fc.assert(
      fc.property(fc.array(cell, { minLength: 1, maxLength: 20 }), (cells) => {
        const rows = withFrontier(cells);
        const best = rows.filter((row) => row.frontier === 1);
        for (const row of rows) {
          const beaten = best.some(
            (other) => other.usd_per_million <= row.usd_per_million && other.client_us_p50 <= row.client_us_p50,
          );
          expect(beaten).toBe(true);
        }
        for (const [at, row] of best.slice(1).entries()) {
          expect(row.client_us_p50).toBeLessThan(best[at]?.client_us_p50 ?? 0);
          expect(row.usd_per_million).toBeGreaterThan(best[at]?.usd_per_million ?? 0);
        }
      }),
    );
  });

  it('is drawn where invocations have a price, and only there', () => {
    const priced = input.cells.map((cell, at) => {
      const usd = { value: 1e-7 * (1 + (at % 5)), n: 60, ci: null, no_ci: 'not asked' };
      const metric = { ...cell.summary.metrics.client_us, p50: usd } as FigureCell['summary']['metrics'][string];
      return { ...cell, summary: { ...cell.summary, metrics: { ...cell.summary.metrics, cost_usd: metric } } };
    });
    const kinds = everyFigure({ ...input, cells: priced }).map((figure) => figure.id.split('-')[0]);
    expect(kinds.filter((kind) => kind === 'cost')).toHaveLength(2);
    expect(everyFigure(input).map((figure) => figure.id.split('-')[0])).not.toContain('cost');
  });
});
