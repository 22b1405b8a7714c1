import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

export async function handler(event) {
  const begin = performance.now();
  await sleep(event.sleep_s * 1000);
  const slept_us = Math.floor((performance.now() - begin) * 1000);
  const token = randomBytes(8).toString('hex');
  return { result: { sleep_s: event.sleep_s, nonce: event.nonce, slept_us, token } };
}
