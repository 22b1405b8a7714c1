// Platform `process`, one deployed function: its idle sandboxes, newest used first, and the ones at work. Comes in: how
// to start a sandbox; goes out: a placement for each request. It is the placement of a cloud: a request takes the
// sandbox that was used last, and makes one when none is idle.
import { messageOf, PlatformError } from '../../errors.js';
import type { Placement, PlaceOptions, SandboxDeath } from '../driver.js';
import type { Sandbox } from './sandbox.js';

export interface DeployedFunction {
  place(options: PlaceOptions): Promise<Placement>;
  /**
   * Ends all idle sandboxes and waits until they are gone; those at work end when they are given back, so that no later
   * request meets one that is there now.
   */
  endSandboxes(): Promise<void>;
  /** Ends all sandboxes, those at work and those being made too. No request is placed after it; twice is fine. */
  close(): Promise<void>;
}

export interface FunctionOptions {
  /** For messages. */
  name: string;
  start(options: PlaceOptions): Promise<Sandbox>;
  /** A sandbox that nobody waits for any more did not end. */
  trouble(text: string): void;
}

export function createFunction({ name, start, trouble }: FunctionOptions): DeployedFunction {
  let idle: Sandbox[] = [];
  /** At work or being made, each with whether it may serve again. */
  const busy = new Map<Sandbox, { reusable: boolean }>();
  const starting = new Set<Promise<unknown>>();
  /** Ends under way that nobody waits for yet. */
  const ending = new Set<Promise<void>>();
  const closing = new AbortController();
  /** Raised by endSandboxes: what was begun before it is not reused after it. */
  let generation = 0;

  async function place(options: PlaceOptions): Promise<Placement> {
    if (closing.signal.aborted)
      throw new PlatformError(`function ${name} was removed`, { hint: 'deploy it again before it is invoked' });
    const known = takeIdle();
    if (known !== undefined) return placementOf(known, false);
    const begun = generation;
    const signal = AbortSignal.any([options.signal, closing.signal]);
    const made = start({ mark: options.mark, signal });
    starting.add(made);
    try {
      return placementOf(await made, true, begun);
    } finally {
      starting.delete(made);
    }
  }

  /** The idle sandbox that was used last; ones that died while they were idle are cleared away. */
  function takeIdle(): Sandbox | undefined {
    for (let sandbox = idle.pop(); sandbox !== undefined; sandbox = idle.pop()) {
      if (sandbox.alive()) return sandbox;
      endLater(sandbox);
    }
    return undefined;
  }

  function placementOf(sandbox: Sandbox, created: boolean, begun = generation): Placement {
    const use = { reusable: begun === generation };
    busy.set(sandbox, use);
    return {
      origin: sandbox.origin,
      sandboxId: sandbox.id,
      created,
      facts: { memory_limit_by: sandbox.limitedBy },
      release() {
        if (!busy.delete(sandbox)) return;
        if (use.reusable && sandbox.alive()) idle.push(sandbox);
        else endLater(sandbox);
      },
      async discard(): Promise<SandboxDeath | undefined> {
        const death = busy.has(sandbox) ? await sandbox.death() : undefined;
        busy.delete(sandbox);
        await sandbox.end();
        return death;
      },
    };
  }

  function endLater(sandbox: Sandbox): void {
    const end = sandbox
      .end()
      .catch((error: unknown) => trouble(messageOf(error)))
      .finally(() => ending.delete(end));
    ending.add(end);
  }

  async function endSandboxes(): Promise<void> {
    generation += 1;
    for (const use of busy.values()) use.reusable = false;
    const ended = idle;
    idle = [];
    await Promise.all([...ended.map((sandbox) => sandbox.end()), ...ending]);
  }

  return {
    place,
    endSandboxes,
    async close() {
      closing.abort(new Error(`function ${name} was removed`));
      await Promise.allSettled(starting);
      const working = [...busy.keys()];
      busy.clear();
      await Promise.all([...working.map((sandbox) => sandbox.end()), endSandboxes()]);
    },
  };
}
