import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSession } from '../../src/results/dataframe.js';
import { makeWorkspace, rowsOf, type Workspace } from '../support/workspace.js';

let user: Workspace;
beforeEach(() => {
  user = makeWorkspace();
});
afterEach(() => user.end());

/** Each way in which a function can fail puts the path of its own file, which lies in the cache, into some text. */
const FAILING: Readonly<Record<string, string>> = {
  throws: 'export async function handler() { throw new Error([import.meta.url, process.env.TMPDIR]); }',
  exits: 'export async function handler() { console.error(import.meta.url, process.cwd()); process.exit(3); }',
  imports: "import './absent.mjs';\nexport async function handler() {}",
  measures: 'export async function handler() { return { result: import.meta.url, measurement: { items: 1 } }; }',
};

/** Every file of a run bundle as text; Parquet as what is in it. */
async function textsOf(run: string): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  for (const entry of readdirSync(run, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    texts.set(relative(run, path), path.endsWith('.parquet') ? await tableText(path) : readFileSync(path, 'utf8'));
  }
  return texts;
}

async function tableText(path: string): Promise<string> {
  const scratch = join(user.path, 'scratch');
  mkdirSync(scratch, { recursive: true });
  const session = await openSession(scratch);
  try {
    return JSON.stringify(await session.rows(`SELECT CAST(t AS VARCHAR) AS line FROM read_parquet('${path}') t`));
  } finally {
    session.close();
  }
}

describe('a run folder', () => {
  it('does not tell where the user, the cache and the scratch data lie, nor the name of the host', async () => {
    const home = join(user.path, 'homes', 'canary-ann');
    mkdirSync(home, { recursive: true });
    for (const [id, handler] of Object.entries(FAILING)) {
      user.benchmark(id, handler, {
        ...(id === 'measures'
          ? {
              input: `export function generate() { return { event: {} }; }
                      export function validate({ output }) { return 'wrong: ' + output; }`,
            }
          : {}),
      });
    }
    user.write(
      'homes/canary-ann/work/suite.yaml',
      `
version: 1
name: places
platforms: [process]
benchmarks: [${Object.keys(FAILING)
        .map((id) => `{ path: ../../../${id} }`)
        .join(', ')}]
experiments: { it: { type: perf-cost, starts: [cold, warm], repetitions: 3 } }
order: { blocks: 2 }
`,
    );
    const { code, stderr } = await user.sebs(['run', 'suite.yaml'], {
      cwd: join(home, 'work'),
      env: { HOME: home, XDG_CACHE_HOME: undefined },
    });
    expect(code, stderr).toBe(3);
    const reports = join(home, 'work', 'reports');
    const run = join(reports, readdirSync(reports).find((name) => name.includes('places')) ?? '');

    const texts = await textsOf(run);
    expect([...texts.keys()]).toEqual(
      expect.arrayContaining(['report.html', 'manifest.json', 'raw/journal.jsonl', 'derived/invocations.parquet']),
    );
    expect([...texts.keys()].filter((name) => name.startsWith('raw/logs/')).length).toBeGreaterThan(4);
    const errors = rowsOf(run).map(({ error }) => error ?? '');
    expect(errors.some((error) => error.includes('<cache>/packages/'))).toBe(true);
    expect(texts.get('derived/invocations.parquet')).toContain('<cache>/packages/');
    const canaries = ['canary-ann', ...(hostname().length > 6 ? [hostname()] : [])];
    for (const canary of canaries)
      for (const [name, text] of texts) {
        const at = text.indexOf(canary);
        expect(at < 0 ? '' : `${name}: ${text.slice(Math.max(0, at - 100), at + 100)}`).toBe('');
      }
  }, 120_000);
});
