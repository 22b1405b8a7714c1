import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Eta } from 'eta';

// Compiled at import, as a web application does: it belongs to the cold start, not to every request.
const eta = new Eta({ autoTrim: false });
const page = eta.compile(readFileSync(new URL('./templates/page.eta', import.meta.url), 'utf8'));

export async function handler(event) {
  const html = eta.render(page, {
    username: event.username,
    renderedAt: new Date().toISOString(),
    token: randomBytes(8).toString('hex'),
    nonce: event.nonce,
    numbers: drawNumbers(event.seed, event.count),
  });
  return { result: html };
}

/** The numbers of the page: a linear congruential generator modulo 2^32, the same one as in input.mjs. */
function drawNumbers(seed, count) {
  const numbers = [];
  let state = seed;
  for (let drawn = 0; drawn < count; drawn += 1) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    numbers.push(state % 1_000_000);
  }
  return numbers;
}
