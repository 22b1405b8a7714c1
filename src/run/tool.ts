// Stage 3, which sebs it was: version, commit, hash of the code that runs. For the manifest, and so that a resume by
// another tool is refused. Comes in: nothing but the package itself; goes out: the manifest's `tool`.
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Manifest } from '../generated/manifest.js';
import { hashOf, sha256 } from '../hash.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export function toolVersion(): string {
  return (JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8')) as { version: string }).version;
}

export async function toolFacts(): Promise<Manifest['tool']> {
  const lock = `${ROOT}package-lock.json`;
  const facts: Manifest['tool'] = {
    name: 'sebs',
    version: toolVersion(),
    code_sha256: codeHash(),
    node: process.versions.node,
    v8: process.versions.v8,
  };
  if (existsSync(lock)) facts.lock_sha256 = sha256(readFileSync(lock));
  return { ...facts, ...(await gitFacts()) };
}

/** Over the compiled code (or the sources, where they run as they are), file names included. */
export function codeHash(): string {
  const here = fileURLToPath(new URL('..', import.meta.url));
  const files = readdirSync(here, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(js|ts)$/.test(name) && !name.endsWith('.d.ts'))
    .sort();
  return hashOf(files.map((name) => [name, sha256(readFileSync(here + name))]));
}

/** Only where sebs runs from its own checkout; installed as a package it has no commit to tell. */
async function gitFacts(): Promise<{ git_commit?: string; git_dirty?: boolean }> {
  if (!existsSync(`${ROOT}.git`)) return {};
  const git = async (...args: string[]) =>
    (await promisify(execFile)('git', ['-C', ROOT, ...args], { timeout: 5000 })).stdout.trim();
  try {
    const [commit, changes] = await Promise.all([
      git('rev-parse', 'HEAD'),
      git('status', '--porcelain', '--untracked-files=no'),
    ]);
    return { git_commit: commit, git_dirty: changes !== '' };
  } catch {
    return {};
  }
}
