// Locks between processes of one machine: around a run folder, the cache, and measuring itself. Comes in: the path of
// the lock file; goes out: a Lock, held until it is released or its process ends, however it ends.
//
// The file names its owner by pid and process start time, so that a holder that was killed is recognised at once and a
// pid that was given out again is not mistaken for it. This is written here because no well-kept library does it:
// proper-lockfile's last release is of 2021 and it recognises a dead holder only by a time-out, during which a killed
// run could not be resumed; Node.js itself has no flock.
//
// How it is kept free of races. A claim is written in full under a name of its own and then hard-linked to the path:
// the link either makes the whole file appear or fails because one is there. A dead owner's file may be unlinked only
// by who holds a second lock, named after the dead file's content, and only after reading it again: a waiter that was
// slow can then never unlink the file of a successor. That second lock is taken in the same way, so the death of
// whoever was clearing up is cleared up too.
import { createHash, randomUUID } from 'node:crypto';
import { linkSync, readdirSync, readFileSync, rmSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { EXIT, SebsError } from '../errors.js';
import { makeFolder } from '../folders.js';
import { lifeOf, ownIdentity, type ProcessIdentity } from './processes.js';

/** Who holds a lock, as its file says. */
export interface LockHolder extends ProcessIdentity {
  /** UTC, ISO-8601. */
  since: string;
  /** False where this host cannot tell whether the holder lives (another machine or pid namespace). */
  certain: boolean;
}

export interface LockOptions {
  /** Wait until the lock is free (true), or throw when it is held (false). */
  wait: boolean;
  /** Ends the waiting; its reason is thrown. */
  signal?: AbortSignal;
  /** Called once for each holder that is waited for. */
  onWait?(holder: LockHolder): void;
}

export interface Lock {
  path: string;
  /** How long it took to get it, in µs. */
  waitedUs: number;
  /** Gives it back; twice is fine. Synchronous, so that it can be the last thing a process does. */
  release(): void;
}

type Claim = { state: 'held'; release(): void } | { state: 'busy'; holder: LockHolder };

const FIRST_LOOK_MS = 10;
const LONGEST_LOOK_MS = 200;
/** Each level is one process that died while it cleared up after another. */
const MAX_DEPTH = 16;
const MAX_ATTEMPTS = 1000;
const UNREADABLE_CLAIM_MS = 60_000;

/**
 * Takes the lock at `path`; folders on the way are made. Throws SebsError `LOCKED` naming the holder when it is held
 * and `wait` is false, and the signal's reason when the waiting is ended.
 */
export async function acquireLock(path: string, options: LockOptions): Promise<Lock> {
  const beganMs = performance.now();
  makeFolder(dirname(path));
  let told: string | undefined;
  for (let pauseMs = FIRST_LOOK_MS; ; pauseMs = Math.min(pauseMs * 1.5, LONGEST_LOOK_MS)) {
    options.signal?.throwIfAborted();
    const claim = tryClaim(path, 0);
    if (claim.state === 'held') {
      sweepLeftovers(path);
      return { path, waitedUs: Math.round((performance.now() - beganMs) * 1000), release: claim.release };
    }
    if (!options.wait) throw lockedError(path, claim.holder);
    const holder = `${claim.holder.pid} ${claim.holder.since}`;
    if (holder !== told) options.onWait?.(claim.holder);
    told = holder;
    await pause(pauseMs, options.signal);
  }
}

/** Who holds the lock now; undefined when nobody living does. Takes nothing and changes nothing. */
export function lockHolder(path: string): LockHolder | undefined {
  const content = readIfThere(path);
  return content === undefined ? undefined : livingHolder(content);
}

function tryClaim(path: string, depth: number): Claim {
  for (let attempt = 0; attempt < MAX_ATTEMPTS && depth < MAX_DEPTH; attempt += 1) {
    const mine = `${JSON.stringify({ ...ownIdentity(), since: new Date().toISOString(), token: randomUUID() })}\n`;
    if (linkNew(path, mine)) return { state: 'held', release: () => removeIfContent(path, mine) };
    const content = readIfThere(path);
    if (content === undefined) continue; // released between the link and the look
    const holder = livingHolder(content);
    if (holder !== undefined) return { state: 'busy', holder };
    const clearing = tryClaim(clearingPath(path, content), depth + 1);
    // Someone else clears it up right now: they are, for this moment, who is waited for.
    if (clearing.state === 'busy') return clearing;
    try {
      removeIfContent(path, content);
    } finally {
      clearing.release();
    }
  }
  throw stuckError(path);
}

/** True when the file with this content now stands at `path`, false when there was one already. */
function linkNew(path: string, content: string): boolean {
  const own = `${path}.claim-${process.pid}-${randomUUID()}`;
  writeFileSync(own, content, { flag: 'wx' });
  try {
    linkSync(own, path);
    return true;
  } catch (error) {
    // ENOENT: our claim was swept as a leftover, because this process was stopped for long. Try again.
    if (codeOf(error) === 'EEXIST' || codeOf(error) === 'ENOENT') return false;
    throw new SebsError('LOCK', `cannot make the lock ${path}: ${(error as Error).message}`, EXIT.usage, {
      hint: 'locks need a file system with hard links; put this folder on a local disk',
      cause: error,
    });
  } finally {
    rmSync(own, { force: true });
  }
}

function clearingPath(path: string, content: string): string {
  return `${path}.clearing-${createHash('sha256').update(content).digest('hex').slice(0, 16)}`;
}

/** Only for the owner of the content, or under the lock for clearing it up: nobody else may change the file then. */
function removeIfContent(path: string, content: string): void {
  if (readIfThere(path) !== content) return;
  try {
    unlinkSync(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return;
    throw new SebsError('LOCK', `cannot remove the lock ${path}: ${(error as Error).message}`, EXIT.usage, {
      hint: 'it may belong to another user; ask them, or remove the file',
      cause: error,
    });
  }
}

/** A file without a readable owner is what a power cut leaves: a claim is complete before it gets its name. */
function livingHolder(content: string): LockHolder | undefined {
  const owner = parseOwner(content);
  if (owner === undefined) return undefined;
  const life = lifeOf(owner);
  return life === 'dead' ? undefined : { ...owner, certain: life === 'alive' };
}

function parseOwner(content: string): Omit<LockHolder, 'certain'> | undefined {
  try {
    const { pid, started, boot, namespace, machine, since } = JSON.parse(content) as Partial<LockHolder>;
    if (typeof pid !== 'number' || typeof machine !== 'string' || typeof since !== 'string') return undefined;
    return {
      pid,
      machine,
      since,
      ...(started === undefined ? {} : { started }),
      ...(boot === undefined ? {} : { boot }),
      ...(namespace === undefined ? {} : { namespace }),
    };
  } catch {
    return undefined;
  }
}

/**
 * Removes what processes left that were killed between two steps above. Called by the holder of `path`, whose content
 * is new: a clearing lock for an older content protects nothing any more.
 */
function sweepLeftovers(path: string): void {
  const folder = dirname(path);
  const name = basename(path);
  for (const entry of readdirSync(folder)) {
    if (!entry.startsWith(`${name}.claim-`) && !entry.startsWith(`${name}.clearing-`)) continue;
    const file = join(folder, entry);
    const content = readIfThere(file);
    if (content === undefined || livingHolder(content) !== undefined) continue;
    // A claim that is being written just now has no readable owner yet.
    if (parseOwner(content) === undefined && ageMs(file) < UNREADABLE_CLAIM_MS) continue;
    removeIfContent(file, content);
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function ageMs(path: string): number {
  const modified = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
  return modified === undefined ? 0 : Date.now() - modified;
}

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await delay(ms, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}

function lockedError(path: string, holder: LockHolder): SebsError {
  const doubt = holder.certain ? '' : ', on a machine or in a container that cannot be looked into from here';
  return new SebsError('LOCKED', `${path} is held by process ${holder.pid} since ${holder.since}${doubt}`, EXIT.usage, {
    hint: holder.certain ? 'wait for it, or end it' : 'wait for it, or remove the file if you know that it has ended',
  });
}

function stuckError(path: string): SebsError {
  return new SebsError('LOCK', `the lock ${path} of a process that has ended cannot be cleared up`, EXIT.usage, {
    hint: 'remove it and the files beside it whose names begin with its name',
  });
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
