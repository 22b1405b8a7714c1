import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeIndex } from '../../src/report/index-page.js';
import { makeSampleRun } from '../support/sample-run.js';
import { SMALL } from './sample.js';

let reports: string;

beforeEach(() => {
  reports = mkdtempSync(join(tmpdir(), 'sebs-index-'));
});

afterEach(() => rmSync(reports, { recursive: true, force: true }));

async function rows(): Promise<string[]> {
  const { file } = await writeIndex(reports);
  const html = readFileSync(file, 'utf8');
  return [...html.matchAll(/<tr data-state[^>]*><th scope="row">(.*?)<\/tr>/gs)].map(([, row]) => row ?? '');
}

describe('the page of all runs', () => {
  it('lists them, the newest first, with a link to each report that exists', async () => {
    makeSampleRun(join(reports, '20260203T093000Z-sample-aaaaaa'), SMALL);
    const newer = makeSampleRun(join(reports, '20260204T093000Z-sample-bbbbbb'), SMALL);
    writeFileSync(newer.report, 'a report');
    const [first, second] = await rows();
    expect(first).toContain(
      '<a href="./20260204T093000Z-sample-bbbbbb/report.html">sample</a></th><td class="instant">2026-02-03 09:30:00 UTC</td><td><span class="tone partial">partial</span></td>',
    );
    expect(second).toContain('sample <span class="muted">(no report)</span>');
    expect(readdirSync(reports).filter((name) => name.includes('.next'))).toEqual([]);
  });

  it('shows a run whose manifest cannot be read as such, and the others all the same', async () => {
    makeSampleRun(join(reports, '20260203T093000Z-sample-aaaaaa'), SMALL);
    mkdirSync(join(reports, '20260205T000000Z-broken-cccccc'));
    writeFileSync(join(reports, '20260205T000000Z-broken-cccccc', 'manifest.json'), '{"suite":');
    const [broken, whole] = await rows();
    expect(broken).toContain('manifest.json cannot be read:');
    expect(whole).toContain('sample');
  });

  it('keeps hostile names as text', async () => {
    makeSampleRun(join(reports, '20260203T093000Z-sample-aaaaaa'), { ...SMALL, hostile: true });
    const [row] = await rows();
    expect(row).toContain('&lt;script&gt;alert');
    expect(row).not.toContain('<script>');
  });

  it('of no runs says so', async () => {
    const { file } = await writeIndex(reports);
    expect(readFileSync(file, 'utf8')).toContain('<p>No runs yet.</p>');
  });
});
