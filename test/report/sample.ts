// Sample runs for the tests of report/: synthetic run folders, summarised by results/ as a real run would be.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Summary } from '../../src/generated/summary.js';
import type { RunFolder } from '../../src/results/run-folder.js';
import { derive } from '../../src/results/summarise.js';
import { makeSampleRun, type SampleRunOptions } from '../support/sample-run.js';

export interface SampleReport {
  /** The folder of all runs; this run is in it. */
  reports: string;
  folder: RunFolder;
  summary: Summary;
  remove(): void;
}

/** @param prepare changes the run folder before it is summarised. */
export async function sampleReport(
  options: SampleRunOptions = {},
  prepare: (folder: RunFolder) => void = () => {},
): Promise<SampleReport> {
  const reports = mkdtempSync(join(tmpdir(), 'sebs-report-'));
  const folder = makeSampleRun(join(reports, '20260203T093000Z-sample-abc123'), options);
  prepare(folder);
  const summary = await derive(folder);
  return { reports, folder, summary, remove: () => rmSync(reports, { recursive: true, force: true }) };
}

/** The smallest run that has every table: one function, two sizes, cold and warm, with trouble. */
export const SMALL: SampleRunOptions = {
  benchmarks: ['110.dynamic-html'],
  languages: [['python', '3.11']],
  memories: [128, 256],
};
