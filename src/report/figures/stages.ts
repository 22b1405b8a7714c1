// Stage 5, figures: where the time of a cold start goes. The median of every stage the platform shows, as points with
// intervals; not stacked, because medians of stages do not add up to the median of the whole.
import { plural } from '../../units.js';
import { drawnEnds } from '../estimate-text.js';
import { nameBy } from '../factors.js';
import { timeAxis } from './axes.js';
import type { DataRow, Figure, FigureInput, JsonObject } from './figure.js';
import { chunks, type Group, LINES_PER_FIGURE, pageSuffix } from './groups.js';
import { colourScale, framed, legend, shapeScale, widthBeside } from './theme.js';

/** In the order in which they happen. */
const STAGES: readonly { column: string; name: string }[] = [
  { column: 'create_us', name: 'create' },
  { column: 'start_us', name: 'start' },
  { column: 'ready_us', name: 'ready' },
  { column: 'connect_us', name: 'connect' },
  { column: 'first_byte_us', name: 'first byte' },
  { column: 'download_us', name: 'download' },
];

interface StageRow extends DataRow {
  cell: string;
  stage: string;
  p50_us: number;
  low_us: number | null;
  high_us: number | null;
  n: number;
}

export function stageFigures(group: Group, input: FigureInput): Figure[] {
  const cold = group.cells.filter((cell) => cell.summary.factors.start === 'cold');
  const factors = group.varying.filter((factor) => factor !== 'start');
  const rows = cold.flatMap(({ summary }) => stageRows(summary, nameBy(summary, factors)));
  if (new Set(rows.map((row) => row.stage)).size < 2) return [];
  const pages = chunks([...new Set(rows.map((row) => row.cell))], LINES_PER_FIGURE);
  return pages.map((cells, at) => {
    const page = { number: at + 1, of: pages.length };
    const shown = rows.filter((row) => cells.includes(row.cell));
    const stages = STAGES.map((stage) => stage.name).filter((name) => shown.some((row) => row.stage === name));
    const title = `Stages of cold starts, ${group.title}${pageSuffix(page)}`;
    const axis = timeAxis(
      shown.flatMap((row) => [row.p50_us, row.low_us ?? row.p50_us, row.high_us ?? row.p50_us]),
      'median of the stage',
      { ticks: 8 },
    );
    return {
      id: `stages-${group.id}${page.of > 1 ? `-${page.number}` : ''}`,
      title,
      notes: [
        `Median of each stage of the client time of cold starts, with its interval; a stage the platform hides is absent. Medians of stages do not add up to the median of the whole. ${axis.words}`,
      ],
      alt: `Medians of ${stages.join(', ')} of ${plural(cells.length, 'cold cell')}; the same numbers are in the table of further metrics.`,
      cells: cold.map((cell) => cell.id),
      spec: framed(title, input.mark, shown, stageSpec(cells, stages, axis)),
    };
  });
}

function stageRows(summary: Group['cells'][number]['summary'], cell: string): StageRow[] {
  return STAGES.flatMap(({ column, name }) => {
    const p50 = summary.metrics[column]?.p50;
    if (p50 === undefined || p50.value === null || p50.value <= 0) return [];
    const { low, high } = drawnEnds(p50);
    return [{ cell, stage: name, p50_us: p50.value, low_us: low, high_us: high, n: p50.n }];
  });
}

function stageSpec(cells: readonly string[], stages: readonly string[], axis: ReturnType<typeof timeAxis>): JsonObject {
  const x = { type: 'quantitative', scale: axis.scale, axis: axis.axis, title: axis.title };
  const y = {
    field: 'cell',
    type: 'nominal',
    sort: null,
    scale: { domain: [...cells] },
    title: null,
    axis: { labelPadding: 8, labelOverlap: false, ticks: false, grid: true },
  };
  const stage = { field: 'stage', type: 'nominal', legend: legend('stage', stages) };
  const color = { ...stage, scale: colourScale(stages) };
  return {
    width: widthBeside(cells),
    height: { step: 30 },
    layer: [
      {
        transform: [{ filter: 'isValid(datum.low_us)' }],
        mark: { type: 'rule', strokeWidth: 2.5, aria: false },
        encoding: { x: { field: 'low_us', ...x }, x2: { field: 'high_us' }, y, color },
      },
      {
        mark: { type: 'point', filled: true, size: 60, opacity: 1, aria: false },
        encoding: { x: { field: 'p50_us', ...x }, y, color, shape: { ...stage, scale: shapeScale(stages) } },
      },
    ],
  };
}
