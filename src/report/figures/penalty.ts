// Stage 5, figures: cold against warm. Left the two medians with their intervals, right their difference, the cold
// penalty, with its own interval: the difference has a distribution that two separate intervals do not show (D34).
import { plural } from '../../units.js';
import { drawnEnds, estimateText } from '../estimate-text.js';
import { nameBy } from '../factors.js';
import { timeAxis } from './axes.js';
import type { DataRow, Figure, FigureInput, JsonObject } from './figure.js';
import { chunks, type Group, LINES_PER_FIGURE, pageSuffix } from './groups.js';
import { COLOURS, framed, INK, widthBeside } from './theme.js';

interface PenaltyRow extends DataRow {
  pair: string;
  what: 'cold' | 'warm' | 'penalty';
  client_us: number;
  low_us: number | null;
  high_us: number | null;
  n: number;
}

export function penaltyFigures(group: Group, input: FigureInput): Figure[] {
  const factors = group.varying.filter((factor) => factor !== 'start');
  const pairs = input.penalties.flatMap((penalty) => {
    const cold = group.cells.find((cell) => cell.id === penalty.cold);
    if (cold === undefined || penalty.metric !== 'client_us') return [];
    return [{ penalty, name: nameBy(cold.summary, factors) }];
  });
  const pages = chunks(pairs, LINES_PER_FIGURE);
  return pages.map((members, at) => {
    const page = { number: at + 1, of: pages.length };
    const title = `Cold against warm, ${group.title}${pageSuffix(page)}`;
    const rows = members.flatMap(({ penalty, name }) => [
      ...estimateRow(name, 'cold', penalty.cold_median),
      ...estimateRow(name, 'warm', penalty.warm_median),
      ...estimateRow(name, 'penalty', penalty.difference),
    ]);
    const axes = penaltyAxes(rows);
    return {
      id: `cold-warm-${group.id}${page.of > 1 ? `-${page.number}` : ''}`,
      title,
      notes: [
        `Left: medians of client time, cold (circle) and warm (square), with intervals. Right: the cold penalty, the difference of the medians, with an interval of its own. ${axes.medians.words.replace('The axis', 'The left axis')} ${axes.penalty.words.replace('The axis', 'The right axis')}`,
        ...(rows.some((row) => row.low_us === null)
          ? ['Points without a bar have no interval, or one without an end; the table of penalties says why.']
          : []),
      ],
      alt: `Cold penalty of ${plural(members.length, 'pair')}: ${members.map(({ penalty, name }) => `${name} ${estimateText(penalty.difference, 'us').full}`).join('; ')}`,
      cells: members.flatMap(({ penalty }) => [penalty.cold, penalty.warm]),
      spec: framed(
        title,
        input.mark,
        rows,
        penaltySpec(
          members.map(({ name }) => name),
          axes,
        ),
      ),
    };
  });
}

function estimateRow(
  pair: string,
  what: PenaltyRow['what'],
  estimate: FigureInput['penalties'][number]['difference'],
): PenaltyRow[] {
  if (estimate.value === null) return [];
  const { low, high } = drawnEnds(estimate);
  return [{ pair, what, client_us: estimate.value, low_us: low, high_us: high, n: estimate.n }];
}

interface Axes {
  medians: ReturnType<typeof timeAxis>;
  penalty: ReturnType<typeof timeAxis>;
}

function penaltyAxes(rows: readonly PenaltyRow[]): Axes {
  const values = (penalty: boolean) =>
    rows
      .filter((row) => (row.what === 'penalty') === penalty)
      .flatMap((row) => [row.client_us, row.low_us ?? row.client_us, row.high_us ?? row.client_us]);
  return {
    medians: timeAxis(values(false), 'median client time', { ticks: 4 }),
    penalty: timeAxis(values(true), 'cold penalty', { zero: true, ticks: 4 }),
  };
}

function penaltySpec(pairs: readonly string[], axes: Axes): JsonObject {
  const width = (widthBeside(pairs) - 50) / 2;
  return {
    spacing: 20,
    hconcat: [
      {
        width,
        height: { step: 30 },
        transform: [{ filter: { field: 'what', oneOf: ['cold', 'warm'] } }],
        layer: intervalLayers(pairs, axes.medians, true),
      },
      {
        width,
        height: { step: 30 },
        transform: [{ filter: { field: 'what', equal: 'penalty' } }],
        layer: [
          {
            mark: { type: 'rule', color: INK, strokeWidth: 1, aria: false },
            encoding: { x: { datum: 0, type: 'quantitative' } },
          },
          ...intervalLayers(pairs, axes.penalty, false),
        ],
      },
    ],
  };
}

function intervalLayers(pairs: readonly string[], axis: ReturnType<typeof timeAxis>, labelled: boolean): JsonObject[] {
  const x = { type: 'quantitative', scale: axis.scale, axis: axis.axis, title: axis.title };
  const rows = labelled
    ? { labelPadding: 8, labelOverlap: false, ticks: false, grid: true }
    : { labels: false, ticks: false, grid: true };
  const y = { field: 'pair', type: 'nominal', sort: null, scale: { domain: [...pairs] }, title: null, axis: rows };
  const what = { field: 'what', type: 'nominal', legend: { title: null, orient: 'bottom' } };
  const domain = ['cold', 'warm', 'penalty'];
  const color = { ...what, scale: { domain, range: [COLOURS[0], COLOURS[1], COLOURS[2]] } };
  const shape = { ...what, scale: { domain, range: ['circle', 'square', 'diamond'] } };
  return [
    {
      transform: [{ filter: 'isValid(datum.low_us)' }],
      mark: { type: 'rule', strokeWidth: 2.5, aria: false },
      encoding: { x: { field: 'low_us', ...x }, x2: { field: 'high_us' }, y, color },
    },
    {
      mark: { type: 'point', filled: true, size: 65, opacity: 1, aria: false },
      encoding: { x: { field: 'client_us', ...x }, y, color, shape },
    },
  ];
}
