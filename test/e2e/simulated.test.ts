// Runs on a simulated cloud, through the real command: the same rows whatever happens to the process, what is left on the
// cloud, money, and rehearsals of suites for platforms that are not here.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Invocation } from '../../src/generated/invocation.js';
import { ROOT } from '../support/cli.js';
import { lineCount, startSebs, until } from '../support/killed.js';
import { makeWorkspace, manifestOf, planOfRun, rowsOf, type Workspace } from '../support/workspace.js';

let user: Workspace;
beforeEach(() => {
  user = makeWorkspace();
});
afterEach(() => user.end());

function suite(platform: string, rest: string): string {
  return `
version: 1
name: model
platforms: { cloud: { type: simulated, ${platform} } }
benchmarks: [010.sleep]
${rest}
`;
}

/** All of a counted row but what follows the clock, the sandboxes of warm calls and the numbering of attempts. */
function essence(row: Invocation): Record<string, unknown> {
  const { attempt_id, part, batch, released_at, released_us, begin_at, end_at, idle_us, request_id, ...rest } = row;
  // The size of an error's text follows the ids in it.
  const { sandbox_id, sandbox_started_at, invocation_index, response_bytes, ...essential } = rest;
  return essential;
}

function countedRows(run: string): string[] {
  return rowsOf(run)
    .filter(({ role }) => role === 'counted')
    .map((row) => JSON.stringify(essence(row)))
    .sort();
}

describe('a run on a simulated cloud', () => {
  it('killed again and again and resumed has the rows of one that was not', async () => {
    const models = 'latency: { model: ar1 }, drift: 0.05, change: { after: 400 }';
    // Nothing that ends a sandbox: what a cut does after that is said in docs/platforms/simulated.md.
    const faults = 'faults: { failures: 3%, wrong_outputs: 2%, throttled: 1% }';
    user.write(
      'suite.yaml',
      suite(
        `${models}, ${faults}`,
        `factors: { language: nodejs, memory: [128, 512], concurrency: [1, 3] }
experiments: { cold-warm: { type: perf-cost, starts: [cold, warm], repetitions: 500 } }
limits: { failures: 50% }`,
      ),
    );
    let started = startSebs(user, ['run', 'suite.yaml', '-q']);
    for (const rows of [1, 700, 2100, 333]) {
      const before = lineCount(user, 'invocations.jsonl');
      await until(() => lineCount(user, 'invocations.jsonl') >= before + rows, `${rows} more rows`);
      started.kill('SIGKILL');
      await started.ended;
      started = startSebs(user, ['resume', 'latest', '-q']);
    }
    const { code, stderr } = await started.ended;
    expect(code, stderr).toBe(0);
    const [cut = ''] = user.runs();
    expect(manifestOf(cut).parts.length).toBe(5);

    const { code: whole, stdout } = await user.sebs(['run', 'suite.yaml', '-q'], { timeout: 120_000 });
    expect(whole, stdout).toBe(0);
    const uncut = countedRows(user.runs().at(-1) ?? '');
    expect(uncut.length).toBe(8000);
    expect(countedRows(cut)).toEqual(uncut);
  }, 240_000);

  it('made twice has the same bytes, and says at every place that it is simulated', async () => {
    user.write(
      'suite.yaml',
      suite('latency: { model: pareto }', 'experiments: { cold-warm: { type: perf-cost, repetitions: 10 } }'),
    );
    const first = await user.sebs(['run', 'suite.yaml'], { timeout: 60_000 });
    expect(first.code, first.stderr).toBe(0);
    await user.sebs(['run', 'suite.yaml', '-q'], { timeout: 60_000 });
    const [a = '', b = ''] = user.runs().map((run) => readFileSync(join(run, 'raw/invocations.jsonl'), 'utf8'));
    expect(b).toBe(a);
    expect(first.stdout).toContain('SIMULATED Run');
    const run = user.runs()[0] ?? '';
    expect(manifestOf(run).simulated).toEqual(['cloud']);
    expect(manifestOf(run).calibration).toBeUndefined();
    expect(readFileSync(join(run, 'report.html'), 'utf8')).toContain('SIMULATED: cloud is a model');
    expect(rowsOf(run).every(({ released_at }) => released_at?.startsWith('2000-01-01'))).toBe(true);
    expect((await user.sebs(['plan', 'suite.yaml'])).stdout).toContain('SIMULATED: cloud is a model, no measurement');
  }, 120_000);

  it('collects the platform`s metrics, late ones too, and knows what each invocation cost', async () => {
    user.write(
      'suite.yaml',
      suite(
        'logs: { late: 30%, late_delay: 4m, lost: 10% }, prices: { usd_per_million_requests: 1000000, usd_per_gb_second: 2 }',
        'factors: { memory: 512 }\nexperiments: { warm: { type: perf-cost, starts: warm, repetitions: 200 } }',
      ),
    );
    const { code, stdout, stderr } = await user.sebs(['run', 'suite.yaml', '-q'], { timeout: 60_000 });
    expect(code, stdout + stderr).toBe(0);
    const run = user.runs()[0] ?? '';
    const [collected] = manifestOf(run).collected ?? [];
    expect(Number(collected?.found) / Number(collected?.requests)).toBeCloseTo(0.9, 1);
    const [header = '', ...lines] = readFileSync(join(run, 'derived/invocations.csv'), 'utf8').trim().split('\n');
    const names = header.split(',');
    const column = (line: string, name: string) => line.split(',')[names.indexOf(name)] ?? '';
    const unknown = lines.filter((line) => column(line, 'provider_billed_us') === '');
    expect(unknown.length).toBe(Number(collected?.requests) - Number(collected?.found));
    for (const line of lines) {
      const billed = column(line, 'provider_billed_us');
      if (billed === '') expect(column(line, 'cost_usd')).toBe('');
      else expect(Number(column(line, 'cost_usd'))).toBeCloseTo(1 + (0.5 * Number(billed) * 2) / 1e6, 9);
    }
  }, 60_000);

  it('stops at limits.usd with the reason, and is refused where even the least costs more', async () => {
    const rest = (usd: number) => `limits: { usd: ${usd} }
experiments: { warm: { type: perf-cost, starts: warm, repetitions: 100 } }`;
    const prices = 'prices: { usd_per_million_requests: 1000000 }';
    user.write('stops.yaml', suite(`${prices}`, rest(30)));
    const refused = await user.sebs(['run', 'stops.yaml', '-q']);
    expect(refused.code, refused.stderr).toBe(2);
    expect(refused.stderr).toContain('against limits.usd of 30.00 USD');
    expect(user.runs()).toEqual([]);
    const stopped = await user.sebs(['run', 'stops.yaml', '--yes'], { timeout: 60_000 });
    expect(stopped.code, stopped.stdout + stopped.stderr).toBe(3);
    expect(stopped.stdout).toContain('limits.usd of 30.00 USD is used up: up to 30.');
    expect(stopped.stderr).toContain('spent');
    const run = user.runs()[0] ?? '';
    expect(rowsOf(run).length).toBe(30);
    expect(manifestOf(run).outcome?.usd_at_most).toBeGreaterThan(30);
  }, 60_000);

  it('leaves what is stuck on the cloud, in the ledger and in the list, and nothing else', async () => {
    user.write(
      'suite.yaml',
      suite(
        'faults: { stuck: 50% }',
        `factors: { language: nodejs, memory: [128, 256, 512, 1024] }
experiments: { warm: { type: perf-cost, starts: warm, repetitions: 2 } }`,
      ),
    );
    const { code, stdout } = await user.sebs(['run', 'suite.yaml', '-q'], { timeout: 60_000 });
    expect(code, stdout).toBe(3);
    const run = user.runs()[0] ?? '';
    const left = manifestOf(run).outcome?.left_behind ?? [];
    expect(left.length).toBeGreaterThan(0);
    expect(left.length).toBeLessThan(4);
    const { stdout: list } = await user.sebs(['resources', 'list', '--json']);
    const listed = JSON.parse(list) as { resource: { platform: string } }[];
    // An engine on this machine may hold things of others.
    expect(listed.filter(({ resource }) => resource.platform === 'cloud').length).toBe(left.length);
    const cloud = join(user.path, 'cache', 'sebs', 'simulated-cloud');
    const files = readdirSync(cloud, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    expect(files.length).toBe(left.length);
  }, 60_000);

  it('ends the cells of functions that cannot be deployed, and measures the others', async () => {
    user.write(
      'suite.yaml',
      suite(
        'faults: { deploy: 50% }',
        `factors: { language: nodejs, memory: [128, 256, 512, 1024] }
experiments: { warm: { type: perf-cost, starts: warm, repetitions: 2 } }`,
      ),
    );
    const { code, stdout } = await user.sebs(['run', 'suite.yaml', '-q'], { timeout: 60_000 });
    expect(code).toBe(3);
    expect(stdout).toContain('could not be deployed, as the faults of the model say');
    expect(rowsOf(user.runs()[0] ?? '').length).toBeGreaterThan(0);
  }, 60_000);
});

describe('a rehearsal', () => {
  const specs = readdirSync(join(ROOT, 'specs')).filter((name) => name.endsWith('.yaml'));

  it.each(specs)(
    'of %s needs nothing of the platforms it is for',
    async (name) => {
      const { code, stdout, stderr } = await user.sebs(
        ['run', '--simulate', '-q', join(ROOT, 'specs', name), '--set', 'order={ blocks: 2 }'],
        {
          timeout: 120_000,
          env: { PATH: '/nonexistent', DOCKER_HOST: 'unix:///nonexistent', MY_FUNCTION_URL: 'http://127.0.0.1:9/' },
        },
      );
      expect(code, stdout + stderr).toBe(0);
      const run = user.runs()[0] ?? '';
      const plan = planOfRun(run);
      expect(plan.simulated).toEqual(plan.platforms.map(({ id }) => id));
      expect(manifestOf(run).suite.rehearsal === true).toBe(true);
      expect(plan.platforms.every(({ type }) => type === 'simulated')).toBe(true);
      expect(stdout).toContain('SIMULATED');
    },
    150_000,
  );
});
