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
import { openSession } from '../../src/results/dataframe.js';
import { type SampleReport, SMALL, sampleReport } from '../report/sample.js';
import { leftOut } from '../support/left-out.js';
import { plant } from '../support/plant.js';

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

const WIDE: BrowserContextOptions = { viewport: { width: 1280, height: 900 } };

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

    it('filters by factor: rows and figures of the other cells are hidden, and come back', async () => {
      await withPage(plain.folder.report, WIDE, async (page) => {
        const rows = page.locator('#latency tbody tr:visible');
        const all = plain.summary.cells.length;
        expect(await rows.count()).toBe(all);
        expect(await page.locator('.filter-status').textContent()).toBe(`${all} of ${all} cells shown`);
        await page.getByRole('group', { name: 'memory' }).getByLabel('128 MB').uncheck();
        await page.getByRole('group', { name: 'start' }).getByLabel('warm').uncheck();
        const left = plain.summary.cells.filter(({ factors }) => factors.memory_mb !== 128 && factors.start === 'cold');
        expect(await page.locator('.filter-status').textContent()).toBe(`${left.length} of ${all} cells shown`);
        expect(await rows.count()).toBe(left.length);
        await page.getByRole('group', { name: 'benchmark' }).getByLabel('311.compression').uncheck();
        expect(await page.locator('#figures figure:visible').count()).toBeLessThan(11);
        expect(await page.locator('.not-filtered:visible').count()).toBeGreaterThan(0);
        await page.getByRole('button', { name: 'Show all cells' }).click();
        await page
          .locator('#latency tbody tr:visible')
          .nth(all - 1)
          .waitFor();
        expect(await page.locator('#figures figure:visible').count()).toBe(11);
      });
    });

    it('sorts its tables by number, by text, and back to the order of the plan', async () => {
      await withPage(plain.folder.report, WIDE, async (page) => {
        const table = page.locator('#latency .group:first-of-type table');
        const values = () => numbers(page, '#latency .group:first-of-type tbody tr', 2);
        const planned = await values();
        await table.getByRole('button', { name: 'p50' }).click();
        expect(await table.locator('th[aria-sort="ascending"]').textContent()).toContain('p50');
        expect(await values()).toEqual([...planned].sort((a, b) => a - b));
        await table.getByRole('button', { name: 'p50' }).press('Enter');
        expect(await values()).toEqual([...planned].sort((a, b) => b - a));
        await table.getByRole('button', { name: 'p50' }).click();
        expect(await values()).toEqual(planned);
      });
    });

    it('leads from a number to the rows it rests on, and by the keyboard back again', async () => {
      await withPage(plain.folder.report, WIDE, async (page) => {
        const [cell] = plain.summary.cells;
        const row = page.locator('#latency tbody tr[data-cell="0"]');
        await row.locator('button').first().focus();
        for (let step = 0; step < 3; step += 1) await page.keyboard.press('ArrowRight');
        expect(await row.locator('[data-at="0.95"] button:focus').count()).toBe(1);
        await page.keyboard.press('Enter');
        const dialog = page.getByRole('dialog');
        expect(await dialog.getByRole('heading').first().textContent()).toBe(`${cell?.label}: p95`);
        const times = await numbers(page, 'dialog tbody tr', 1);
        expect(times).toHaveLength(cell?.metrics.client_us?.n ?? 0);
        expect(times).toEqual([...times].sort((a, b) => a - b));
        const [below = 0, above = 0] = await numbers(page, 'dialog tr.marked', 1);
        const p95 = (cell?.metrics.client_us?.p95.value ?? 0) / 1000;
        expect(below <= p95 && p95 <= above).toBe(true);
        expect(await dialog.locator('pre').textContent()).toContain(`WHERE cell = '${cell?.cell}'`);
        await page.keyboard.press('Escape');
        await dialog.waitFor({ state: 'detached' });
        expect(await row.locator('[data-at="0.95"] button:focus').count()).toBe(1);
      });
    });

    it('gives a query that finds the same rows in the run folder', async () => {
      let query = '';
      let shown = 0;
      await withPage(plain.folder.report, WIDE, async (page) => {
        await page.locator('#latency tbody tr[data-cell="1"] [data-show="failed"] button').click();
        query = (await page.locator('dialog pre').textContent()) ?? '';
        shown = await page.locator('dialog tbody tr').count();
      });
      const session = await openSession(join(plain.reports, 'scratch'));
      const file = join(plain.folder.derived, 'invocations.parquet');
      const rows = await session.rows(query.replace('derived/invocations.parquet', file).replace(/;$/, ''));
      session.close();
      expect(rows.length).toBe(shown);
      expect(shown).toBeGreaterThan(0);
    });

    it('shows the numbers of a figure as a table', async () => {
      await withPage(plain.folder.report, WIDE, async (page) => {
        await page.locator('#figures figure').nth(2).getByRole('button', { name: 'Numbers as a table' }).click();
        expect(await page.locator('dialog tbody tr').count()).toBeGreaterThan(5);
        await page.getByRole('button', { name: 'Close' }).click();
        expect(await page.locator('dialog').count()).toBe(0);
      });
    });

    it('runs nothing of what a run folder says, in whatever place it says it', async () => {
      const planted = await sampleReport({ ...SMALL, hostile: true }, plant);
      try {
        await renderReport(planted.folder);
        await writeIndex(planted.reports);
        await withPage(planted.folder.report, WIDE, async (page) => {
          expect((await page.content()).split('alert(1)').length).toBeGreaterThan(40);
          expect(await page.locator('img, iframe, object, [onerror], [onload]').count()).toBe(0);
          for (const place of ['[data-at="0.5"]', '[data-show="failed"]', '[data-show="largest"]']) {
            await page.locator(`#latency tr[data-cell="0"] ${place} button`).first().click();
            await page.locator('dialog pre').waitFor();
            await page.keyboard.press('Escape');
          }
          for (const button of await page.locator('#failures [data-show="reason"] button').all()) {
            await button.click();
            await page.locator('dialog tbody tr').first().waitFor();
            await page.keyboard.press('Escape');
          }
          for (const button of await page.locator('figure [data-numbers]:visible').all()) {
            await button.click();
            await page.locator('dialog tbody tr').first().waitFor();
            await page.keyboard.press('Escape');
          }
          for (const box of await page.locator('.filter input').all()) await box.uncheck();
          expect(await page.locator('img').count()).toBe(0);
        });
        await withPage(join(planted.reports, 'index.html'), WIDE, async (page) => {
          await page.getByLabel('Find').fill('<script>');
          expect(await page.locator('tbody tr:visible').count()).toBe(1);
        });
      } finally {
        planted.remove();
      }
    }, 120_000);

    it('shows the course of the run and leads from a block to its attempts', async () => {
      await withPage(plain.folder.report, WIDE, async (page) => {
        expect(await page.locator('#course').getByText('part 2 began: the run was resumed').count()).toBe(1);
        const rows = page.locator('#course table').last().locator('tbody tr:visible');
        expect(await rows.count()).toBe(24);
        await page
          .locator('#course')
          .getByRole('button', { name: /^Show all \d+ rows$/ })
          .click();
        expect(await rows.count()).toBeGreaterThan(200);
        await rows.nth(30).locator('[data-show="block"] button').click();
        const shown = await page.locator('dialog tbody tr').count();
        expect(shown).toBeGreaterThanOrEqual(6);
        expect(shown).toBeLessThan(20);
      });
    });

    it('draws figures for the dark, and for paper in the light', async () => {
      const ground = (page: Page) =>
        page.evaluate<string>("getComputedStyle(document.querySelector('figure svg > rect')).fill");
      await withPage(plain.folder.report, { ...WIDE, colorScheme: 'dark' }, async (page) => {
        expect(await ground(page)).toBe('rgb(26, 32, 39)');
        await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
        expect(await ground(page)).toBe('rgb(255, 255, 255)');
      });
    });

    it('unfolds everything on paper and leaves the controls away', async () => {
      await withPage(plain.folder.report, WIDE, async (page) => {
        const folded = await page.locator('.beyond').count();
        expect(folded).toBeGreaterThan(200);
        expect(await page.locator('.beyond:visible').count()).toBe(0);
        await page.emulateMedia({ media: 'print' });
        expect(await page.locator('.beyond:visible').count()).toBe(folded);
        expect(await page.locator('button.more:visible, .downloads:visible, .filter input:visible').count()).toBe(0);
      });
    });

    it('finds runs by word and state on the page of all runs', async () => {
      await withPage(join(hostile.reports, 'index.html'), WIDE, async (page) => {
        const rows = page.locator('tbody tr:visible');
        expect(await rows.count()).toBe(1);
        await page.getByLabel('Find').fill('nothing has this name');
        expect(await rows.count()).toBe(0);
        expect(await page.locator('output').textContent()).toBe('0 of 1 runs');
        await page.getByLabel('Find').fill('');
        await page.getByLabel('State').selectOption('partial');
        expect(await rows.count()).toBe(1);
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

/** A column of a table as numbers: what its rows sort by, or what they show. */
function numbers(page: Page, rows: string, column: number): Promise<number[]> {
  return page.evaluate<number[]>(`${IN_PAGE}.numbers(${JSON.stringify([rows, column])})`);
}
