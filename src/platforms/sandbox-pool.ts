// The sandboxes of one deployed function, for platforms of this machine: the idle ones, newest used first, those at work,
// and those made ready for a colder start than a new one. Comes in: how to start a sandbox; goes out: a placement for
// each request. It is the placement of a cloud: a request takes the sandbox that was used last, and makes one when none
// is idle.
import { messageOf, PlatformError } from '../errors.js';
import type { Invocation } from '../generated/invocation.js';
import type { ColdLevel, ColdStartWanted, Placement, PlaceOptions, SandboxDeath } from './driver.js';

export interface Sandbox {
  readonly id: string;
  readonly origin: string;
  alive(): boolean;
  /** What it died of; undefined when it lives after a short while, in which a dying one would be gone. */
  death(): Promise<SandboxDeath | undefined>;
  /** Ends everything it consists of and removes what it had; twice is fine. Throws when something does not end. */
  end(): Promise<void>;
  /** A file of this host that says how many bytes it holds in memory. */
  readonly memoryFile?: string | undefined;
  /** It serves one request from now on. `facts` may be filled until `done` returns. */
  serve(): { facts: Partial<Invocation>; done(): void };
  /** A moment before requests are released, outside of what is timed. */
  beforeRelease?(): void;
  /** Takes it to a state from which `wake` brings it back. */
  chill?(level: ColdLevel): Promise<void>;
  wake?(options: PlaceOptions): Promise<void>;
}

export interface SandboxPool {
  place(options: PlaceOptions): Promise<Placement>;
  beforeRelease(): void;
  /**
   * Ends all idle sandboxes and waits until they are gone; those at work end when they are given back, so that no later
   * request meets one that is there now.
   */
  endSandboxes(): Promise<void>;
  /** The same; then as many sandboxes as are wanted wait at a level that is not that of a new one. */
  chill(wanted: ColdStartWanted & { level: ColdLevel }): Promise<void>;
  /** Ends all sandboxes, those at work and those being made too. No request is placed after it; twice is fine. */
  close(): Promise<void>;
}

export interface PoolOptions {
  /** For messages. */
  name: string;
  start(options: PlaceOptions): Promise<Sandbox>;
  /** A sandbox that nobody waits for any more did not end. */
  trouble(text: string): void;
}

const UNTIMED = { mark: () => undefined };

export function createSandboxPool({ name, start, trouble }: PoolOptions): SandboxPool {
  let idle: Sandbox[] = [];
  /** Colder than new: woken by the next requests. */
  let dormant: Sandbox[] = [];
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
    const sleeping = dormant.pop();
    const made = sleeping === undefined ? start({ ...options, signal }) : wake(sleeping, { ...options, signal });
    starting.add(made);
    try {
      return placementOf(await made, true, begun);
    } finally {
      starting.delete(made);
    }
  }

  async function wake(sandbox: Sandbox, options: PlaceOptions): Promise<Sandbox> {
    try {
      await sandbox.wake?.(options);
      return sandbox;
    } catch (error) {
      endLater(sandbox);
      throw error;
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
    const service = sandbox.serve();
    busy.set(sandbox, use);
    return {
      origin: sandbox.origin,
      sandboxId: sandbox.id,
      created,
      facts: service.facts,
      ...(sandbox.memoryFile === undefined ? {} : { memoryFile: sandbox.memoryFile }),
      release() {
        if (!busy.delete(sandbox)) return;
        service.done();
        if (use.reusable && sandbox.alive()) idle.push(sandbox);
        else endLater(sandbox);
      },
      async discard(): Promise<SandboxDeath | undefined> {
        service.done();
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
    const ended = [...idle, ...dormant];
    idle = [];
    dormant = [];
    await Promise.all([...ended.map((sandbox) => sandbox.end()), ...ending]);
  }

  /** A new sandbox each, so that what is measured has served nobody before. */
  async function chill({ level, sandboxes }: ColdStartWanted & { level: ColdLevel }): Promise<void> {
    await endSandboxes();
    await Promise.all(
      Array.from({ length: sandboxes }, async () => {
        const made = start({ ...UNTIMED, signal: closing.signal });
        starting.add(made);
        try {
          const sandbox = await made;
          dormant.push(sandbox);
          await sandbox.chill?.(level);
        } finally {
          starting.delete(made);
        }
      }),
    );
  }

  return {
    place,
    beforeRelease() {
      for (const sandbox of idle) sandbox.beforeRelease?.();
    },
    endSandboxes,
    chill,
    async close() {
      closing.abort(new Error(`function ${name} was removed`));
      await Promise.allSettled(starting);
      const working = [...busy.keys()];
      busy.clear();
      await Promise.all([...working.map((sandbox) => sandbox.end()), endSandboxes()]);
    },
  };
}
