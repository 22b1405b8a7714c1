import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Stage, startTimeline } from '../../src/invoke/timeline.js';

const stage = fc.constantFrom<Stage>('queue', 'create', 'start', 'ready', 'connect', 'firstByte', 'download');
const step = fc.record({
  ms: fc.double({ min: 0, max: 1e6, noNaN: true }),
  stage,
  relabel: fc.boolean(),
});

describe('a timeline', () => {
  test('whatever happens, its stages are whole µs that add up to the client time exactly', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e9, noNaN: true }), fc.array(step), (beginMs, steps) => {
        let nowMs = beginMs;
        const timeline = startTimeline(() => nowMs);
        for (const { ms, stage: next, relabel } of steps) {
          nowMs += ms;
          if (relabel) timeline.relabel(next);
          else timeline.enter(next);
        }
        nowMs += 1;
        const { clientUs, ...stages } = timeline.finish();
        const values = Object.values(stages);
        expect(values.reduce((sum, us) => sum + us, 0)).toBe(clientUs);
        expect(values.every((us) => Number.isInteger(us) && us >= 0)).toBe(true);
        expect(clientUs).toBe(Math.round(nowMs * 1000) - Math.round(beginMs * 1000));
      }),
    );
  });

  test('names only the stages that took place', () => {
    let nowMs = 100.0004;
    const timeline = startTimeline(() => nowMs);
    const pass = (ms: number, next: Stage): void => {
      nowMs += ms;
      timeline.enter(next);
    };
    pass(1, 'connect');
    pass(2.5, 'firstByte');
    pass(10, 'download');
    nowMs += 0.25;
    expect(timeline.releasedUs).toBe(100_000);
    expect(timeline.finish()).toEqual({
      clientUs: 13_750,
      queueUs: 1000,
      connectUs: 2500,
      firstByteUs: 10_000,
      downloadUs: 250,
    });
  });

  test('stands still once it is finished', () => {
    let nowMs = 0;
    const timeline = startTimeline(() => nowMs);
    nowMs = 5;
    const times = timeline.finish();
    nowMs = 9;
    timeline.enter('download');
    expect(timeline.finish()).toBe(times);
    expect(times).toEqual({ clientUs: 5000, queueUs: 5000 });
  });
});
