import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { acquireLock, type LockHolder, lockHolder } from '../../src/host/lock.js';
import { ownIdentity } from '../../src/host/processes.js';
import { type Compiled, compile } from './compiled.js';

let compiled: Compiled;
let folder: string;
let path: string;
const children: ChildProcess[] = [];

beforeAll(() => {
  compiled = compile('host/lock.ts');
});
afterAll(() => compiled?.remove());

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sebs-lock-'));
  path = join(folder, 'a', 'lock');
});

afterEach(async () => {
  await Promise.all(children.splice(0).map(end));
  rmSync(folder, { recursive: true, force: true });
});

describe('a lock', () => {
  test('is held by one at a time, names its holder, and leaves nothing behind', async () => {
    const first = await acquireLock(path, { wait: false });
    expect(lockHolder(path)).toEqual({ ...ownIdentity(), since: expect.any(String), certain: true });
    await expect(acquireLock(path, { wait: false })).rejects.toMatchObject({
      code: 'LOCKED',
      exitCode: 2,
      hint: 'wait for it, or end it',
      message: expect.stringMatching(`^${path} is held by process ${process.pid} since 20`),
    });
    first.release();
    first.release();
    expect(lockHolder(path)).toBeUndefined();
    expect(readdirSync(join(folder, 'a'))).toEqual([]);
  });

  test('does not give back what somebody else holds by now', async () => {
    const first = await acquireLock(path, { wait: false });
    rmSync(path);
    const second = await acquireLock(path, { wait: false });
    first.release();
    expect(lockHolder(path)).toBeDefined();
    second.release();
  });

  test('is waited for, and the waiting can be ended', async () => {
    const holder = await start(`await take(); say('held'); await new Promise(() => setInterval(() => {}, 1e6));`);
    await holder.said('held');
    const seen: LockHolder[] = [];
    const stop = new AbortController();
    const waiting = acquireLock(path, { wait: true, signal: stop.signal, onWait: (who) => seen.push(who) });
    await expect.poll(() => seen.length).toBe(1);
    expect(seen[0]).toMatchObject({ pid: holder.child.pid, certain: true });
    stop.abort(new Error('no longer wanted'));
    await expect(waiting).rejects.toThrow('no longer wanted');
  });

  test('of a process that was killed is free at once', async () => {
    const holder = await start(`await take(); say('held'); await new Promise(() => setInterval(() => {}, 1e6));`);
    await holder.said('held');
    const waiting = acquireLock(path, { wait: true });
    holder.child.kill('SIGKILL');
    const lock = await waiting;
    expect(lockHolder(path)?.pid).toBe(process.pid);
    lock.release();
    expect(readdirSync(join(folder, 'a'))).toEqual([]);
  });

  test('of a killed process is free even before its parent has waited for it', async () => {
    // The middle process never reaps its child, so that a zombie stays.
    const holder = await start(`await take(); say('held'); process.kill(process.pid, 'SIGKILL');`, {
      unreaped: true,
    });
    await holder.said('held');
    await expect.poll(() => lockHolder(path)).toBeUndefined();
    (await acquireLock(path, { wait: false })).release();
  });

  test('is not held by a process that was given the pid of its holder', async () => {
    writeOwner({ ...ownIdentity(), started: '1' });
    (await acquireLock(path, { wait: false })).release();
  });

  test('is not held by a process of before the last boot', async () => {
    writeOwner({ ...ownIdentity(), boot: '00000000-0000-0000-0000-000000000000' });
    (await acquireLock(path, { wait: false })).release();
  });

  test('of another machine or another pid namespace is respected, and the message says what to do', async () => {
    for (const other of [{ machine: 'elsewhere' }, { namespace: 'pid:[1]' }]) {
      writeOwner({ ...ownIdentity(), pid: 1, started: '1', ...other });
      await expect(acquireLock(path, { wait: false })).rejects.toMatchObject({
        message: expect.stringContaining('on a machine or in a container that cannot be looked into from here'),
        hint: 'wait for it, or remove the file if you know that it has ended',
      });
    }
  });

  test('file that a power cut left empty or half written is no lock', async () => {
    for (const content of ['', '{"pid": 12', 'null', '[]', '{"pid":"1"}']) {
      writeOwnerText(content);
      (await acquireLock(path, { wait: false })).release();
    }
    expect(readdirSync(join(folder, 'a'))).toEqual([]);
  });

  test('is free although those who cleared it up were killed as well, and what they left is swept', async () => {
    const dead = JSON.stringify({ ...ownIdentity(), started: '1', since: '2026-01-01T00:00:00.000Z' });
    const { createHash } = await import('node:crypto');
    const clearing = (file: string, content: string) =>
      `${file}.clearing-${createHash('sha256').update(content).digest('hex').slice(0, 16)}`;
    mkdirSync(join(folder, 'a'));
    let file = path;
    for (let level = 0; level < 4; level += 1) {
      const content = dead.replace('"pid"', `"level":${level},"pid"`);
      writeFileSync(file, content);
      file = clearing(file, content);
    }
    writeFileSync(`${path}.claim-1-x`, dead);
    (await acquireLock(path, { wait: false })).release();
    expect(readdirSync(join(folder, 'a'))).toEqual([]);
  });

  test('is never held by two of many processes, some of which are killed while they hold it', async () => {
    const shared = join(folder, 'witness');
    const log = join(folder, 'log');
    writeFileSync(log, '');
    // Who holds the lock makes the witness and takes it away; a second holder would find it. A process that ends while
    // it holds the lock says so in the witness, as the next one could not tell it from a living holder otherwise.
    const body = `
      import { appendFileSync, existsSync, writeFileSync, readFileSync, rmSync } from 'node:fs';
      for (let turn = 0; turn < 40; turn += 1) {
        const lock = await take();
        const found = existsSync(${JSON.stringify(shared)}) ? readFileSync(${JSON.stringify(shared)}, 'utf8') : 'free';
        if (found !== 'free' && found !== 'ended') appendFileSync(${JSON.stringify(log)}, 'TWO HOLD IT ' + found + '\\n');
        writeFileSync(${JSON.stringify(shared)}, 'held by ' + process.pid);
        await new Promise((resolve) => setTimeout(resolve, turn % 3));
        if (turn === Number(process.argv[1])) {
          writeFileSync(${JSON.stringify(shared)}, 'ended');
          process.kill(process.pid, 'SIGKILL');
          await new Promise(() => setInterval(() => {}, 1e6));
        }
        appendFileSync(${JSON.stringify(log)}, 'turn\\n');
        rmSync(${JSON.stringify(shared)});
        lock.release();
      }
      process.exit(0);`;
    const killedAt = [3, 9, 17, 25, 31, 99, 99, 99, 99, 99];
    const runners = await Promise.all(killedAt.map((turn) => start(body, { argument: String(turn) })));
    const codes = await Promise.all(runners.map(({ ended }) => ended));
    expect(codes).toEqual(killedAt.map((turn) => (turn === 99 ? 0 : 'SIGKILL')));
    const lines = readFileSync(log, 'utf8').trim().split('\n');
    expect(lines.filter((line) => line !== 'turn')).toEqual([]);
    expect(lines).toHaveLength(killedAt.reduce((sum, turn) => sum + Math.min(turn, 40), 0));
    (await acquireLock(path, { wait: false })).release();
    expect(readdirSync(join(folder, 'a'))).toEqual([]);
  }, 60_000);

  test('that waiters find stale all at once goes to exactly one of them', async () => {
    const body = `
      import { createInterface } from 'node:readline';
      let lock;
      createInterface({ input: process.stdin }).on('line', async (line) => {
        if (line === 'take') say((lock = await take(false).catch(() => undefined)) === undefined ? 'refused' : 'got it');
        else { lock?.release(); say('gave it back'); }
      });
      say('ready');`;
    const racers = await Promise.all(Array.from({ length: 6 }, () => start(body)));
    await Promise.all(racers.map(({ said }) => said('ready')));
    for (let round = 1; round <= 200; round += 1) {
      writeOwner({ ...ownIdentity(), started: '1', round });
      for (const { child } of racers) child.stdin?.write('take\n');
      const answers = await Promise.all(racers.map(({ line }) => line(2 * round - 1)));
      expect(answers.toSorted()).toEqual(['got it', 'refused', 'refused', 'refused', 'refused', 'refused']);
      for (const { child } of racers) child.stdin?.write('give\n');
      await Promise.all(racers.map(({ line }) => line(2 * round)));
    }
    expect(readdirSync(join(folder, 'a'))).toEqual([]);
  }, 60_000);
});

function writeOwner(owner: object): void {
  writeOwnerText(JSON.stringify({ ...owner, since: '2026-01-01T00:00:00.000Z' }));
}

function writeOwnerText(text: string): void {
  mkdirSync(join(folder, 'a'), { recursive: true });
  writeFileSync(path, text);
}

interface Runner {
  child: ChildProcess;
  ended: Promise<number | NodeJS.Signals | null>;
  said(word: string): Promise<void>;
  /** A line of its output, from 0, as soon as it is there. */
  line(index: number): Promise<string>;
}

/** A real process with `take()`, which takes the lock, and `say(word)`. */
async function start(body: string, { argument = '', unreaped = false } = {}): Promise<Runner> {
  const script = `
    import { acquireLock } from ${JSON.stringify(join(compiled.folder, 'host', 'lock.js'))};
    import { writeSync } from 'node:fs';
    const take = (wait = true) => acquireLock(${JSON.stringify(path)}, { wait });
    const say = (word) => writeSync(1, word + '\\n');
    ${body}`;
  const command = [process.execPath, '--input-type=module', '--eval', script, argument];
  // A shell that became another program does not know of the child it has, and never waits for it.
  const [program = '', ...args] = unreaped ? ['sh', '-c', '"$@" & exec sleep 30', 'sh', ...command] : command;
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'], detached: true });
  children.push(child);
  let output = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const ended = once(child, 'exit').then(([code, signal]) => (signal ?? code) as number | NodeJS.Signals | null);
  const lineAt = (index: number): string => output.slice(0, output.lastIndexOf('\n') + 1).split('\n')[index] ?? '';
  return {
    child,
    ended,
    line: async (index) => {
      await expect.poll(() => lineAt(index), { timeout: 15_000, interval: 2 }).not.toBe('');
      return lineAt(index);
    },
    said: (word) => expect.poll(() => output.split('\n'), { timeout: 15_000 }).toContain(word) as Promise<void>,
  };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined) return;
  const gone = child.exitCode !== null || child.signalCode !== null ? undefined : once(child, 'exit');
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // The group has ended already.
  }
  await gone;
}
