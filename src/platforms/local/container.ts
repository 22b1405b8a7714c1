// Platform `local`, one sandbox: a container with a log and, while it serves, a meter. Comes in: what to ask the engine
// for; goes out: where it serves, what it died of, and its end. A new container, one that is started again and one that
// goes on after a pause are three ways to the same state. Nothing here looks at a clock for measuring: the moments are
// marked as they pass.
import { setTimeout as delay } from 'node:timers/promises';
import type { Container, ContainerCreateOptions } from 'dockerode';
import { messageOf, PlatformError } from '../../errors.js';
import type { Invocation } from '../../generated/invocation.js';
import type { ColdLevel, Network, PlaceOptions, SandboxDeath } from '../driver.js';
import { deathOf, lastWords } from '../last-words.js';
import type { Sandbox } from '../sandbox-pool.js';
import { type Client, engineError, hasStatus, isUnreachable, patiently } from './engine.js';
import type { Metering } from './metering.js';
import { type Life, type Output, openOutput } from './output.js';
import { PORT } from './settings.js';

export interface ContainerOptions {
  id: string;
  client: Client;
  request: ContainerCreateOptions;
  network: Network;
  memoryMb: number | null;
  limitedBy: NonNullable<Invocation['memory_limit_by']>;
  logFile: string;
  readyDeadlineMs: number;
  metering: Metering;
}

interface Running {
  life: Life;
  origin: string;
}

/** The engine tells of an end a moment after the connection was reset. */
const DYING_MS = 1_000;
const END_TRIES = 3;

/** Resolves when the worker has said that it serves. Throws PlatformError with what it wrote when it does not. */
export async function startContainer(options: ContainerOptions, { mark, signal }: PlaceOptions): Promise<Sandbox> {
  const { id, client, metering } = options;
  const output = openOutput(options.logFile);
  const container = await create(options, output);
  mark('created');
  let running: Running | undefined;
  let meter: ReturnType<Metering['open']> | undefined;
  let ending: Promise<void> | undefined;

  async function launch({ mark: note, signal: abort }: PlaceOptions): Promise<void> {
    let life: Life | undefined;
    try {
      const stream = await container.attach({ stream: true, stdout: true, stderr: true });
      life = output.follow(stream, client);
      await container.start();
      note('started');
      // Both take their time: the engine looks while the worker gets ready.
      const looked = look(container);
      looked.catch(() => undefined);
      const port = await readyPort(life, options.readyDeadlineMs, abort);
      const { pid, hostPort } = await looked;
      const published = options.network === 'host' ? port : hostPort;
      if (published === undefined) throw new Error('the engine published no port for it');
      meter = metering.open(pid, options.network);
      running = { life, origin: `http://127.0.0.1:${published}` };
      note('ready');
    } catch (cause) {
      const words = life === undefined ? '' : await whyNot(cause, life);
      await end();
      throw startError(id, cause, words, options.logFile);
    }
  }

  /** A container that ended says what it died of; one that lives, what it wrote. */
  async function whyNot(cause: unknown, life: Life): Promise<string> {
    if (isUnreachable(cause)) return '';
    await Promise.race([life.ended, delay(DYING_MS)]);
    const death = life.isOver() ? await deathOfContainer() : undefined;
    return death === undefined ? lastWords(output.tail()) : `: ${death.text}`;
  }

  async function deathOfContainer(): Promise<SandboxDeath | undefined> {
    const state = await stateOf(container);
    if (state === 'lost') return { kind: 'crash', text: 'the Docker engine was stopped or lost its container' };
    if (state.Running) return undefined;
    return deathOf({
      how: state.ExitCode > 128 ? `killed by signal ${state.ExitCode - 128}` : `exited with code ${state.ExitCode}`,
      clean: state.ExitCode === 0,
      limitReached: state.OOMKilled,
      limit: options.memoryMb === null ? '' : ` of ${options.memoryMb} MB (${options.limitedBy})`,
      tail: output.tail(),
    });
  }

  async function stop(): Promise<void> {
    meter?.close();
    meter = undefined;
    await container.stop({ t: 0 });
    await running?.life.ended;
  }

  async function end(): Promise<void> {
    ending ??= (async () => {
      meter?.close();
      meter = undefined;
      await removeContainer(client, container, id);
      output.close();
    })();
    return ending;
  }

  const ways: Partial<Record<ColdLevel, { chill(): Promise<unknown>; wake(options: PlaceOptions): Promise<void> }>> = {
    restarted: { chill: stop, wake: launch },
    resumed: {
      chill: () => container.pause(),
      async wake(moments) {
        await container.unpause();
        moments.mark('started');
        moments.mark('ready');
      },
    },
  };
  let chilled: ColdLevel | undefined;

  await launch({ mark, signal });
  return {
    id,
    get origin() {
      return running?.origin ?? '';
    },
    get memoryFile() {
      return meter?.memoryFile;
    },
    alive: () => ending === undefined && running?.life.isOver() === false,
    async death() {
      if (ending !== undefined) return undefined;
      const now = await stateOf(container);
      if (now !== 'lost' && now.Running && running !== undefined)
        await Promise.race([running.life.ended, delay(DYING_MS)]);
      return deathOfContainer();
    },
    end,
    serve() {
      const service = meter?.begin();
      const facts: Partial<Invocation> = { memory_limit_by: options.limitedBy };
      return { facts, done: () => void Object.assign(facts, service?.end()) };
    },
    beforeRelease: () => meter?.look(),
    async chill(level) {
      chilled = level;
      await engineDoes(`sandbox ${id}`, ways[level]?.chill());
    },
    async wake(moments) {
      const way = chilled === undefined ? undefined : ways[chilled];
      await engineDoes(`sandbox ${id}`, way?.wake(moments));
    },
  };
}

async function create({ id, client, request }: ContainerOptions, output: Output): Promise<Container> {
  try {
    return await client.createContainer(request);
  } catch (cause) {
    output.close();
    throw engineError(`sandbox ${id} could not be created`, cause);
  }
}

/** Its first process, and the port of this machine that leads to its own. */
async function look(container: Container): Promise<{ pid: number; hostPort: string | undefined }> {
  const { State, NetworkSettings } = await container.inspect();
  return { pid: State.Pid, hostPort: NetworkSettings.Ports?.[`${PORT}/tcp`]?.[0]?.HostPort };
}

function readyPort(life: Life, deadlineMs: number, signal: AbortSignal): Promise<number> {
  return new Promise((resolve, reject) => {
    const fail = (text: string): void => settle(() => reject(new Error(text)));
    const timer = setTimeout(() => fail(`it did not serve within ${deadlineMs / 1000} s`), deadlineMs);
    const onAbort = (): void => fail('it was ended before it served, because its request was given up');
    function settle(act: () => void): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      act();
    }
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort);
    void life.ready.then((port) => settle(() => resolve(port)));
    void life.ended.then(() => fail('it ended before it served'));
  });
}

type State = { Running: boolean; ExitCode: number; OOMKilled: boolean };

async function stateOf(container: Container): Promise<State | 'lost'> {
  try {
    return (await container.inspect()).State;
  } catch (error) {
    if (isUnreachable(error) || hasStatus(error, 404)) return 'lost';
    throw engineError(`container ${container.id.slice(0, 12)}`, error);
  }
}

/** Killed and removed; that it is gone already, or being removed by someone else, is success. */
export async function removeContainer(client: Client, container: Container, name: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await patiently(client, () => container.remove({ force: true, v: true }));
      return;
    } catch (error) {
      if (hasStatus(error, 404)) return;
      const inProgress = hasStatus(error, 409) && messageOf(error).includes('already in progress');
      if (inProgress) return waitUntilGone(container, name);
      // Now and then the kernel holds on to a mount of a container that has just been killed.
      if (attempt >= END_TRIES || !hasStatus(error, 500))
        throw engineError(`container ${name} cannot be removed`, error);
    }
  }
}

async function waitUntilGone(container: Container, name: string): Promise<void> {
  try {
    await container.wait({ condition: 'removed', abortSignal: AbortSignal.timeout(30_000) });
  } catch (error) {
    if (!hasStatus(error, 404)) throw engineError(`container ${name} is being removed and stays`, error);
  }
}

async function engineDoes(what: string, work: Promise<unknown> | undefined): Promise<void> {
  try {
    await work;
  } catch (error) {
    throw engineError(what, error);
  }
}

function startError(id: string, cause: unknown, words: string, logFile: string): PlatformError {
  const { statusCode } = cause as { statusCode?: number };
  if (statusCode !== undefined || isUnreachable(cause)) return engineError(`sandbox ${id} could not be started`, cause);
  return new PlatformError(`sandbox ${id}: ${messageOf(cause)}${words}`, {
    cause,
    hint: `all that it wrote is in ${logFile}`,
  });
}
