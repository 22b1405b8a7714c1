// Folders that sebs makes where a user said so. Comes in: a path; goes out: a folder that is there, or a UsageError that
// names the path and the cause. Steps through the parents one by one: Node's recursive mkdir never returns below a file
// system that refuses to have folders (/proc).
import { mkdirSync, type Stats, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { messageOf, UsageError } from './errors.js';

export function makeFolder(path: string): void {
  const wanted = resolve(path);
  const missing: string[] = [];
  for (let at = wanted; !isThere(at, path); at = dirname(at)) missing.push(at);
  try {
    for (const folder of missing.reverse()) makeOne(folder);
  } catch (cause) {
    throw new UsageError(`the folder ${path} cannot be made: ${messageOf(cause)}`, {
      cause,
      hint: 'name a folder that can be written',
    });
  }
}

/** Throws where something else than a folder is in the way. */
function isThere(at: string, path: string): boolean {
  const found = lookAt(at);
  if (found === undefined) return false;
  if (found.isDirectory()) return true;
  throw new UsageError(`the folder ${path} cannot be made: ${at} is a file`, { hint: 'name another folder' });
}

/** Below a file there is nothing, and no error of its own. */
function lookAt(at: string): Stats | undefined {
  try {
    return statSync(at, { throwIfNoEntry: false });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return undefined;
    throw new UsageError(`the folder ${at} cannot be looked at: ${messageOf(error)}`, { cause: error });
  }
}

/** Another process may make it in the same moment. */
function makeOne(folder: string): void {
  try {
    mkdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
