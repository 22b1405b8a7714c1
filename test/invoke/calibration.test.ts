import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { calibrate, startEventLoopMonitor } from '../../src/invoke/calibration.js';
import { createInvoker } from '../../src/invoke/invoker.js';
import { compile } from '../host/compiled.js';

/** Children of this process, without those that have ended and are only listed. */
function children(): string[] {
  const listed = spawnSync('ps', ['-o', 'pid=,stat=,args=', '--ppid', String(process.pid)], { encoding: 'utf8' });
  return listed.stdout.split('\n').filter((line) => line.includes('--eval') && !/^\s*\d+\s+Z/.test(line));
}

describe('the calibration', () => {
  test('tells the floor of the client in order of size, and its server is gone afterwards', async () => {
    const invoker = await createInvoker();
    const before = performance.now();
    const calibration = await calibrate(invoker);
    // Twice its aim: the machine of a test is shared.
    expect(performance.now() - before).toBeLessThan(1000);
    await invoker.close();
    expect(calibration).toEqual({
      requests: expect.any(Number),
      fresh_p50_us: expect.any(Number),
      fresh_p99_us: expect.any(Number),
      keep_alive_p50_us: expect.any(Number),
      keep_alive_p99_us: expect.any(Number),
      timer_resolution_ns: expect.any(Number),
      event_loop_delay_p50_us: expect.any(Number),
      event_loop_delay_p99_us: expect.any(Number),
      event_loop_delay_max_us: expect.any(Number),
    });
    const { requests, fresh_p50_us, fresh_p99_us = 0, keep_alive_p50_us, keep_alive_p99_us = 0 } = calibration;
    expect(requests).toBeGreaterThanOrEqual(20);
    expect(keep_alive_p50_us).toBeGreaterThan(10);
    expect(fresh_p50_us).toBeLessThan(100_000);
    expect(fresh_p99_us).toBeGreaterThanOrEqual(fresh_p50_us);
    expect(keep_alive_p99_us).toBeGreaterThanOrEqual(keep_alive_p50_us);
    expect(calibration.timer_resolution_ns).toBeGreaterThan(0);
    expect(calibration.timer_resolution_ns).toBeLessThan(1_000_000);
    for (const value of Object.values(calibration)) expect(Number.isInteger(value)).toBe(true);
    expect(children()).toEqual([]);
  });

  test('sends as many requests as asked for when time allows', async () => {
    const invoker = await createInvoker();
    expect((await calibrate(invoker, { requests: 30, limitMs: 20_000, idleMs: 5 })).requests).toBe(60);
    // However slow the machine, a quantile has some requests to stand on.
    expect((await calibrate(invoker, { requests: 30, limitMs: 0, idleMs: 5 })).requests).toBe(20);
    await invoker.close();
  });

  test('fails in words when the requests fail', async () => {
    const invoker = await createInvoker();
    await invoker.close();
    await expect(calibrate(invoker)).rejects.toMatchObject({
      code: 'PLATFORM',
      message: 'the echo server of the calibration failed: stopped by sebs before the request was sent',
    });
    expect(children()).toEqual([]);
  });
});

test('the echo server ends with the process that started it, even when that is killed', async () => {
  const compiled = compile('invoke/echo-server.ts');
  const script = `
    import { startEchoServer } from ${JSON.stringify(join(compiled.folder, 'invoke', 'echo-server.js'))};
    const server = await startEchoServer();
    process.stdout.write(server.origin + '\\n');`;
  const owner = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [output] = (await once(owner.stdout, 'data')) as [Buffer];
  const invoker = await createInvoker();
  const ask = () =>
    invoker.send({
      attemptId: 'a',
      endpoint: { origin: output.toString().trim(), path: '/', method: 'POST', headers: {} },
      connection: 'fresh',
      body: Buffer.from('hello'),
      timeoutUs: 5_000_000,
    });
  const answer = await ask();
  expect(answer.state === 'answered' && Buffer.from(answer.body).toString()).toBe('hello');
  owner.kill('SIGKILL');
  await once(owner, 'exit');
  await expect.poll(async () => (await ask()).state).toBe('unanswered');
  await invoker.close();
  compiled.remove();
});

describe('the event loop monitor', () => {
  test('sees a loop that is held up, and no great delay in one that is not', async () => {
    const monitor = startEventLoopMonitor(1);
    await delay(20);
    const until = performance.now() + 60;
    while (performance.now() < until);
    await delay(20);
    const { p50Us, p99Us, maxUs } = monitor.stop();
    expect(maxUs).toBeGreaterThanOrEqual(50_000);
    expect(maxUs).toBeGreaterThanOrEqual(p99Us);
    expect(p99Us).toBeGreaterThanOrEqual(p50Us);
  });

  test('that is stopped at once has nothing to tell', () => {
    expect(startEventLoopMonitor().stop()).toEqual({ p50Us: 0, p99Us: 0, maxUs: 0 });
  });
});
