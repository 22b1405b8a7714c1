// Stage 3, provenance: the manifest at the start of a run, and what is added when a part ends (methodology, "What a run
// folder records"). Comes in: suite, plan, host and tool facts; goes out: manifest.json. No credentials, account ids,
// host names or home folders.
import type { ClientHost, Manifest } from '../generated/manifest.js';
import type { Plan } from '../generated/plan.js';
import { readManifest, writeManifest } from '../results/run-folder.js';
import type { LoadedSuite, ResolvedExperiment } from '../spec/resolved.js';
import { withoutHome } from './places.js';
import type { RunState } from './state.js';

/** Fixed before the run and printed with every interval. */
const CI_LEVEL = 0.95;
const BOOTSTRAP_RESAMPLES = 10_000;
/** Set before the run, by count and not by eye (D18); test/e2e/starts.test.ts holds a run against it. */
const WARMUP_RULE =
  'warm and sequential cells: in each block one batch, sent again until all of it was answered; cold and burst cells: none';
/** Differences of medians below this share are of no practical matter (methodology D22, D24). */
const MARGIN = 0.05;
/** What leaves the latency sample, and where it is counted instead (D18, D25, D26). */
const EXCLUSIONS = [
  'failed, throttled and wrong answers: counted in the failure rate',
  'warm-up, discarded and interrupted attempts: kept with their role, in no estimate',
  'nothing else: outliers stay, timed-out attempts stay as lower bounds',
];

export interface FirstManifest {
  runId: string;
  loaded: LoadedSuite;
  plan: Plan;
  tool: Manifest['tool'];
  client: ClientHost;
  /** On models of its platforms. */
  rehearsal: boolean;
}

export function firstManifest({ runId, loaded, plan, tool, client, rehearsal }: FirstManifest): Manifest {
  const { suite, files } = loaded;
  return {
    schema_version: 1,
    run_id: runId,
    state: 'preparing',
    tool,
    suite: {
      name: suite.name,
      ...(suite.description === undefined ? {} : { description: suite.description }),
      raw_sha256: files[0]?.sha256 ?? '',
      resolved_sha256: plan.suite.sha256,
      files: files.map(({ path, sha256: hash }) => ({ path: withoutHome(path), sha256: hash })),
      ...(loaded.set.length === 0 ? {} : { set: loaded.set.map(withoutHome) }),
      ...(loaded.filter.length === 0 ? {} : { filter: loaded.filter }),
      ...(rehearsal ? { rehearsal } : {}),
      own_benchmarks: suite.benchmarks.flatMap(({ id, path }) =>
        path === undefined ? [] : [{ id, path: withoutHome(path) }],
      ),
    },
    preregistration: {
      seed: suite.seed,
      ci_level: CI_LEVEL,
      bootstrap_resamples: BOOTSTRAP_RESAMPLES,
      metric: 'client_us',
      quantiles: [0.5, 0.9, 0.95, 0.99, 0.999],
      exclusions: EXCLUSIONS,
      margin: MARGIN,
      stop_rule: stopRule(suite.experiments),
      warmup_rule: WARMUP_RULE,
      blocks: suite.order.blocks,
    },
    ...(plan.simulated === undefined ? {} : { simulated: plan.simulated }),
    client,
    parts: [],
    warnings: [],
  };
}

function stopRule(experiments: readonly ResolvedExperiment[]): string {
  const rules = experiments.map(({ repetitions: { min, max, until } }) =>
    until === undefined
      ? 'fixed number of repetitions'
      : `${min} to ${max} repetitions, until half the ${until.ci} interval of quantile ${until.quantile} of ${until.metric} is at most ${until.half_width} of it; looked at after each round`,
  );
  return [...new Set(rules)].join('; ');
}

export function updateManifest(state: Pick<RunState, 'folder'>, change: (manifest: Manifest) => void): Manifest {
  const manifest = readManifest(state.folder);
  change(manifest);
  writeManifest(state.folder, manifest);
  return manifest;
}

/** What was deployed and sent, known after preparation. */
export function describePrepared(manifest: Manifest, state: RunState): void {
  manifest.packages = Object.fromEntries(
    [...state.packages].map(([id, code]) => [
      id,
      {
        sha256: code.sha256,
        kind: code.kind,
        size_bytes: code.sizeBytes,
        runtime: code.runtime,
        source_sha256: code.sourceSha256,
        ...(code.lockSha256 === undefined ? {} : { lock_sha256: code.lockSha256 }),
        dependencies: [...code.dependencies],
        cached: code.cached,
      },
    ]),
  );
  manifest.inputs = Object.fromEntries([...state.inputs].map(([key, input]) => [key, input.sha256]));
  manifest.platforms = JSON.parse(state.shorten(JSON.stringify(Object.fromEntries(state.facts))));
  const deployed = Object.fromEntries([...state.deployments].map(([id, { facts }]) => [id, facts]));
  manifest.deployments = JSON.parse(state.shorten(JSON.stringify(deployed)));
}
