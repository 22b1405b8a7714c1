// For tests that need a Docker engine: whether there is one, and what to leave out when there is not. Comes in: nothing;
// goes out: an engine, or the words for `leftOut`.
import { connectEngine, type Engine, isEngine } from '../../src/platforms/local/engine.js';
import { leftOut } from './left-out.js';

const found = await connectEngine(process.env);

export const engine: Engine | undefined = isEngine(found) ? found : undefined;

/** `describe.skipIf(withoutDocker('the driver contract of local'))` */
export function withoutDocker(what: string): boolean {
  return isEngine(found) ? false : leftOut(what, found.problem);
}
