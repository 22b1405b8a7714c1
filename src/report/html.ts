// Stage 5: the run folder in, report.html and derived/figures/ out. Works from the run folder alone, offline, as often
// as wanted and on old runs: nothing of it needs the platform, the suite's files or the network.
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { EXIT, SebsError } from '../errors.js';
import type { Manifest } from '../generated/manifest.js';
import type { Summary } from '../generated/summary.js';
import { sealDerived } from '../results/checksums.js';
import { type RunFolder, readManifest, readPlan, writeManifest } from '../results/run-folder.js';
import { readTimeline } from '../results/run-timeline.js';
import { writeWhole } from './atomic-write.js';
import { renderSvg, specText } from './charts.js';
import { csvText } from './csv.js';
import { allFigures, type Figures } from './figures/all-figures.js';
import { type DataRow, type Figure, figureCells } from './figures/figure.js';
import { type ReportModel, reportModel } from './model.js';
import { embeddedJson, page, readScripts } from './page.js';
import { attemptData, cellData, figureData } from './page-data.js';

/** A page holds all attempts up to here; of more it holds a sample, small enough to leave room for many cells. */
const ATTEMPTS = { most: 20_000, sampled: 5_000 };

interface DrawnFigure {
  id: string;
  title: string;
  notes: string[];
  /** Places of its cells in the summary, for the page's filter: "0 2 5". */
  cells: string;
  svg: string;
  json: string;
}

/**
 * Writes report.html, the figures' files and derived/CHECKSUMS, which then covers the figures too. Needs what `derive`
 * of results/ leaves in derived/; throws a SebsError that says so where it is missing.
 */
export async function renderReport(folder: RunFolder): Promise<{ file: string }> {
  const manifest = readManifest(folder);
  const summary = readSummary(folder);
  const timeline = await readTimeline(folder);
  const model = reportModel(manifest, readPlan(folder), summary, timeline);
  const { loadRows } = await import('../results/samples.js');
  const { samples, attempts } = await loadRows(folder, ATTEMPTS);
  const figures = allFigures({
    cells: figureCells(summary, samples),
    penalties: summary.penalties,
    timeline,
    mark: model.mark,
  });
  const drawn = await drawAll(folder, figures, summary);
  const data = {
    cellData: embeddedJson(cellData(summary.cells)),
    attemptData: embeddedJson(attemptData(attempts)),
  };
  writeWhole(folder.report, await reportPage({ model, ...data }, figures, drawn));
  seal(folder, manifest);
  return { file: folder.report };
}

function readSummary(folder: RunFolder): Summary {
  const file = join(folder.derived, 'summary.json');
  if (!existsSync(file))
    throw new SebsError('REPORT', `${file} is missing: the run has not been summarised`, EXIT.usage, {
      hint: `sebs process ${folder.id} makes it from raw/`,
    });
  return JSON.parse(readFileSync(file, 'utf8')) as Summary;
}

/** Draws every figure and writes its three files; figures of an earlier report are gone afterwards. */
async function drawAll(folder: RunFolder, figures: Figures, summary: Summary): Promise<Map<string, DrawnFigure>> {
  const target = join(folder.derived, 'figures');
  const places = new Map(summary.cells.map((cell, at) => [cell.cell, at]));
  rmSync(target, { recursive: true, force: true });
  const drawn = new Map<string, DrawnFigure>();
  for (const figure of figures.sections.flatMap((section) => section.figures)) {
    const svg = await renderSvg(figure);
    writeWhole(join(target, `${figure.id}.svg`), `${svg}\n`);
    writeWhole(join(target, `${figure.id}.vl.json`), specText(figure));
    writeWhole(join(target, `${figure.id}.csv`), csvText(rowsOf(figure)));
    const { id, title, notes } = figure;
    const cells = figure.cells.flatMap((cell) => places.get(cell) ?? []).join(' ');
    drawn.set(id, { id, title, notes, cells, svg, json: embeddedJson(figureData(figure.spec, rowsOf(figure))) });
  }
  return drawn;
}

export function rowsOf(figure: Figure): DataRow[] {
  const { rows } = figure.spec.datasets as { rows: DataRow[] };
  return rows;
}

interface PageData {
  model: ReportModel;
  cellData: string;
  attemptData: string;
}

function reportPage(data: PageData, figures: Figures, drawn: ReadonlyMap<string, DrawnFigure>): Promise<string> {
  const figureSections = figures.sections.map((section) => ({
    title: section.title,
    figures: section.figures.flatMap((figure) => drawn.get(figure.id) ?? []),
  }));
  const view = { ...data, figureSections, figuresLeftOut: figures.leftOut };
  return page('report.html.hbs', view, readScripts('data', 'tables', 'filter', 'rows', 'downloads'));
}

/** The figures are part of derived/; a manifest that names the old seal would call them a change. */
function seal(folder: RunFolder, manifest: Manifest): void {
  const root = sealDerived(folder);
  if (manifest.seals?.derived === undefined || manifest.seals.derived === root) return;
  writeManifest(folder, { ...manifest, seals: { ...manifest.seals, derived: root } });
}
