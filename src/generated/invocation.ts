// Generated from schemas/invocation.schema.json by `npm run generate`. Do not edit.

/**
 * One line of raw/invocations.jsonl: one attempt and its record. Durations are integer microseconds and end in _us, sizes in _bytes, instants are UTC ISO-8601 and end in _at. Unknown is absent, never 0.
 */
export interface Invocation {
  /**
   * Identifies the attempt; written to the journal before the request was sent.
   */
  attempt_id: string;
  /**
   * 1 before the first resume, 2 after it, and so on.
   */
  part: number;
  /**
   * The cell (row of the summary) this attempt belongs to.
   */
  cell: string;
  /**
   * The deployment that was invoked.
   */
  deployment?: string;
  /**
   * Block (round) of the cell, from 0.
   */
  block: number;
  /**
   * Batch of requests released together within the block, from 0, warm-up and discarded ones included.
   */
  batch: number;
  /**
   * Position within the batch, from 0.
   */
  slot: number;
  /**
   * Which of the cell's requests it is, from 0: number of the repetition times concurrency plus slot; only for counted attempts.
   */
  index?: number;
  /**
   * counted: enters the statistics. warmup: prepared the sandbox. discarded: the asked state was not obtained. interrupted: sent or about to be sent when the run was cut off; its outcome is not known.
   */
  role: 'counted' | 'warmup' | 'discarded' | 'interrupted';
  /**
   * Why an attempt was discarded or interrupted.
   */
  reason?: string;
  /**
   * The attempt that this one repeats after a throttle or a server error.
   */
  retry_of?: string;
  /**
   * How the invocation entered.
   */
  trigger?: 'http' | 'sdk' | 'http-async' | 'sdk-async';
  /**
   * What came of it; absent for interrupted attempts.
   */
  outcome?: 'ok' | 'failed' | 'timed_out' | 'throttled' | 'invalid_output';
  /**
   * Where it failed.
   */
  error_kind?:
    | 'create'
    | 'connect'
    | 'reset'
    | 'timeout'
    | 'http'
    | 'function'
    | 'protocol'
    | 'memory'
    | 'crash'
    | 'throttle'
    | 'validation'
    | 'client';
  /**
   * The cause in words.
   */
  error?: string;
  /**
   * Status of the response.
   */
  http_status?: number;
  /**
   * Size of the request body.
   */
  request_bytes?: number;
  /**
   * Size of the response body.
   */
  response_bytes?: number;
  /**
   * Size of the function's own output as JSON.
   */
  output_bytes?: number;
  /**
   * SHA-256 of the function's output as JSON.
   */
  output_sha256?: string;
  /**
   * Wall-clock instant of the release on the client; for reading, never for durations.
   */
  released_at?: string;
  /**
   * Release on the client's monotonic clock, from the start of the part.
   */
  released_us?: number;
  /**
   * Open loop only: when the schedule wanted it sent, from the start of the part.
   */
  intended_us?: number;
  /**
   * Client time: release of the request to last byte read, on the client's monotonic clock. The stages below add up to it. For a timed-out attempt: when the client gave up (right-censored).
   */
  client_us?: number;
  /**
   * Release until the client began to act on it: the client's own delay.
   */
  queue_us?: number;
  /**
   * Creating the sandbox; absent where the platform hides it or a sandbox was there.
   */
  create_us?: number;
  /**
   * Starting the created sandbox, where that is a step of its own.
   */
  start_us?: number;
  /**
   * From started to the sandbox's own word that it serves.
   */
  ready_us?: number;
  /**
   * Name look-up, TCP and TLS; absent on a reused connection.
   */
  connect_us?: number;
  /**
   * From sending the request to the first byte of the response.
   */
  first_byte_us?: number;
  /**
   * First to last byte of the response.
   */
  download_us?: number;
  /**
   * Whether the request went over a connection that had carried one before.
   */
  connection_reused?: boolean;
  /**
   * The platform's id of the invocation; provider metrics are joined by it.
   */
  request_id?: string;
  /**
   * When the handler began, on the function's clock.
   */
  begin_at?: string;
  /**
   * When the handler ended, on the function's clock.
   */
  end_at?: string;
  /**
   * Benchmark time: inside the function, around the handler only, on its monotonic clock.
   */
  benchmark_us?: number;
  /**
   * Importing the function's code; only on the sandbox's first invocation.
   */
  import_us?: number;
  /**
   * The sandbox that served it.
   */
  sandbox_id?: string;
  /**
   * When the sandbox's runtime started, on its clock.
   */
  sandbox_started_at?: string;
  /**
   * How many invocations this sandbox had served before.
   */
  invocation_index?: number;
  /**
   * The function's own word: first invocation of its sandbox.
   */
  is_cold?: boolean;
  /**
   * What the start was, by evidence (methodology D32).
   */
  start_observed?: 'forced-cold' | 'natural-cold' | 'warm-reused' | 'pre-warmed' | 'unknown';
  /**
   * Whether the pieces of evidence for the start agree (methodology D33).
   */
  start_agrees?: boolean;
  /**
   * How long the sandbox had been idle before this request, on the client's clock.
   */
  idle_us?: number;
  /**
   * What holds the function to its memory.
   */
  memory_limit_by?: 'cgroup-v2' | 'cgroup-v1' | 'rlimit-data' | 'watchdog' | 'platform' | 'none';
  /**
   * Peak resident memory; memory_peak_scope says over which span.
   */
  memory_peak_bytes?: number;
  /**
   * Whether the peak could be reset before the invocation.
   */
  memory_peak_scope?: 'invocation' | 'since sandbox start';
  /**
   * CPU time in user mode during the handler, children included where the runtime tells.
   */
  cpu_user_us?: number;
  /**
   * CPU time in the kernel during the handler.
   */
  cpu_system_us?: number;
  /**
   * Page faults served without input from disk during the handler.
   */
  page_faults_minor?: number;
  /**
   * Page faults that needed input from disk during the handler.
   */
  page_faults_major?: number;
  /**
   * Context switches the handler asked for.
   */
  context_switches_voluntary?: number;
  /**
   * Context switches forced on the handler.
   */
  context_switches_involuntary?: number;
  /**
   * Largest memory of the whole container while it served, page cache included, of samples every 10 ms and one after the answer.
   */
  sandbox_memory_peak_bytes?: number;
  /**
   * Mean of the same samples.
   */
  sandbox_memory_mean_bytes?: number;
  /**
   * How many samples there were.
   */
  sandbox_memory_samples?: number;
  /**
   * CPU time of the whole container, from right before the release (a new one: from its making) until the answer was read; exact.
   */
  sandbox_cpu_us?: number;
  /**
   * CPU time in user mode of the whole container over the same span; cgroup version 1 tells user from system by ticks, 4 ms as a rule, so short invocations show 0 or a whole tick.
   */
  sandbox_cpu_user_us?: number;
  /**
   * CPU time in the kernel of the whole container over the same span; by ticks as well.
   */
  sandbox_cpu_system_us?: number;
  /**
   * Page faults of the whole container over the same span, major ones included.
   */
  sandbox_page_faults?: number;
  /**
   * Page faults of the whole container that needed input from disk, over the same span.
   */
  sandbox_page_faults_major?: number;
  /**
   * Context switches that threads of the container asked for, over the same span; of those that lived at its end.
   */
  sandbox_context_switches_voluntary?: number;
  /**
   * Context switches that were forced on threads of the container, over the same span; of those that lived at its end.
   */
  sandbox_context_switches_involuntary?: number;
  /**
   * Read from block devices by the whole container over the same span; what the page cache had is not in it.
   */
  sandbox_block_read_bytes?: number;
  /**
   * Written to block devices by the whole container over the same span; writing that the kernel puts off is not in it.
   */
  sandbox_block_write_bytes?: number;
  /**
   * Received by the network devices of the container over the same span, the request included; absent on the network of the host.
   */
  sandbox_network_received_bytes?: number;
  /**
   * Sent by the network devices of the container over the same span.
   */
  sandbox_network_sent_bytes?: number;
  /**
   * CPU time that sampling memory took while this invocation ran, of all containers that served meanwhile.
   */
  sampler_cpu_us?: number;
  /**
   * CPU that served it, as the sandbox sees it; absent where it is the client's.
   */
  cpu_model?: string;
  /**
   * What the benchmark itself measured: keys end in _us or _bytes.
   */
  measurement?: {
    [k: string]: number;
  };
}
