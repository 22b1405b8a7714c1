// The contract between sebs and a platform. A driver is a factory that returns an object; nothing is inherited and
// nothing is kept at module level, so several platforms, and several of one type, live side by side.
//
// The order of calls: create -> prepare -> buildPackage (once per package) -> deploy (once per deployment) ->
// endpoint -> [forceColdStart, requests by invoke/, endSandboxes]* -> collect -> remove (each resource) -> close.
// Different packages and deployments may be worked on at the same time; calls for one deployment never overlap, but
// requests to it may. A driver never times anything: it marks moments, invoke/ holds the clock.
// Whatever a driver creates outside the run folder is written to the ledger before it is created, carries the tag
// `sebs-run=<run id>`, and is found again by `list`, not by memory.
import type { Catalogue } from '../benchmarks/catalogue.js';
import type { CodePackage } from '../benchmarks/package.js';
import type { Clock } from '../clock.js';
import type { Invocation } from '../generated/invocation.js';
import type { ResourceRef } from '../generated/ledger.js';
import type { Cell, PlannedDeployment, PlannedPackage } from '../generated/plan.js';

export type { CodePackage, ResourceRef };
export type Trigger = Cell['trigger'];
export type Connection = Cell['connection'];
export type Network = NonNullable<Cell['network']>;
export type ColdLevel = NonNullable<Cell['cold_level']>;

/** What a platform can do, as data. The planner checks cells against it; nothing asks for a platform by name. */
export interface Capabilities {
  /** Language -> versions, newest first. A language that this host lacks is absent; `missing` says why. */
  languages: Readonly<Record<string, readonly string[]>>;
  /** Languages the platform has in principle but not on this host, each with what to do about it. */
  missing: Readonly<Record<string, string>>;
  architectures: readonly string[];
  /** In MB. null: the platform has no memory setting. `step`: multiples allowed, from min. */
  memory: { min: number; max: number; step?: number; default?: number } | null;
  /** Longest time limit of one invocation, in seconds. */
  maxTimeoutS: number;
  triggers: readonly Trigger[];
  /** First is the default. */
  packageKinds: readonly string[];
  /** Whether a new sandbox can be forced. */
  forceColdStart: boolean;
  /** How cold a forced start can be, first is the default; absent where there is one way only. */
  coldLevels?: readonly ColdLevel[];
  /** Networks that sandboxes can be on, first is the default; absent where there is no choice. */
  networks?: readonly Network[];
  /** Whether sandboxes end with their block, which makes the block a level of the hierarchy (methodology D16). */
  sandboxesEndWithBlock: boolean;
  /** Whether functions share the client's cores, which the report must say. */
  sharesClientHost: boolean;
  /** Whether sandboxes go on serving when sebs has ended; absent: they end with it. */
  sandboxesOutliveClient?: boolean;
  /** Largest number of requests in flight per cell. */
  maxConcurrency: number;
  /** Largest request body, in bytes. */
  maxPayloadBytes: number;
  /** Kinds of storage it can hand to functions; first is the default. */
  storage: readonly string[];
  /** Kinds of NoSQL storage, likewise. */
  nosql: readonly string[];
  /** From where functions see a storage. */
  storageView: 'host' | 'container' | 'cloud';
  /** Whether its functions are there already: no benchmark, language, memory or package axis, `adopt` instead of `deploy`. */
  bringsOwnFunction: boolean;
  /** A model of a platform: nothing is executed, nothing is sent, and time is played (`Endpoint.simulate`). */
  isModel?: boolean;
  /** What an invocation costs; absent where no price is known, or none is asked. */
  prices?: Prices;
  /** Provider metrics that `collect` can deliver, by column name. */
  providerMetrics: readonly string[];
  /** What one forced cold start costs besides the invocation, in seconds; for estimates only. */
  coldStartOverheadS: number;
  /** What has not been seen on the real service, in words; shown by `sebs list platforms`. */
  notYetSeen: readonly string[];
}

/** A price table with its date. It goes into the manifest as it is: a later price does not change an old run. */
export interface Prices {
  /** Who says so. */
  source: string;
  /** Day of the table, e.g. 2026-01-31. */
  date: string;
  usdPerRequest: number;
  /** Per GB (1024 MB) of the memory setting and second of billed time. */
  usdPerGbS: number;
  /** Billed time is rounded up to multiples of this. */
  granularityUs: number;
  /** The least that is billed. */
  minimumUs: number;
  /** What a request costs besides and is not in it: gateway, egress, storage, logs. */
  excluded: readonly string[];
}

/** What a driver is given. It keeps to it: no global state, no environment but `env`. */
export interface DriverContext {
  /** Id of this platform in the suite. */
  platformId: string;
  /** The platform's entry in the suite, validated against its schema, references such as ${NAME} unresolved. */
  options: Readonly<Record<string, unknown>>;
  /** Empty when nothing is run (`plan`, `list`, `doctor`). */
  runId: string;
  /** Folder for the output of functions and tools: `<run folder>/raw/logs`. */
  logDir: string;
  /** Folder that this run may fill outside the run folder and that is gone after it; on local disk. */
  scratchDir: string;
  cacheDir: string;
  env: Readonly<Record<string, string | undefined>>;
  ledger: Ledger;
  /** Aborted when the run must end; long waits listen to it. */
  signal: AbortSignal;
  /** For platforms that are models: the clock they play on, and the suite's seed. Absent when nothing is run. */
  simulation?: { clock: Clock; seed: number };
  /** A line of progress or a warning for the journal and the terminal. */
  note(level: 'info' | 'warning', text: string): void;
}

/** Every resource passes through it: intended before it is created, created, and removed (or why not). */
export interface Ledger {
  intend(resource: ResourceRef): void;
  created(resource: ResourceRef): void;
  removed(resource: ResourceRef): void;
  kept(resource: ResourceRef, note: string): void;
  failed(resource: ResourceRef, note: string): void;
}

export interface PackageRequest {
  package: PlannedPackage;
  catalogue: Catalogue;
}

export interface DeploymentRequest {
  deployment: PlannedDeployment;
  package: PlannedPackage;
  code: CodePackage;
  /** Environment of the function: storage and NoSQL clients read it. Values may be secrets: never written to a file of ours. */
  environment: Readonly<Record<string, string>>;
}

/** A function that exists on the platform. */
export interface Deployment {
  id: string;
  resource: ResourceRef;
  /** Hash of the deployed code as the platform reports it, to be compared with ours; absent where it reports none. */
  reportedSha256?: string;
  /** Facts for the manifest. */
  facts: Readonly<Record<string, unknown>>;
}

/** Where and how to send requests to a deployment. */
export interface Endpoint {
  /** Scheme, host and port, or '' where `place` gives it. */
  origin: string;
  path: string;
  method: string;
  headers: Readonly<Record<string, string>>;
  /** What is sent where no benchmark makes an input. */
  body?: Uint8Array;
  /** Statuses of an answer that succeeded; absent: 200 alone. */
  okStatuses?: readonly number[];
  /** Adds a signature to one request; called right before it is sent, inside the client time. */
  sign?(request: {
    method: string;
    path: string;
    headers: Record<string, string>;
    body: Uint8Array;
  }): Record<string, string>;
  /** Platforms that leave placement to the client: finds or creates the sandbox that serves one request. */
  place?(options: PlaceOptions): Promise<Placement>;
  /** Called a moment before requests are released together: what has to be looked at before the clock starts. */
  beforeRelease?(): void;
  /** Body of a response -> the wrapper's answer as JSON. Absent: the body is that JSON. */
  decode?(body: Uint8Array, headers: Readonly<Record<string, string>>): unknown;
  /** The platform's own word on an output, null when it is right: where no validator of a benchmark can judge it. */
  judge?(output: unknown): string | null;
  /** Takes what must not be written anywhere out of a text that came back. */
  redact?(text: string): string;
  /** Of a model: what comes of a request that is not sent. Equal draws have equal answers. */
  simulate?(request: SimulatedRequest): SimulatedAnswer;
}

/** Which request of a run it is, whatever else happened before: what a model's draws are keyed by. */
export interface Draw {
  cell: string;
  block: number;
  role: 'counted' | 'warmup';
  /** Which of the cell's counted requests, or of the block's warm-up requests, from 0. */
  position: number;
  /** How often it was made before and came to nothing that counts. */
  tries: number;
}

export interface SimulatedRequest {
  attemptId: string;
  draw: Draw;
  connection: Connection;
  bodyBytes: number;
  /** Time limit of the invocation. */
  timeoutUs: number;
}

/** How long the stages of an attempt took, integer µs. Absent: the stage did not take place or cannot be seen. */
export interface StageDurations {
  /** The client's own delay: waiting for its turn, finding a warm sandbox, signing, checking a kept connection. */
  queueUs: number;
  createUs?: number;
  startUs?: number;
  readyUs?: number;
  connectUs?: number;
  firstByteUs?: number;
  downloadUs?: number;
}

export interface SimulatedResponse {
  status: number;
  /** What would be its JSON. */
  body: unknown;
  bodyBytes: number;
}

export interface SimulatedAnswer {
  stages: StageDurations;
  connectionReused: boolean;
  outcome:
    | SimulatedResponse
    | { errorKind: 'create' | 'connect' | 'reset' | 'timeout'; error: string; death?: SandboxDeath };
}

export interface PlaceOptions {
  /** Called at the moments as they pass; invoke/ reads its clock then. A warm placement calls none. */
  mark(stage: 'created' | 'started' | 'ready'): void;
  /** Aborted when the attempt's time is up: what was begun is ended. */
  signal: AbortSignal;
}

/** One sandbox, held for one request. */
export interface Placement {
  origin: string;
  sandboxId: string;
  created: boolean;
  /** Fields of the record that only the driver knows (memory_limit_by, cpu_model, …). */
  facts: Partial<Invocation>;
  /** A file of this host that holds the number of bytes that the sandbox has in memory now. */
  memoryFile?: string;
  /** The response has been read in full: the sandbox may serve again. */
  release(): void;
  /** The request failed or ran out of time: the sandbox is ended; says what it died of, when that is known. */
  discard(): Promise<SandboxDeath | undefined>;
}

export interface SandboxDeath {
  kind: 'memory' | 'crash';
  /** "killed by SIGKILL after it reached its memory limit of 128 MB", with the last lines it wrote. */
  text: string;
}

export interface ColdStartWanted {
  /** Absent: the platform's first, or its only way. */
  level?: ColdLevel;
  /** How many requests will be released together. */
  sandboxes: number;
}

/** A large run is asked about in several portions, in the order of its records. */
export interface CollectRequest {
  deployments: readonly Deployment[];
  requestIds: readonly string[];
  /** UTC, ISO-8601. */
  from: string;
  to: string;
  /** How long to wait for late logs, in seconds. */
  deadlineS: number;
}

export interface CollectedMetrics {
  /** One row per invocation found: request_id plus columns named in `capabilities.providerMetrics`. */
  rows: readonly Readonly<Record<string, string | number | boolean>>[];
  /** Share of the asked request ids that were found; null where the platform has no metrics of its own. */
  coverage: number | null;
}

/** One check of `sebs doctor`. */
export interface Check {
  name: string;
  state: 'ok' | 'warning' | 'missing';
  text: string;
  hint?: string;
}

export interface PlatformDriver {
  readonly type: string;
  readonly capabilities: Capabilities;
  /** Facts of the platform for the manifest: region, versions, configuration. No account ids, no host names. */
  prepare(): Promise<Readonly<Record<string, unknown>>>;
  /** Builds, or takes from the cache, the artefact of a package. Throws PackageError with the command and its output. */
  buildPackage(request: PackageRequest): Promise<CodePackage>;
  /** Creates or updates; asked twice with the same content it does nothing the second time. */
  deploy(request: DeploymentRequest): Promise<Deployment>;
  /** By `bringsOwnFunction`: takes over a function that is there already; creates nothing. */
  adopt?(deployment: PlannedDeployment): Promise<Deployment>;
  endpoint(deployment: Deployment, trigger: Trigger): Promise<Endpoint>;
  /**
   * After it, the next requests meet new sandboxes, or ones as cold as `wanted.level` says, of which at least
   * `wanted.sandboxes` are there. Resolves when that state is reached, not before.
   */
  forceColdStart?(deployment: Deployment, wanted?: ColdStartWanted): Promise<void>;
  /**
   * Where a storage server on this host has to listen so that functions reach it, and the address they reach it by.
   * After `prepare`. Absent: they run on this host.
   */
  serverPlace?(): { listen: string; address: string };
  /** Ends all sandboxes of a deployment; where `sandboxesEndWithBlock`. */
  endSandboxes?(deployment: Deployment): Promise<void>;
  collect(request: CollectRequest): Promise<CollectedMetrics>;
  /** Removes one resource; it being gone already is success. */
  remove(resource: ResourceRef): Promise<void>;
  /** Everything that carries our tag, of one run or of all. */
  list(runId?: string): Promise<readonly (ResourceRef & { runId: string })[]>;
  /** What this host lacks for the platform, and what to do. */
  doctor(): Promise<readonly Check[]>;
  /** The images it runs functions from; absent where it has none of its own. */
  readonly images?: ImageStore;
  /** Ends everything the object holds; twice is fine. */
  close(): Promise<void>;
}

/** Images are not a run's: they are made once per content and stay until they are pruned. */
export interface ImageStore {
  /** `language@version`, each. */
  readonly offered: readonly string[];
  build(
    language: string,
    options: { base: string; signal: AbortSignal; say(text: string): void },
  ): Promise<readonly PlatformImage[]>;
  list(): Promise<readonly PlatformImage[]>;
  /** Those that a rebuild replaced, or all; not what something is using. */
  prune(all: boolean): Promise<{ removed: readonly PlatformImage[]; inUse: readonly PlatformImage[] }>;
}

export interface PlatformImage {
  /** Digest. */
  id: string;
  /** Empty when another image has taken its name. */
  name: string;
  /** What it is for. */
  role: string;
  language: string;
  version: string;
  runtime: string;
  /** Where its base is from. */
  source: string;
  sizeBytes: number;
  createdAt: string;
}

/** What a platform's folder exports: `createDriver` looks at the host, so that `capabilities` are facts. */
export interface PlatformModule {
  createDriver(context: DriverContext): Promise<PlatformDriver>;
  /** What the platform can do as far as that is known without looking, as data: for rehearsals without account or engine. */
  nominalCapabilities?(options: Readonly<Record<string, unknown>>): Capabilities;
}
