// Makes the input of __NAME__ and judges its output. Plain JavaScript: nothing to build.

const COUNT = { test: 1_000, small: 10_000, large: 100_000 };

/** The same size and seed always give the same event. */
export function generate({ size, seed }) {
  return { event: { numbers: numbersFor(COUNT[size], seed) } };
}

/** null when the output is right, else the reason why it is not: such an invocation counts as a failure. */
export function validate({ event, output }) {
  if (output === null || typeof output !== 'object') return `expected an object, got ${JSON.stringify(output)}`;
  const sum = event.numbers.reduce((total, number) => total + number, 0);
  if (output.sum !== sum) return `the sum is ${output.sum}, expected ${sum}`;
  const largest = event.numbers.reduce((best, number) => Math.max(best, number), 0);
  return output.largest === largest ? null : `the largest is ${output.largest}, expected ${largest}`;
}

/** Integers below 65,521 that depend on the seed alone. */
function numbersFor(count, seed) {
  let state = (seed % 65_520) + 1;
  return Array.from({ length: count }, () => {
    state = (state * 17_364) % 65_521;
    return state;
  });
}
