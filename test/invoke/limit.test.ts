import { describe, expect, it } from 'vitest';
import { startLimit } from '../../src/invoke/limit.js';

/** How long it took until a limit ended, in ms. */
function untilEnded(start: () => ReturnType<typeof startLimit>): Promise<number> {
  const began = performance.now();
  const limit = start();
  return new Promise((resolve) => limit.onEnd(() => resolve(performance.now() - began)));
}

describe('the time limit of an attempt', () => {
  it.each([0.2, 1, 1.4, 3, 7.9])('is never over before %s ms are', async (ms) => {
    // Alone, a timer fires up to a millisecond early about every other time.
    const waited = await Promise.all(Array.from({ length: 100 }, () => untilEnded(() => startLimit(ms * 1000, []))));
    expect(Math.min(...waited)).toBeGreaterThanOrEqual(ms);
  });

  it('begins anew when it is restarted', async () => {
    const waited = await untilEnded(() => {
      const limit = startLimit(60_000_000, []);
      limit.restart(2500);
      return limit;
    });
    expect(waited).toBeGreaterThanOrEqual(2.5);
    expect(waited).toBeLessThan(10_000);
  });
});
