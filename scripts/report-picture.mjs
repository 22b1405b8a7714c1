// Makes docs/images/report.png and docs/images/figures.png for the README from a real run of the quickstart: the top of
// its report and its first figures, as a browser shows them. Needs Chromium and a built dist/.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'sebs-picture-'));
const images = join(root, 'docs/images');
mkdirSync(images, { recursive: true });

try {
  const suite = join(root, 'specs/quickstart.yaml');
  execFileSync(process.execPath, [join(root, 'dist/cli.js'), 'run', suite], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const run = readdirSync(join(folder, 'reports')).find((name) => name.includes('quickstart'));
  const browser = await chromium.launch({
    executablePath:
      process.env.CHROMIUM ?? execFileSync('sh', ['-c', 'command -v chromium'], { encoding: 'utf8' }).trim(),
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'],
  });
  const page = await browser.newPage({ viewport: { width: 1180, height: 1500 } });
  await page.goto(`file://${join(folder, 'reports', run, 'report.html')}`);
  await page.screenshot({ path: join(images, 'report.png') });
  const figures = page.locator('figure');
  const [first, third] = [await figures.nth(0).boundingBox(), await figures.nth(2).boundingBox()];
  const clip = {
    x: first.x - 8,
    y: first.y - 8,
    width: 840,
    height: third.y + third.height - first.y + 16,
  };
  await page.screenshot({ path: join(images, 'figures.png'), fullPage: true, clip });
  await browser.close();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
