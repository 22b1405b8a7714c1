// The run folder: the interface between measuring (stage 3) and everything after it. Paths, the manifest, and the list
// of runs; knows nothing of how the content came to be.
import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../errors.js';
import type { Manifest } from '../generated/manifest.js';
import type { Plan } from '../generated/plan.js';

export interface RunFolder {
  id: string;
  path: string;
  manifest: string;
  plan: string;
  suite: string;
  resolvedSuite: string;
  raw: string;
  invocations: string;
  journal: string;
  ledger: string;
  logs: string;
  provider: string;
  derived: string;
  report: string;
  lock: string;
}

export function runFolder(path: string): RunFolder {
  const raw = join(path, 'raw');
  return {
    id: path.split(/[/\\]/).filter(Boolean).at(-1) ?? path,
    path,
    manifest: join(path, 'manifest.json'),
    plan: join(path, 'plan.json'),
    suite: join(path, 'suite.yaml'),
    resolvedSuite: join(path, 'suite.resolved.yaml'),
    raw,
    invocations: join(raw, 'invocations.jsonl'),
    journal: join(raw, 'journal.jsonl'),
    ledger: join(raw, 'ledger.jsonl'),
    logs: join(raw, 'logs'),
    provider: join(raw, 'provider'),
    derived: join(path, 'derived'),
    report: join(path, 'report.html'),
    lock: join(path, 'lock'),
  };
}

/** Ids begin with the UTC instant, so sorting by name sorts by time. */
export function listRuns(reportsDir: string): RunFolder[] {
  if (!existsSync(reportsDir)) return [];
  return readdirSync(reportsDir, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(reportsDir, entry.name, 'manifest.json')))
    .map((entry) => runFolder(join(reportsDir, entry.name)))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** A run by its folder, its id, the beginning of its id, or `latest`. Throws UsageError naming what there is. */
export function findRun(reference: string, reportsDir: string): RunFolder {
  if (existsSync(join(reference, 'manifest.json'))) return runFolder(reference.replace(/[/\\]+$/, ''));
  const runs = listRuns(reportsDir);
  const latest = runs.at(-1);
  if (reference === 'latest' && latest !== undefined) return latest;
  const exact = runs.find((run) => run.id === reference);
  if (exact !== undefined) return exact;
  const matches = runs.filter((run) => run.id.startsWith(reference) || run.id.endsWith(reference));
  if (matches.length === 1 && matches[0] !== undefined) return matches[0];
  const known = runs.slice(-5).map((run) => run.id);
  throw new UsageError(
    matches.length > 1
      ? `'${reference}' could be ${matches.length} runs`
      : `there is no run '${reference}' in ${reportsDir}`,
    {
      hint:
        known.length === 0 ? 'no runs yet: sebs run <suite.yaml> makes one' : `the latest runs: ${known.join(', ')}`,
    },
  );
}

export function readManifest(folder: RunFolder): Manifest {
  return JSON.parse(readFileSync(folder.manifest, 'utf8')) as Manifest;
}

/** Replaces the manifest in one step, so that a reader or a kill never meets half of one. */
export function writeManifest(folder: RunFolder, manifest: Manifest): void {
  const next = `${folder.manifest}.next`;
  writeFileSync(next, `${JSON.stringify(manifest, null, 2)}\n`);
  renameSync(next, folder.manifest);
}

export function readPlan(folder: RunFolder): Plan {
  return JSON.parse(readFileSync(folder.plan, 'utf8')) as Plan;
}
