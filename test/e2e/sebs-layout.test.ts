// Benchmarks laid out as SeBS does, in a suite by their path: nothing in their folders is changed.
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { PYTHON } from '../benchmarks/support.js';
import { leftOut } from '../support/left-out.js';
import { makeWorkspace, summaryOf, type Workspace } from '../support/workspace.js';

const FIXTURES = fileURLToPath(new URL('../benchmarks/fixtures', import.meta.url));
const withoutPython = PYTHON === undefined && leftOut('suites with folders of SeBS', 'python3 is missing');

let user: Workspace;
beforeEach(() => {
  user = makeWorkspace();
});
afterEach(() => user.end());

it.skipIf(withoutPython)(
  'run unmodified, cold and warm, in both languages, and every answer is judged',
  {
    timeout: 180_000,
  },
  async () => {
    cpSync(FIXTURES, join(user.path, 'sebs'), { recursive: true });
    user.write(
      'suite.yaml',
      `version: 1
name: folders-of-sebs
platforms: [process]
benchmarks:
  - path: sebs/benchmarks/300.utilities/310.word-count
  - path: sebs/benchmarks/100.webapps/190.greeting-card
factors: { language: [python, nodejs] }
experiments: { cold-warm: { type: perf-cost, starts: [cold, warm], repetitions: 2 } }
order: { blocks: 2 }
`,
    );
    const { code, stderr } = await user.sebs(['run', 'suite.yaml', '--quiet'], { timeout: 170_000 });
    expect(code, stderr).toBe(0);
    const [folder = ''] = user.runs();
    const summary = summaryOf(folder);
    expect(summary.cells).toHaveLength(8);
    for (const { status, failure_rate } of summary.cells)
      expect({ status, failures: failure_rate.value }).toEqual({ status: 'complete', failures: 0 });
  },
);
