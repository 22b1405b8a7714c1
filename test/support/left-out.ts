// For tests that need a program this machine may lack. Comes in: what is left out and why; goes out: a line in the file
// that global-setup.ts prints at the end, so that nothing is left out in silence. Where everything must run
// (SEBS_REQUIRE_ALL=1, as in CI) leaving something out is a failure.
import { appendFileSync } from 'node:fs';

export interface LeftOut {
  what: string;
  why: string;
}

/**
 * Notes that tests were left out, and returns true, so that it reads
 * `describe.skipIf(chromium === undefined && leftOut('the report in a browser', 'chromium is not installed'))`.
 * Throws under SEBS_REQUIRE_ALL=1.
 */
export function leftOut(what: string, why = 'this machine lacks what it needs'): true {
  if (process.env.SEBS_REQUIRE_ALL === '1')
    throw new Error(`left out: ${what} (${why}). SEBS_REQUIRE_ALL=1 asks for every test: install what is missing`);
  const file = process.env.SEBS_LEFT_OUT_FILE;
  const note: LeftOut = { what, why };
  if (file === undefined) console.warn(`left out: ${what} (${why})`);
  else appendFileSync(file, `${JSON.stringify(note)}\n`);
  return true;
}
