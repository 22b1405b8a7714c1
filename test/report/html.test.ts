import { createHash } from 'node:crypto';
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderReport } from '../../src/report/html.js';
import { verify } from '../../src/results/checksums.js';
import { runFolder } from '../../src/results/run-folder.js';
import { HOSTILE } from '../support/sample-run.js';
import { type SampleReport, SMALL, sampleReport } from './sample.js';

let plain: SampleReport;
let hostile: SampleReport;

beforeAll(async () => {
  [plain, hostile] = await Promise.all([sampleReport(), sampleReport({ hostile: true })]);
  await renderReport(plain.folder);
  await renderReport(hostile.folder);
}, 120_000);

afterAll(() => {
  plain.remove();
  hostile.remove();
});

/** What a page has of a pattern; the page itself is too long for a failing test's output. */
function found(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([match]) => match);
}

const read = (sample: SampleReport) => readFileSync(sample.folder.report, 'utf8');

describe('report.html', () => {
  it('is one file of moderate size that names nothing to load', () => {
    const html = read(plain);
    expect(statSync(plain.folder.report).size).toBeLessThan(1_500_000);
    expect(
      found(
        html,
        /<(?:img|iframe|object|embed|base|link rel="(?!icon" href="data:,"))[^>]*>|\ssrc=.{0,60}|@import|url\((?!#).{0,60}/g,
      ),
    ).toEqual([]);
    const addresses = [...html.matchAll(/https?:\/\/[^"'\s<)]+/g)].map(([address]) => address);
    const names = [
      'http://www.w3.org/2000/svg',
      'http://www.w3.org/1999/xlink',
      'https://vega.github.io/schema/vega-lite/v6.json',
    ];
    expect([...new Set(addresses)].sort()).toEqual(names.sort());
  });

  it('allows itself one style and one script by their hashes, and nothing else', () => {
    const html = read(plain);
    const hash = (tag: string) => {
      const text = html.split(`<${tag}>`)[1]?.split(`</${tag}>`)[0] ?? '';
      return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
    };
    const policy = /Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1] ?? '';
    expect(policy.replaceAll('&#x27;', "'").replaceAll('&#x3D;', '=')).toBe(
      `default-src 'none'; style-src ${hash('style')}; script-src ${hash('script')}; img-src data:; base-uri 'none'; form-action 'none'`,
    );
  });

  it('holds every cell, penalty, failure and skipped cell of the summary', () => {
    const html = read(plain);
    const { cells, penalties, not_run: notRun } = plain.summary;
    const rows = (section: string) =>
      html
        .split(`<section id="${section}">`)[1]
        ?.split('</section>')[0]
        ?.match(/<tr(?: data-cell="\d+")?><th scope="row">/g)?.length;
    expect(rows('latency')).toBe(cells.length);
    const tables = found(html, /<table class="cells metrics sortable">/g).length;
    expect(tables).toBeGreaterThanOrEqual(2);
    expect(rows('metrics')).toBe((cells.length * tables) / 2);
    expect(rows('penalty')).toBe(penalties.length);
    expect(rows('failures')).toBe(cells.length + 1 + cells.flatMap((cell) => cell.failures ?? []).length);
    expect(html.match(/<tr><td class="rule">D\d+/g)).toHaveLength(42);
    expect(notRun).toHaveLength(1);
    for (const { reason } of notRun) expect(html.includes(reason)).toBe(true);
  });

  it('is the same bytes when made again, also from a copy of the folder elsewhere', async () => {
    const before = read(plain);
    await renderReport(plain.folder);
    expect(read(plain) === before).toBe(true);
    const copy = join(plain.reports, 'copy', plain.folder.id);
    cpSync(plain.folder.path, copy, { recursive: true });
    rmSync(join(copy, 'report.html'));
    const { file } = await renderReport(runFolder(copy));
    expect(readFileSync(file, 'utf8') === before).toBe(true);
  });

  it('leaves no half-written files, and a seal of derived/ that holds', () => {
    const files = readdirSync(plain.folder.path, { recursive: true }).map(String);
    expect(files.filter((file) => file.includes('.next'))).toEqual([]);
    expect(verify(plain.folder).filter(({ file }) => file.startsWith('derived/'))).toEqual([]);
  });

  it('has three files beside each figure, and none of an earlier report', async () => {
    const target = join(plain.folder.derived, 'figures');
    const figures = [...read(plain).matchAll(/<figure id="([^"]+)"/g)].map(([, id]) => id);
    expect(figures).toHaveLength(11);
    const expected = figures.flatMap((id) => [`${id}.csv`, `${id}.svg`, `${id}.vl.json`]).sort();
    expect(readdirSync(target).sort()).toEqual(expected);
  });

  it('of a run that was not summarised is an error that says what to do', async () => {
    const small = await sampleReport(SMALL);
    rmSync(join(small.folder.derived, 'summary.json'));
    await expect(renderReport(small.folder)).rejects.toMatchObject({
      message: expect.stringContaining('summary.json is missing'),
      hint: `sebs process ${small.folder.id} makes it from raw/`,
    });
    expect(existsSync(small.folder.report)).toBe(false);
    small.remove();
  });
});

describe('hostile names and errors', () => {
  it('stay text in the page: no element, attribute or template of theirs', () => {
    const html = read(hostile);
    expect(HOSTILE).toContain('<script>alert');
    expect(found(html, /&lt;script&gt;alert/g).length).toBeGreaterThan(10);
    expect(found(html, /<script>alert/g)).toEqual([]);
    const elements = [...html.matchAll(/<\/?(script|style)\b[^>]*>/g)].map(([tag]) => tag.replace(/id="[^"]*"/, 'id'));
    const figures = html.match(/<figure /g)?.length ?? 0;
    const data = Array.from({ length: figures }, () => ['<script type="application/json" id>', '</script>']).flat();
    const carried = ['<script type="application/json" id>', '</script>'];
    expect(elements).toEqual(['<style>', '</style>', ...data, ...carried, ...carried, '<script>', '</script>']);
    expect(found(html, /\{\{name\}\}/g).length).toBeGreaterThan(10);
  });

  it('stay data in the figures: their specifications parse, their drawings are well-formed', () => {
    const target = join(hostile.folder.derived, 'figures');
    for (const name of readdirSync(target)) {
      const text = readFileSync(join(target, name), 'utf8');
      if (name.endsWith('.json')) expect(() => JSON.parse(text)).not.toThrow();
      if (name.endsWith('.svg')) expect(found(text, /<script|\u2028/g)).toEqual([]);
    }
  });
});
