// The report as a reader meets it: opened from the disk in a real browser, at the width of a desk and of a phone, in the
// light and in the dark, with and without scripts.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderReport } from '../../src/report/html.js';
import { writeIndex } from '../../src/report/index-page.js';
import { type SampleReport, sampleReport } from '../report/sample.js';
import { leftOut } from '../support/left-out.js';

const ARGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const executablePath = findChromium();
const IN_PAGE = readFileSync(new URL('in-page.js', import.meta.url), 'utf8')
  .trim()
  .replace(/;$/, '');

describe.skipIf(executablePath === undefined && leftOut('the report in a browser', 'chromium is not installed'))(
  'the report in a browser',
  () => {
    let browser: Browser;
    let plain: SampleReport;
    let hostile: SampleReport;

    beforeAll(async () => {
      [plain, hostile] = await Promise.all([sampleReport(), sampleReport({ hostile: true })]);
      await renderReport(plain.folder);
      await renderReport(hostile.folder);
      await writeIndex(hostile.reports);
      browser = await chromium.launch({ ...(executablePath === undefined ? {} : { executablePath }), args: ARGS });
    }, 120_000);

    afterAll(async () => {
      await browser?.close();
      plain?.remove();
      hostile?.remove();
    });

    for (const width of [1280, 390])
      for (const colorScheme of ['light', 'dark'] as const)
        it(`at ${width} px in the ${colorScheme} overflows nowhere, shows every figure, and stays silent`, async () => {
          for (const sample of [plain, hostile])
            await withPage(sample.folder.report, { viewport: { width, height: 900 }, colorScheme }, async (page) => {
              expect(await wrong(page, 'overflowing', width)).toEqual([]);
              expect(await wrong(page, 'invisibleFigures')).toEqual([]);
              expect(await wrong(page, 'unreadableLabels')).toEqual([]);
              expect(await page.locator('figure svg').count()).toBe(11);
              expect(await wrong(page, 'lowContrast')).toEqual([]);
            });
        });

    it('offers each figure as SVG, CSV and Vega-Lite, the same as the files in the run folder', async () => {
      const figures = join(hostile.folder.derived, 'figures');
      const seen: string[] = [];
      // The browser lets a page start ten downloads at once, so each figure's three get a page of their own.
      for (let figure = 0; figure < 11; figure += 1)
        await withPage(hostile.folder.report, {}, async (page) => {
          for (const link of await page.locator('figure').nth(figure).locator('a[data-figure]').all()) {
            const [download] = await Promise.all([page.waitForEvent('download'), link.click()]);
            const name = download.suggestedFilename();
            const [got, file] = [await download.path(), join(figures, name)].map((path) => readFileSync(path, 'utf8'));
            const drawing = name.endsWith('.svg');
            if (drawing) expect([name, await wrong(page, 'differences', [got, file])]).toEqual([name, []]);
            else expect([name, got === file]).toEqual([name, true]);
            seen.push(name);
          }
        });
      expect(seen.sort()).toEqual(readdirSync(figures).sort());
    }, 60_000);

    it('says the same without scripts, and its links lead to the files beside it', async () => {
      await withPage(plain.folder.report, { javaScriptEnabled: false }, async (page) => {
        expect(await page.locator('figure svg').count()).toBe(11);
        expect(await page.locator('#latency tbody tr').count()).toBe(plain.summary.cells.length);
        const links = await page.locator('a[href^="derived/"], footer a').all();
        expect(links.length).toBeGreaterThan(33);
        for (const link of links) {
          const target = join(plain.folder.path, (await link.getAttribute('href')) ?? '');
          expect([target, existsSync(target)]).toEqual([target, true]);
        }
      });
    });

    it('fits on paper: nothing is cut off at the edge of a page', async () => {
      await withPage(plain.folder.report, { viewport: { width: 1017, height: 700 } }, async (page) => {
        await page.emulateMedia({ media: 'print' });
        expect(await wrong(page, 'overflowing', 1017)).toEqual([]);
        expect(await wrong(page, 'clipped')).toEqual([]);
      });
    });

    it('is found from the page of all runs', async () => {
      await withPage(join(hostile.reports, 'index.html'), { viewport: { width: 390, height: 900 } }, async (page) => {
        expect(await wrong(page, 'overflowing', 390)).toEqual([]);
        await page.locator('tbody a').first().click();
        await page.waitForURL('**/report.html');
        expect(await page.locator('#figures').count()).toBe(1);
      });
    });

    /** Opens a file and fails when the page says anything on the console, throws, or asks for anything but itself. */
    async function withPage(file: string, options: BrowserContextOptions, look: (page: Page) => Promise<void>) {
      const context = await browser.newContext(options);
      const complaints: string[] = [];
      try {
        const page = await context.newPage();
        page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`));
        page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
        page.on('dialog', (dialog) => complaints.push(`dialog: ${dialog.message()}`));
        page.on('request', (request) => {
          if (!/^(?:file:.*\.html|data:,|blob:.*)$/.test(request.url())) complaints.push(`request: ${request.url()}`);
        });
        await page.goto(pathToFileURL(file).href);
        await look(page);
      } finally {
        await context.close();
      }
      expect(complaints).toEqual([]);
    }
  },
);

function findChromium(): string | undefined {
  if (process.env.CHROMIUM) return process.env.CHROMIUM;
  try {
    return execFileSync('/bin/sh', ['-c', 'command -v chromium'], { encoding: 'utf8' }).trim() || undefined;
  } catch {
    return undefined;
  }
}

/** Calls a function of in-page.js inside the page; gives what it finds wrong. */
function wrong(page: Page, name: string, argument: unknown = null): Promise<string[]> {
  return page.evaluate<string[]>(`${IN_PAGE}.${name}(${JSON.stringify(argument)})`);
}
