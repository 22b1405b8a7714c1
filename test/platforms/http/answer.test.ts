import { describe, expect, it } from 'vitest';
import { answerOf, differsAt } from '../../../src/platforms/http/answer.js';
import { createReferences } from '../../../src/platforms/http/references.js';

const bytes = (value: unknown) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));

describe('an answer from somewhere', () => {
  it.each([
    ['JSON', { a: 1 }, { result: { output: { a: 1 } } }],
    ['text', 'hello', { result: { output: 'hello' } }],
    ['nothing', '', { result: { output: null } }],
  ])('of %s is the output as a whole', (_name, body, expected) => {
    expect(answerOf(bytes(body), {}, {})).toEqual(expected);
  });

  it('of a wrapper of sebs is taken as it is', () => {
    const answer = { benchmark_us: 5, sandbox_id: 's', is_cold: false, result: { output: 1 } };
    expect(answerOf(bytes(answer), {}, {})).toEqual(answer);
  });

  it('of a wrapper of SeBS gives its times, its sandbox and its output', () => {
    const body = {
      begin: '1700000000.250000',
      end: '1700000000.750000',
      is_cold: true,
      container_id: 'abc',
      request_id: 'r-1',
      result: { output: { size: 3 }, measurement: { compute_time: 7 } },
    };
    expect(answerOf(bytes(body), {}, {})).toEqual({
      request_id: 'r-1',
      is_cold: true,
      sandbox_id: 'abc',
      begin_at: '2023-11-14T22:13:20.250Z',
      end_at: '2023-11-14T22:13:20.750Z',
      benchmark_us: 500_000,
      result: { output: { size: 3 }, measurement: { compute_time: 7 } },
    });
  });

  it('tells of its sandbox where the suite says it does: in a header, or at a JSON pointer', () => {
    const evidence = { sandbox_id: 'header: X-Instance', cold: '/meta/a~1b/0', benchmark_us: '/us' };
    const body = { meta: { 'a/b': ['false'] }, us: 12.4 };
    expect(answerOf(bytes(body), { 'x-instance': 'i7' }, evidence)).toEqual({
      sandbox_id: 'i7',
      is_cold: false,
      benchmark_us: 12,
      result: { output: body },
    });
    expect(answerOf(bytes({}), {}, evidence)).toEqual({ result: { output: {} } });
  });
});

it.each([
  [{ ok: true }, { ok: true, more: 1 }, null],
  [{ a: { b: 1 } }, { a: { b: 2 } }, '/a/b'],
  [{ 'a/b': 1 }, {}, '/a~1b'],
  [[1, 2], [1, 2], null],
  [[1, 2], [1, 2, 3], ''],
  [[{ a: 1 }], [{ a: 2 }], '/0/a'],
  ['x', 'y', ''],
  [null, null, null],
  [{ a: 1 }, null, ''],
])('%j against %j differs at %j', (expected, actual, place) => {
  expect(differsAt(expected, actual)).toBe(place);
});

describe('references to the environment', () => {
  it('are resolved, and taken back out of texts in every form in which they come', () => {
    const references = createReferences('mine', { KEY: 'pa"ss word', URL: 'https://secret.example:8443/x' });
    expect(references.resolve(`Bearer \${KEY}`)).toBe('Bearer pa"ss word');
    expect(references.resolve(`\${URL}?a=1`)).toBe('https://secret.example:8443/x?a=1');
    const echoed = `${JSON.stringify({ k: 'pa"ss word' })} pa%22ss%20word cannot reach secret.example:8443`;
    expect(references.redact(echoed)).toBe(`{"k":"\${KEY}"} \${KEY} cannot reach \${URL}`);
  });

  it('that are not set are an error that names the variable and no value', () => {
    const references = createReferences('mine', {});
    expect(() => references.resolve(`\${NOT_SET}`)).toThrow('mine: the environment variable NOT_SET is not set');
  });
});
