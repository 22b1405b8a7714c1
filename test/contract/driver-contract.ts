// The contract of src/platforms/driver.ts as tests that every driver must pass, with real functions and real requests.
// Comes in: how to make a driver and which language it is tried with; goes out: a describe block.
import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Deployment, DriverContext, Endpoint, PlatformDriver } from '../../src/platforms/driver.js';
import { type Bench, deployProbe, invoke, makeBench, placeIn, sendTo, until } from './driver-harness.js';

export interface ContractSubject {
  name: string;
  language: string;
  create(context: DriverContext): Promise<PlatformDriver>;
  /** What a run would hand in besides. */
  context?: Partial<DriverContext>;
  /** Deploys a function of the probe; absent: with the driver's own buildPackage. */
  deploy?(driver: PlatformDriver, options: { memoryMb: number | null; id?: string }): Promise<Deployment>;
  /** A memory setting, and an allocation that is too much for it; absent where no limit is held. */
  memory?: { limitMb: number; tooMuchMb: number };
}

const schema: unknown = JSON.parse(
  readFileSync(new URL('../../schemas/wrapper-answer.schema.json', import.meta.url), 'utf8'),
);

export function describeDriverContract(subject: ContractSubject): void {
  const { language } = subject;
  const deploy =
    subject.deploy ??
    ((driver: PlatformDriver, options: { memoryMb: number | null; id?: string }) =>
      deployProbe(driver, { language, ...options }));

  describe(`the driver contract: ${subject.name}, ${language}`, () => {
    let bench: Bench;
    let driver: PlatformDriver;
    let deployment: Deployment;
    let endpoint: Endpoint;

    beforeEach(async () => {
      bench = makeBench(subject.context);
      driver = await subject.create(bench.context);
      deployment = await deploy(driver, { memoryMb: null });
      endpoint = await driver.endpoint(deployment, 'http');
    });
    afterEach(async () => {
      await driver.close();
      const left = await driver.list(bench.context.runId);
      bench.remove();
      expect(left, 'outlives the driver').toEqual([]);
    });

    it('says what it can do, and its facts name no address', async () => {
      const { capabilities } = driver;
      expect(capabilities.languages[language]?.length).toBeGreaterThan(0);
      expect(capabilities.triggers).toContain('http');
      expect(capabilities.packageKinds.length).toBeGreaterThan(0);
      expect(capabilities.maxConcurrency).toBeGreaterThanOrEqual(1);
      expect(JSON.parse(JSON.stringify(await driver.prepare()))).toEqual(await driver.prepare());
    });

    it('answers in the shape of the schema, under the id of the attempt', async () => {
      const { status, ...answer } = await invoke(endpoint, { do: 'echo', value: 'ü€' }, 'a.0.0');
      const formats = { 'date-time': (text: string) => !Number.isNaN(Date.parse(text)) && text.endsWith('Z') };
      const ajv = new Ajv({ strict: true, allowUnionTypes: true, formats });
      const valid = ajv.compile(schema as object);
      expect(valid(answer), JSON.stringify(valid.errors)).toBe(true);
      expect({ status, id: answer.request_id, result: answer.result }).toEqual({
        status: 200,
        id: 'a.0.0',
        result: { output: { value: 'ü€' } },
      });
    });

    it('takes the measurement of a function apart from its output', async () => {
      const { result } = await invoke(endpoint, { do: 'measured', value: 7 });
      expect(result).toEqual({ output: { value: 7 }, measurement: { compute_time: 12 } });
    });

    it('runs the clock around the handler', async () => {
      const { benchmark_us } = await invoke(endpoint, { do: 'sleep', ms: 60 });
      expect(benchmark_us).toBeGreaterThanOrEqual(59_000);
    });

    it('deployed again with the same content, it keeps what is there', async () => {
      const first = await invoke(endpoint, { do: 'echo' });
      const before = bench.ledger.length;
      const again = await deploy(driver, { memoryMb: null });
      expect(again).toEqual(deployment);
      expect(bench.ledger.length).toBe(before);
      expect((await invoke(endpoint, { do: 'echo' })).sandbox_id).toBe(first.sandbox_id);
    });

    it('meets the same sandbox when it is warm, and says so', async () => {
      const answers = [];
      for (let i = 0; i < 3; i += 1) answers.push(await invoke(endpoint, { do: 'echo' }));
      expect(new Set(answers.map(({ sandbox_id }) => sandbox_id)).size).toBe(1);
      expect(answers.map(({ is_cold, invocation_index }) => ({ is_cold, invocation_index }))).toEqual([
        { is_cold: true, invocation_index: 0 },
        { is_cold: false, invocation_index: 1 },
        { is_cold: false, invocation_index: 2 },
      ]);
      expect(answers.map(({ import_us }) => import_us !== undefined)).toEqual([true, false, false]);
    });

    it('meets a new sandbox after a forced cold start, each time', async () => {
      const seen = new Set<string>();
      for (let i = 0; i < 3; i += 1) {
        await driver.forceColdStart?.(deployment);
        const { is_cold, sandbox_id } = await invoke(endpoint, { do: 'echo' });
        expect(is_cold).toBe(true);
        seen.add(sandbox_id);
      }
      expect(seen.size).toBe(3);
    });

    it('serves requests at the same time from distinct sandboxes', async () => {
      const answers = await Promise.all(
        Array.from({ length: 4 }, (_, i) => invoke(endpoint, { do: 'sleep', ms: 300 }, `a.${i}`)),
      );
      expect(new Set(answers.map(({ sandbox_id }) => sandbox_id)).size).toBe(4);
      expect(answers.map(({ request_id }) => request_id)).toEqual(['a.0', 'a.1', 'a.2', 'a.3']);
    });

    it('tells of an exception and lives on', async () => {
      const failed = await invoke(endpoint, { do: 'throw' }, 'a.1');
      expect({ status: failed.status, id: failed.request_id, result: failed.result }).toEqual({
        status: 500,
        id: 'a.1',
        result: undefined,
      });
      expect(failed.error?.message).toBe('as the event asked');
      expect(failed.error?.trace).toContain('function.');
      const next = await invoke(endpoint, { do: 'echo', value: 1 });
      expect({ status: next.status, index: next.invocation_index }).toEqual({ status: 200, index: 1 });
    });

    it('tells of an output that is not JSON', async () => {
      const { status, error } = await invoke(endpoint, { do: 'unwritable' });
      expect(status).toBe(500);
      expect(error?.message).toContain('cannot be written as JSON');
    });

    it('keeps what the function writes in the logs of the run', async () => {
      await invoke(endpoint, { do: 'print', text: 'words of the function' });
      await until(() => bench.logs().includes('words of the function'), 'the output is in the logs');
    });

    it('recognises a crash, with the last words of the function', async () => {
      const placement = await placeIn(endpoint);
      await expect(sendTo(endpoint, placement, { do: 'crash' })).rejects.toThrow();
      const death = await placement?.discard();
      expect(death?.kind).toBe('crash');
      expect(death?.text).toContain('exited with code 3');
      expect(death?.text).toContain('about to crash');
      expect((await invoke(endpoint, { do: 'echo', value: 2 })).is_cold).toBe(true);
    });

    it('ends a sandbox whose request ran out of time, however busy it is', async () => {
      const placement = await placeIn(endpoint);
      const answer = sendTo(endpoint, placement, { do: 'hang' });
      const failed = expect(answer).rejects.toThrow();
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect(await placement?.discard()).toBeUndefined();
      await failed;
      expect((await invoke(endpoint, { do: 'echo' })).sandbox_id).not.toBe(placement?.sandboxId);
    });

    it.skipIf(subject.memory === undefined)(
      'recognises that memory ran out, and holds only those above it',
      async () => {
        const { limitMb, tooMuchMb } = subject.memory ?? { limitMb: 0, tooMuchMb: 0 };
        const small = await driver.endpoint(await deploy(driver, { memoryMb: limitMb, id: 'small' }), 'http');
        const inside = await invoke(small, { do: 'allocate', mb: 8 });
        expect({ status: inside.status, output: inside.result?.output }).toEqual({
          status: 200,
          output: 8 * 1024 ** 2,
        });
        const placement = await placeIn(small);
        const answer = await sendTo(small, placement, { do: 'allocate', mb: tooMuchMb }).catch((error: Error) => error);
        // Either the platform ends the sandbox, or the runtime is refused and lives to say so.
        if (answer instanceof Error) expect((await placement?.discard())?.kind).toBe('memory');
        else expect({ status: answer.status, told: answer.error?.out_of_memory }).toEqual({ status: 500, told: true });
      },
    );

    it('writes to the ledger before it creates, and ends with every entry removed', async () => {
      await invoke(endpoint, { do: 'echo' });
      const order = bench.ledger.map(({ state, resource }) => `${state} ${resource.kind} ${resource.id}`);
      for (const [at, line] of order.entries())
        if (line.startsWith('created')) expect(order.indexOf(line.replace('created', 'intended'))).toBeLessThan(at);
      expect(bench.ledger.every(({ resource }) => resource.platform === bench.context.platformId)).toBe(true);
      expect(Object.keys(bench.ledgerStates()).length).toBeGreaterThan(0);
      await driver.close();
      expect(new Set(Object.values(bench.ledgerStates()))).toEqual(new Set(['removed']));
    });

    it('lists what exists under the run, removes each twice, and lists nothing after', async () => {
      await invoke(endpoint, { do: 'echo' });
      const { runId } = bench.context;
      const listed = await driver.list(runId);
      expect(listed.length).toBeGreaterThan(0);
      expect(listed.every((item) => item.runId === runId)).toBe(true);
      const everyRun = await driver.list();
      expect(listed.every((item) => everyRun.some((other) => other.kind === item.kind && other.id === item.id))).toBe(
        true,
      );
      expect(await driver.list('some-other-run')).toEqual([]);
      const entries = [...bench.ledger].reverse().filter(({ state }) => state === 'created');
      for (const { resource } of entries) await driver.remove(resource);
      for (const { resource } of entries) await driver.remove(resource);
      expect(await driver.list(runId)).toEqual([]);
    });

    it('removes what an earlier process left, with the ledger alone', async () => {
      await invoke(endpoint, { do: 'echo' });
      const resources = bench.ledger.filter(({ state }) => state === 'created').map(({ resource }) => resource);
      const later = await subject.create(bench.context);
      for (const resource of resources.toReversed()) await later.remove(resource);
      expect(await later.list(bench.context.runId)).toEqual([]);
      await later.close();
    });

    it('ends idle sandboxes when asked, and works on', async () => {
      const { sandbox_id } = await invoke(endpoint, { do: 'echo' });
      await driver.endSandboxes?.(deployment);
      const next = await invoke(endpoint, { do: 'echo' });
      expect(next.sandbox_id === sandbox_id).toBe(driver.endSandboxes === undefined);
    });

    it('has metrics of every request, or says that it has none', async () => {
      const from = new Date().toISOString();
      const { request_id } = await invoke(endpoint, { do: 'echo' });
      const to = new Date().toISOString();
      const { rows, coverage } = await driver.collect({
        deployments: [deployment],
        requestIds: [request_id],
        from,
        to,
        deadlineS: 30,
      });
      if (driver.capabilities.providerMetrics.length === 0)
        expect({ rows, coverage }).toEqual({ rows: [], coverage: null });
      else expect({ ids: rows.map((row) => row.request_id), coverage }).toEqual({ ids: [request_id], coverage: 1 });
    });

    it('checks the host without changing it', async () => {
      const before = bench.ledger.length;
      const checks = await driver.doctor();
      expect(checks.length).toBeGreaterThan(0);
      for (const { state, hint } of checks) if (state !== 'ok') expect(hint).toBeTruthy();
      expect(bench.ledger.length).toBe(before);
    });

    it('closes twice', async () => {
      await invoke(endpoint, { do: 'echo' });
      await driver.close();
      await driver.close();
    });
  });
}
