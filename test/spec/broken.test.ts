// Every suite in specs/broken/ fails with exactly the message in its golden file, and every golden file has its suite.
// SEBS_UPDATE_GOLDEN=1 writes them anew; look at the difference before committing it.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { benchmarkIds } from '../../src/benchmarks/catalogue.js';
import { SpecError } from '../../src/errors.js';
import { makePlan } from '../../src/plan/plan.js';
import { formatPath } from '../../src/spec/finding.js';
import { loadSuite } from '../../src/spec/load.js';
import { checkAgainstCatalogue } from '../../src/spec/rules.js';
import { platformsOf } from '../support/plan-fixtures.js';
import { catalogueFor, messagesOf, ROOT, yamlFilesIn } from './support.js';

const GOLDEN = `${ROOT}test/golden/spec/`;
const update = process.env.SEBS_UPDATE_GOLDEN === '1';
const broken = yamlFilesIn('specs/broken');

// From the file itself, by the name a user would give from the folder of the suite; bytes that are no text included.
async function messagesOfFile(name: string): Promise<string> {
  const before = process.cwd();
  process.chdir(`${ROOT}specs/broken`);
  try {
    const loaded = await loadSuite({ file: name, env: {}, benchmarkIds: await benchmarkIds() });
    const problems = checkAgainstCatalogue(loaded, await catalogueFor(loaded));
    if (problems.length > 0) throw new SpecError(problems);
    const { problems: unplanned } = makePlan(loaded.suite, await catalogueFor(loaded), platformsOf(loaded.suite));
    if (unplanned.length === 0) return '';
    throw new SpecError(
      unplanned.map(({ path, ...said }) => ({ ...loaded.locate(path), path: formatPath(path), ...said })),
    );
  } finally {
    process.chdir(before);
  }
}

describe('broken suites', () => {
  it.each(broken)('%s fails with its golden message', async (name) => {
    const message = `${await messagesOf(messagesOfFile(name))}\n`;
    const golden = `${GOLDEN}${name.replace('.yaml', '.txt')}`;
    if (update) writeFileSync(golden, message);
    expect(message).not.toBe('\n');
    expect(message).toBe(readFileSync(golden, 'utf8'));
  });

  it('has at least thirty, and no golden message without its suite', () => {
    const golden = readdirSync(GOLDEN).map((name) => name.replace('.txt', '.yaml'));
    expect(golden.sort()).toEqual(broken);
    expect(broken.length).toBeGreaterThanOrEqual(30);
  });
});
