import type { Cell, Plan, PlannedDeployment, PlannedPackage } from '../../src/generated/plan.js';
import { hashOf, shortHash } from '../../src/hash.js';

import { HOSTILE, HOSTILE_FORMULA, type Settings, TIMEOUT_S } from './sample-settings.js';

export function samplePlan(settings: Settings): Plan {
  const benchmarks = settings.hostile ? [...settings.benchmarks.slice(0, -1), HOSTILE] : [...settings.benchmarks];
  const packages: PlannedPackage[] = [];
  const deployments: PlannedDeployment[] = [];
  const cells: Cell[] = [];
  for (const benchmark of benchmarks) {
    for (const [language, version] of settings.languages) {
      const code = { platform: 'here', benchmark, language, language_version: version, architecture: 'x64' };
      const pack = { id: shortHash(code), ...code, kind: 'directory', source_sha256: hashOf(code) };
      packages.push(pack);
      for (const memory_mb of settings.memories) {
        const setting = {
          platform: 'here',
          benchmark,
          package: pack.id,
          memory_mb,
          timeout_s: TIMEOUT_S,
          replicate: 0,
        };
        const deployment = { id: shortHash(setting), ...setting };
        deployments.push(deployment);
        for (const start of settings.starts) cells.push(sampleCell(pack, deployment, start, settings));
      }
    }
  }
  const suite = {
    name: settings.hostile ? HOSTILE : 'sample',
    description: settings.hostile ? HOSTILE_FORMULA : 'How memory changes cold and warm latency',
  };
  const counted = cells.length * settings.blocks * settings.perBlock;
  return {
    schema_version: 1,
    suite: { ...suite, sha256: hashOf(suite) },
    seed: settings.seed,
    order: { blocks: settings.blocks, shuffle: true },
    limits: { failures: 0.05 },
    unsupported: 'skip',
    teardown: 'always',
    platforms: [{ id: 'here', type: 'process', options: {} }],
    packages,
    deployments,
    cells,
    skipped: [
      {
        label: settings.hostile ? HOSTILE : '110.dynamic-html · python@3.9 · 128 MB',
        because: 'host',
        reason: settings.hostile ? HOSTILE_FORMULA : 'this machine has no Python 3.9 (found: 3.11)',
      },
    ],
    tasks: [{ id: `measure-${shortHash(cells.map((cell) => cell.id))}`, kind: 'measure', title: 'measure', needs: [] }],
    estimate: { invocations: { min: counted, max: counted }, duration_s: { min: 60, max: 120 }, usd: null },
  };
}

function sampleCell(
  pack: PlannedPackage,
  deployment: PlannedDeployment,
  start: Cell['start'],
  settings: Settings,
): Cell {
  const repetitions = settings.blocks * settings.perBlock;
  const cell = {
    experiment: 'cold-warm',
    experiment_type: 'perf-cost',
    platform: 'here',
    benchmark: pack.benchmark,
    benchmark_version: 1,
    language: pack.language,
    language_version: pack.language_version,
    architecture: 'x64',
    memory_mb: deployment.memory_mb,
    timeout_s: TIMEOUT_S,
    package: 'directory',
    trigger: 'http' as const,
    connection: 'fresh' as const,
    input: 'test',
    start,
    concurrency: 1,
    settings: {},
  };
  return {
    id: shortHash(cell),
    ...cell,
    repetitions: { min: repetitions, max: repetitions },
    deployments: [deployment.id],
  };
}
