import { describe, expect, it } from 'vitest';
import type { Exchange } from '../../src/invoke/exchange.js';
import { readMeasurement, readReply, recordOf } from '../../src/run/record.js';
import { createStartClassifier, missedStart } from '../../src/run/start-class.js';

const position = {
  attemptId: 'c.0.1.0',
  part: 1,
  cell: 'c',
  deployment: 'd',
  block: 0,
  batch: 1,
  slot: 0,
  index: 3,
  trigger: 'http' as const,
  partStartUs: 1_000_000,
};

const answer = {
  request_id: 'c.0.1.0',
  begin_at: '2026-01-01T00:00:00.000Z',
  end_at: '2026-01-01T00:00:00.010Z',
  benchmark_us: 9_876,
  import_us: 1_234,
  is_cold: true,
  sandbox_id: 's1',
  sandbox_started_at: '2026-01-01T00:00:00.000Z',
  invocation_index: 0,
  result: { output: { b: 1, a: [2] }, measurement: { download_time: 5, upload_size: 7, compute_us: 9, note: 'x' } },
  resources: { memory_peak_bytes: 1024, memory_peak_scope: 'invocation', cpu_user_us: 0 },
};

function answered(body: unknown, status = 200): Exchange {
  const bytes = typeof body === 'string' ? Buffer.from(body) : Buffer.from(JSON.stringify(body));
  return {
    state: 'answered',
    attemptId: 'c.0.1.0',
    releasedAt: '2026-01-01T00:00:00.000Z',
    releasedUs: 1_500_000,
    times: { clientUs: 20_000, queueUs: 100, connectUs: 900, firstByteUs: 18_000, downloadUs: 1_000 },
    connectionReused: false,
    requestBytes: 12,
    status,
    headers: {},
    body: bytes,
  };
}

function unanswered(change: Partial<Extract<Exchange, { state: 'unanswered' }>>): Exchange {
  return {
    state: 'unanswered',
    attemptId: 'c.0.1.0',
    releasedAt: '2026-01-01T00:00:00.000Z',
    releasedUs: 1_500_000,
    times: { clientUs: 20_000, queueUs: 100 },
    requestBytes: 12,
    errorKind: 'reset',
    error: 'the connection was closed before the response was complete',
    ...change,
  };
}

function recorded(exchange: Exchange, invalid: string | null = null) {
  return recordOf(position, readReply(exchange, {}), invalid);
}

describe('the record of an attempt', () => {
  it('has every field that client and function reported, and no other', () => {
    expect(recorded(answered(answer))).toMatchInlineSnapshot(`
      {
        "attempt_id": "c.0.1.0",
        "batch": 1,
        "begin_at": "2026-01-01T00:00:00.000Z",
        "benchmark_us": 9876,
        "block": 0,
        "cell": "c",
        "client_us": 20000,
        "connect_us": 900,
        "connection_reused": false,
        "cpu_user_us": 0,
        "deployment": "d",
        "download_us": 1000,
        "end_at": "2026-01-01T00:00:00.010Z",
        "first_byte_us": 18000,
        "http_status": 200,
        "import_us": 1234,
        "index": 3,
        "invocation_index": 0,
        "is_cold": true,
        "measurement": {
          "compute_us": 9,
          "download_us": 5,
          "upload_bytes": 7,
        },
        "memory_peak_bytes": 1024,
        "memory_peak_scope": "invocation",
        "outcome": "ok",
        "output_bytes": 15,
        "output_sha256": "63c9663de90ee828bbda6cd9acf02d0c653986c1ec25aa239920641edc9a1de5",
        "part": 1,
        "queue_us": 100,
        "released_at": "2026-01-01T00:00:00.000Z",
        "released_us": 500000,
        "request_bytes": 12,
        "request_id": "c.0.1.0",
        "response_bytes": 437,
        "role": "counted",
        "sandbox_id": "s1",
        "sandbox_started_at": "2026-01-01T00:00:00.000Z",
        "slot": 0,
        "trigger": "http",
      }
    `);
  });

  it.each([
    ['429', answered({ message: 'slow down' }, 429), 'throttled', 'throttle', /^HTTP status 429: /],
    ['another status', answered('<html>', 502), 'failed', 'http', /^HTTP status 502, not JSON: <html>$/],
    ['no JSON', answered('hello'), 'failed', 'protocol', /^HTTP status 200, not JSON: hello$/],
    ['JSON that is no object', answered('[1]'), 'failed', 'protocol', /^the answer is not a JSON object: \[1\]$/],
    ['an object without a result', answered({ hello: 1 }), 'failed', 'protocol', /^the answer has no result: /],
    [
      'an exception',
      answered({ ...answer, result: undefined, error: { type: 'ValueError', message: 'no' } }, 500),
      'failed',
      'function',
      /^ValueError: no$/,
    ],
    [
      'a time-out',
      unanswered({ errorKind: 'timeout', error: 'no answer within 1.00 s' }),
      'timed_out',
      'timeout',
      /^no answer within 1.00 s$/,
    ],
    ['a lost connection', unanswered({}), 'failed', 'reset', /^the connection was closed/],
    [
      'a sandbox out of memory',
      unanswered({ death: { kind: 'memory', text: 'killed at its limit of 128 MB' } }),
      'failed',
      'memory',
      /: killed at its limit of 128 MB$/,
    ],
  ] as const)('says what came of %s', (_what, exchange, outcome, kind, error) => {
    const row = recorded(exchange);
    expect(row.outcome).toBe(outcome);
    expect(row.error_kind).toBe(kind);
    expect(row.error).toMatch(error);
    expect(row.output_sha256).toBeUndefined();
  });

  it('is invalid_output when the validator objects', () => {
    expect(recorded(answered(answer), 'off by one')).toMatchObject({
      outcome: 'invalid_output',
      error_kind: 'validation',
      error: 'off by one',
    });
  });

  it('keeps who answered when the function failed', () => {
    const row = recorded(answered({ ...answer, result: undefined, error: { type: 'E', message: 'm' } }, 500));
    expect(row).toMatchObject({ sandbox_id: 's1', is_cold: true, request_id: 'c.0.1.0' });
  });

  it('clips a long error', () => {
    expect(recorded(answered({ error: { type: 'E', message: 'x'.repeat(5000) } }, 500)).error).toHaveLength(2000);
  });

  it('leaves out what has the wrong type instead of guessing', () => {
    const row = recorded(
      answered({ ...answer, benchmark_us: '12', is_cold: 1, invocation_index: -1, resources: { cpu_user_us: 1.5 } }),
    );
    for (const field of ['benchmark_us', 'is_cold', 'invocation_index', 'cpu_user_us'])
      expect(row).not.toHaveProperty(field);
  });

  it("gives SeBS's measurement keys the names of their units", () => {
    expect(readMeasurement({ download_time: 1, graph_generating_time: 2.5, upload_size: 3, x_us: 0 })).toEqual({
      values: { download_us: 1, graph_generating_us: 2.5, upload_bytes: 3, x_us: 0 },
      refused: [],
    });
    expect(readMeasurement({})).toEqual({ values: undefined, refused: [] });
    expect(readMeasurement(undefined)).toEqual({ values: undefined, refused: [] });
  });

  it('takes no measurement that means nothing, and says so', () => {
    expect(readMeasurement({ a_us: -1, b_us: '2', c_us: Number.NaN, items: 3, good_us: 4 })).toEqual({
      values: { good_us: 4 },
      refused: [
        "'a_us' is below 0",
        "'b_us' is not a number",
        "'c_us' is not a number",
        "'items' ends in neither _us nor _bytes",
      ],
    });
    expect(readMeasurement([1])).toEqual({ values: undefined, refused: ['`measurement` is not an object'] });
  });
});

describe('the class of a start', () => {
  const row = recorded(answered(answer));
  const warm = { ...row, is_cold: false, invocation_index: 1 };

  it('is forced-cold for a new sandbox that was asked for, natural-cold for one that was not', () => {
    const classifier = createStartClassifier();
    expect(classifier.classify(row, answered(answer), true)).toEqual({
      start_observed: 'forced-cold',
      start_agrees: true,
    });
    expect(createStartClassifier().classify(row, answered(answer), false).start_observed).toBe('natural-cold');
  });

  it('is warm-reused for a sandbox that served before, with the time it was idle', () => {
    const classifier = createStartClassifier();
    classifier.classify(row, answered(answer), true);
    const later = { ...answered(answer), releasedUs: 1_530_000 };
    expect(classifier.classify(warm, later, false)).toEqual({
      start_observed: 'warm-reused',
      start_agrees: true,
      idle_us: 10_000,
    });
  });

  it('reports pieces of evidence that disagree', () => {
    const classifier = createStartClassifier();
    expect(classifier.classify({ ...row, invocation_index: 4 }, answered(answer), true).start_agrees).toBe(false);
    classifier.classify(row, answered(answer), true);
    expect(classifier.classify(row, answered(answer), true).start_agrees).toBe(false);
  });

  it('is unknown where nobody can tell', () => {
    const { is_cold: _cold, invocation_index: _index, ...silent } = row;
    expect(createStartClassifier().classify(silent, answered(answer), true)).toEqual({ start_observed: 'unknown' });
  });

  it('decides what counts', () => {
    expect(missedStart('cold', 'warm-reused')).toBe('asked for cold, got warm');
    expect(missedStart('warm', 'natural-cold')).toBe('asked for warm, got cold');
    expect(missedStart('cold', 'natural-cold')).toBeNull();
    expect(missedStart('warm', 'warm-reused')).toBeNull();
    expect(missedStart('cold', 'unknown')).toBeNull();
  });
});
