// Words of invoke/: one request and what came of it. invoke/ holds the clock: every moment is read from the monotonic
// clock here, never by a driver.
import type { Connection, Draw, Endpoint, Placement, SandboxDeath, StageDurations } from '../platforms/driver.js';

export interface InvokeRequest {
  attemptId: string;
  endpoint: Endpoint;
  connection: Connection;
  /** JSON of the event, encoded once per input. */
  body: Uint8Array;
  /** The cell's time limit plus the grace that a platform needs to report a timeout itself, in µs; from the moment a sandbox is there. */
  timeoutUs: number;
  /** How long a sandbox may take to be there, in µs; two minutes when nothing is said. */
  placementTimeoutUs?: number;
  /** Which request of the run it is, for endpoints that simulate. */
  draw?: Draw;
  signal?: AbortSignal;
}

/** Integer µs; the stages present add up to clientUs. */
export interface StageTimes extends StageDurations {
  clientUs: number;
}

interface ExchangeBase {
  attemptId: string;
  /** ISO-8601, for reading. */
  releasedAt: string;
  /** The release on the run's clock, in µs. */
  releasedUs: number;
  times: StageTimes;
  connectionReused?: boolean;
  requestBytes: number;
  placement?: Placement;
}

/** A response was read in full, whatever its status. */
export interface Answered extends ExchangeBase {
  state: 'answered';
  status: number;
  headers: Readonly<Record<string, string>>;
  body: Uint8Array;
  /** What stands in the body, where it never was bytes: of a model. */
  content?: unknown;
}

/** No response was read in full. */
export interface Unanswered extends ExchangeBase {
  state: 'unanswered';
  errorKind: 'create' | 'connect' | 'reset' | 'timeout' | 'protocol' | 'client';
  error: string;
  death?: SandboxDeath;
}

export type Exchange = Answered | Unanswered;

/** Sends and times requests. `sendTogether` releases all in one turn of the event loop (a batch). */
export interface Invoker {
  send(request: InvokeRequest): Promise<Exchange>;
  sendTogether(requests: readonly InvokeRequest[]): Promise<Exchange[]>;
  /** Closes every kept connection to one origin; a sandbox is about to end. */
  forget(origin: string): void;
  close(): Promise<void>;
}
