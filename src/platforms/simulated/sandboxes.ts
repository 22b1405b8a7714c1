// The sandboxes of one simulated function. Comes in: requests at moments of the played clock; goes out: the sandbox that
// serves each. The one used last is taken first, an idle one is evicted after its keep-alive time, a full one is passed
// over. Sandboxes live in memory: like those of a cloud they are no resource that anybody has to remove.

export interface Sandbox {
  id: string;
  /** On the functions' clock. */
  startedAt: string;
  /** Requests that it has served or is serving. */
  served: number;
  /** Ends of the requests in it; those that are over stay until it is looked at. */
  busyUntilUs: number[];
  idleSinceUs: number;
}

export interface Sandboxes {
  /** One that can take a request now; undefined: a new one is needed. */
  take(nowUs: number): Sandbox | undefined;
  add(id: string, nowUs: number, startedAt: string): Sandbox;
  /** It serves a request until then. */
  occupy(sandbox: Sandbox, untilUs: number): void;
  drop(sandbox: Sandbox): void;
  clear(): void;
}

export function createSandboxes(keepAliveUs: number, concurrency: number): Sandboxes {
  /** The one made last stands last. */
  let alive: Sandbox[] = [];

  function evict(nowUs: number): void {
    const isOld = ({ idleSinceUs }: Sandbox): boolean => nowUs - idleSinceUs > keepAliveUs;
    if (alive.some(isOld)) alive = alive.filter((sandbox) => !isOld(sandbox));
  }

  return {
    take(nowUs) {
      evict(nowUs);
      for (let at = alive.length - 1; at >= 0; at -= 1) {
        const sandbox = alive[at] as Sandbox;
        if (sandbox.busyUntilUs.length > 0) sandbox.busyUntilUs = sandbox.busyUntilUs.filter((end) => end > nowUs);
        if (sandbox.busyUntilUs.length < concurrency) return sandbox;
      }
      return undefined;
    },
    add(id, nowUs, startedAt) {
      const sandbox = { id, startedAt, served: 0, busyUntilUs: [], idleSinceUs: nowUs };
      alive.push(sandbox);
      return sandbox;
    },
    occupy(sandbox, untilUs) {
      sandbox.served += 1;
      sandbox.busyUntilUs.push(untilUs);
      sandbox.idleSinceUs = Math.max(sandbox.idleSinceUs, untilUs);
    },
    drop(sandbox) {
      alive = alive.filter((other) => other !== sandbox);
    },
    clear() {
      alive = [];
    },
  };
}
