// Stage 5, figures: what a figure is, and what every figure is made from. A figure is plain data: a Vega-Lite
// specification with its rows inlined, and the words around it. Drawing it is charts.ts's work.
import type { CellSummary, Summary } from '../../generated/summary.js';
import type { RunTimeline } from '../../results/run-timeline.js';
import type { CellSamples, SampleRow } from '../../results/samples.js';

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };
export type DataRow = { [column: string]: string | number | null };

export interface Figure {
  /** File name without ending; unique in the report, of letters, digits and '-'. */
  id: string;
  title: string;
  /** How to read it, what was left out or down-sampled; plain sentences. */
  notes: string[];
  /** What a reader who cannot see it should know. */
  alt: string;
  /** Ids of the cells it shows. */
  cells: string[];
  /** Complete Vega-Lite specification; its rows are in `datasets`. */
  spec: JsonObject;
}

export interface FigureCell {
  id: string;
  summary: CellSummary;
  rows: SampleRow[];
}

export interface FigureInput {
  cells: FigureCell[];
  penalties: Summary['penalties'];
  timeline: RunTimeline;
  /** What every figure must say of the run: that it is partial (methodology D2) or a model. Null: nothing. */
  mark: string | null;
}

export function figureCells(summary: Summary, samples: readonly CellSamples[]): FigureCell[] {
  const rowsOf = new Map(samples.map((entry) => [entry.cell, entry.rows]));
  return summary.cells.map((cell) => ({ id: cell.cell, summary: cell, rows: rowsOf.get(cell.cell) ?? [] }));
}

/** A file name from any text: unknown letters become '-'. */
export function slug(...parts: readonly string[]): string {
  return parts
    .join('-')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 80);
}
