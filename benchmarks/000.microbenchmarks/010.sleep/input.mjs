// 010.sleep: an event that says how long to sleep, and the check that the function has really slept for that long.

const SLEEP_S = { test: 0.01, small: 0.1, large: 1 };

/** Timers of Node.js may fire up to 1 ms early, and two clocks are compared. */
const TOLERANCE_US = 2_000;

export function generate({ size, random }) {
  return { event: { sleep_s: SLEEP_S[size], nonce: random.integer(0, 0x7fffffff) } };
}

export function validate({ event, output, answer, tools }) {
  if (typeof output !== 'object' || output === null) return `the output is no object: ${JSON.stringify(output)}`;
  if (output.sleep_s !== event.sleep_s) return `slept for ${output.sleep_s} s, ${event.sleep_s} s were asked for`;
  if (output.nonce !== event.nonce) return `nonce ${output.nonce} is of another event, not ${event.nonce}`;
  const { slept_us } = output;
  if (!Number.isInteger(slept_us)) return `slept_us is no whole number: ${slept_us}`;
  const shortest = event.sleep_s * 1_000_000 - TOLERANCE_US;
  if (slept_us < shortest) return `woke up after ${slept_us} µs, ${event.sleep_s} s were asked for`;
  // The wrapper holds another clock around the handler: a remembered answer, or a timer nobody awaits, is too fast.
  if (answer.benchmarkUs !== undefined && answer.benchmarkUs < slept_us - TOLERANCE_US)
    return `answered after ${answer.benchmarkUs} µs, but claims to have slept for ${slept_us} µs`;
  if (typeof output.token !== 'string' || output.token.length < 16) return 'the output has no token of its own';
  return tools.once(output.token) ? null : `the output is one of an earlier request (token ${output.token})`;
}
