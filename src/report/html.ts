// Stage 5: the run folder in, report.html and derived/figures/ out. Works from the run folder alone, offline, as often
// as wanted and on old runs: nothing of it needs the platform, the suite's files or the network.
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { EXIT, SebsError } from '../errors.js';
import type { Manifest } from '../generated/manifest.js';
import type { Summary } from '../generated/summary.js';
import { sealDerived } from '../results/checksums.js';
import { type RunFolder, readManifest, readPlan, writeManifest } from '../results/run-folder.js';
import { writeWhole } from './atomic-write.js';
import { renderSvg, specText } from './charts.js';
import { csvText } from './csv.js';
import { allFigures, type Figures } from './figures/all-figures.js';
import { type DataRow, type Figure, figureCells } from './figures/figure.js';
import { type ReportModel, reportModel } from './model.js';
import { embeddedJson, page, readScript } from './page.js';

interface DrawnFigure {
  id: string;
  title: string;
  notes: string[];
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
  const model = reportModel(manifest, readPlan(folder), summary);
  const { loadSamples } = await import('../results/samples.js');
  const figures = allFigures({
    cells: figureCells(summary, await loadSamples(folder)),
    penalties: summary.penalties,
    partial: model.state.mark,
  });
  const drawn = await drawAll(folder, figures);
  writeWhole(folder.report, await reportPage(model, figures, drawn));
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
async function drawAll(folder: RunFolder, figures: Figures): Promise<Map<string, DrawnFigure>> {
  const target = join(folder.derived, 'figures');
  rmSync(target, { recursive: true, force: true });
  const drawn = new Map<string, DrawnFigure>();
  for (const figure of figures.sections.flatMap((section) => section.figures)) {
    const svg = await renderSvg(figure);
    writeWhole(join(target, `${figure.id}.svg`), `${svg}\n`);
    writeWhole(join(target, `${figure.id}.vl.json`), specText(figure));
    writeWhole(join(target, `${figure.id}.csv`), csvText(rowsOf(figure)));
    const { id, title, notes } = figure;
    drawn.set(id, { id, title, notes, svg, json: embeddedJson(figure.spec) });
  }
  return drawn;
}

export function rowsOf(figure: Figure): DataRow[] {
  const { rows } = figure.spec.datasets as { rows: DataRow[] };
  return rows;
}

function reportPage(model: ReportModel, figures: Figures, drawn: ReadonlyMap<string, DrawnFigure>): Promise<string> {
  const figureSections = figures.sections.map((section) => ({
    title: section.title,
    figures: section.figures.flatMap((figure) => drawn.get(figure.id) ?? []),
  }));
  const view = { model, figureSections, figuresLeftOut: figures.leftOut };
  return page('report.html.hbs', view, readScript('report-downloads.js'));
}

/** The figures are part of derived/; a manifest that names the old seal would call them a change. */
function seal(folder: RunFolder, manifest: Manifest): void {
  const root = sealDerived(folder);
  if (manifest.seals?.derived === undefined || manifest.seals.derived === root) return;
  writeManifest(folder, { ...manifest, seals: { ...manifest.seals, derived: root } });
}
