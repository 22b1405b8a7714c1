// The clock of a run: real, played, and both together.
import { expect, test } from 'vitest';
import { createClock, PLAYED_EPOCH } from '../src/clock.js';

test('a real clock passes by itself, and adds what a model plays', async () => {
  const clock = createClock();
  const before = clock.nowUs();
  await clock.wait(20_000);
  const waited = clock.nowUs() - before;
  expect(waited).toBeGreaterThanOrEqual(20_000);
  const instant = Date.parse(clock.at());
  clock.advance(3_600_000_000);
  expect(clock.nowUs() - before).toBeGreaterThanOrEqual(waited + 3_600_000_000);
  expect(Date.parse(clock.at()) - instant).toBeGreaterThanOrEqual(3_600_000);
});

test('a wait on a real clock ends when it is aborted', async () => {
  const clock = createClock();
  const stop = new AbortController();
  const waiting = clock.wait(60_000_000, stop.signal);
  stop.abort();
  await waiting;
  await clock.wait(60_000_000, stop.signal);
});

test('a played clock stands still but for what is played, and shows no day of this world', async () => {
  const clock = createClock();
  clock.playOnly(5_000_000);
  expect([clock.real, clock.nowUs(), clock.nowMs(), clock.at()]).toEqual([
    false,
    5_000_000,
    5000,
    '2000-01-01T00:00:05.000Z',
  ]);
  await clock.wait(43_200_000_000);
  clock.advance(1500);
  expect([clock.nowUs(), clock.at()]).toEqual([43_205_001_500, '2000-01-01T12:00:05.001Z']);
  expect(PLAYED_EPOCH).toBe('2000-01-01T00:00:00.000Z');
  const stopped = AbortSignal.abort();
  await clock.wait(1_000_000, stopped);
  expect(clock.nowUs()).toBe(43_205_001_500);
});
