// Generated from schemas/wrapper-answer.schema.json by `npm run generate`. Do not edit.

/**
 * What a function's wrapper answers to one invocation, as JSON: status 200 with `result`, or status 500 with `error`. Durations are integer microseconds, sizes bytes, instants UTC ISO-8601 on the function's clock. Unknown is absent, never 0. A request that was not understood gets another status and only `error`.
 */
export interface WrapperAnswer {
  /**
   * The request's x-sebs-attempt header, or a random UUID.
   */
  request_id: string;
  /**
   * When the handler began.
   */
  begin_at: string;
  /**
   * When the handler ended.
   */
  end_at: string;
  /**
   * Around the handler only, on the monotonic clock. 0 when the import had failed and no handler ran.
   */
  benchmark_us: number;
  /**
   * First invocation of its sandbox.
   */
  is_cold: boolean;
  /**
   * The sandbox that served it.
   */
  sandbox_id: string;
  /**
   * When the sandbox's runtime started.
   */
  sandbox_started_at: string;
  /**
   * How many invocations this sandbox had served before, failed ones included.
   */
  invocation_index: number;
  /**
   * Importing the function's code; only on the sandbox's first invocation.
   */
  import_us?: number;
  /**
   * Present when the handler returned.
   */
  result?: {
    /**
     * What the handler returned, or the member `result` of that. Any JSON.
     */
    output: {} | unknown[] | string | number | boolean | null;
    /**
     * The member `measurement` of what the handler returned, as it was; not checked here.
     */
    measurement?: {} | unknown[] | string | number | boolean | null;
  };
  /**
   * Present when importing the function failed, the handler threw, or its output is not JSON.
   */
  error?: {
    /**
     * Class of the exception.
     */
    type: string;
    /**
     * Its message.
     */
    message: string;
    /**
     * Where it came from; the last 8,000 characters in Python, the first in Node.js.
     */
    trace?: string;
    /**
     * The runtime said that memory ran out, and lived on. Absent: it did not say so.
     */
    out_of_memory?: boolean;
  };
  /**
   * What the invocation used.
   */
  resources?: {
    /**
     * Peak resident memory of the worker's process, children not included.
     */
    memory_peak_bytes?: number;
    /**
     * Whether the peak could be reset before the invocation.
     */
    memory_peak_scope?: 'invocation' | 'since sandbox start';
    /**
     * CPU time in user mode during the handler; in Python with children that have ended.
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
  };
}
