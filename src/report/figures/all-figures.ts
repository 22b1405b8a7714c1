// Stage 5, figures: which figures a run gets, in reading order. A report stays a file that opens: the points of all
// figures together have a budget, and what it leaves out is said in words.
import { plural } from '../../units.js';
import { boxFigures, POINTS_PER_CELL } from './box.js';
import { costFigures } from './cost.js';
import { ecdfFigures } from './ecdf.js';
import type { Figure, FigureInput } from './figure.js';
import { groupsOf } from './groups.js';
import { memoryFigures } from './memory.js';
import { penaltyFigures } from './penalty.js';
import { stageFigures } from './stages.js';
import { timelineFigures } from './timeline.js';

const POINTS_PER_REPORT = 5_000;
const FIGURES_PER_REPORT = 60;

export interface FigureSection {
  title: string;
  figures: Figure[];
}

export interface Figures {
  sections: FigureSection[];
  /** What has no figure, in words. */
  leftOut: string[];
}

export function allFigures(input: FigureInput): Figures {
  const points = Math.max(
    10,
    Math.min(POINTS_PER_CELL, Math.floor(POINTS_PER_REPORT / Math.max(1, input.cells.length))),
  );
  const sections: FigureSection[] = [];
  let budget = FIGURES_PER_REPORT;
  let dropped = 0;
  const add = (title: string, figures: Figure[]) => {
    const kept = figures.slice(0, Math.max(0, budget));
    budget -= kept.length;
    dropped += figures.length - kept.length;
    if (kept.length > 0) sections.push({ title, figures: kept });
  };
  for (const group of groupsOf(input.cells))
    add(group.title, [
      ...ecdfFigures(group, input),
      ...boxFigures(group, input, points),
      ...penaltyFigures(group, input),
      ...costFigures(group, input),
      ...memoryFigures(group, input),
      ...stageFigures(group, input),
    ]);
  add('The run', timelineFigures(input));
  return { sections, leftOut: leftOutWords(input, dropped) };
}

function leftOutWords(input: FigureInput, dropped: number): string[] {
  const empty = input.cells.filter((cell) => cell.rows.every((row) => row.client_us === null));
  return [
    ...(dropped > 0
      ? [
          `${plural(dropped, 'further figure')} left out: a report draws at most ${FIGURES_PER_REPORT}. All rows are in derived/invocations.csv.`,
        ]
      : []),
    ...(empty.length > 0
      ? [
          `No distribution for ${plural(empty.length, 'cell')} without a measured attempt: ${empty
            .slice(0, 20)
            .map((cell) => cell.summary.label)
            .join('; ')}${empty.length > 20 ? '; …' : ''}.`,
        ]
      : []),
  ];
}
