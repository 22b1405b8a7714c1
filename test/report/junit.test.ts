// JUnit XML and GitHub's annotations: read back as their readers do, with every name and reason a hostile one.
import fc from 'fast-check';
import { SaxesParser } from 'saxes';
import { expect, test } from 'vitest';
import type { CellSummary, Summary } from '../../src/generated/summary.js';
import { annotateError, annotateProblems, annotateRun } from '../../src/report/github.js';
import { junitError, junitText } from '../../src/report/junit.js';
import { HOSTILE, HOSTILE_FORMULA } from '../support/sample-settings.js';

const estimate = { value: null, n: 0, ci: null, no_ci: 'nothing' };

interface Element {
  name: string;
  attributes: Record<string, string>;
  text: string;
}

/** Every element in order; a document that is not well-formed XML 1.0 throws. */
function parse(xml: string): Element[] {
  const elements: Element[] = [];
  const open: Element[] = [];
  const parser = new SaxesParser();
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ name, attributes }) => {
    const element = { name, attributes: { ...attributes } as Record<string, string>, text: '' };
    elements.push(element);
    open.push(element);
  });
  parser.on('text', (text) => {
    const current = open.at(-1);
    if (current !== undefined) current.text += text;
  });
  parser.on('closetag', () => open.pop());
  parser.write(xml).close();
  return elements;
}

test('one case per cell: failures with the reason, what was not run skipped with the reason, and counts that fit', () => {
  const summary = summaryWith(
    [cell('fine', 'complete', null), cell('bad', 'failed', 'no answer'), cell('late', 'not reached', 'stopped')],
    [{ label: 'arm', because: 'platform', reason: 'has no arm64' }],
  );
  const elements = parse(junitText('my-suite', summary));
  expect(elements[0]).toMatchObject({
    name: 'testsuites',
    attributes: { name: 'my-suite', tests: '4', failures: '1', errors: '0', skipped: '2' },
  });
  const cases = elements.filter(({ name }) => name === 'testcase').map(({ attributes }) => attributes);
  expect(cases).toEqual([
    { classname: 'my-suite.e on p', name: 'fine' },
    { classname: 'my-suite.e on p', name: 'bad' },
    { classname: 'my-suite.e on p', name: 'late' },
    { classname: 'my-suite.not run', name: 'arm' },
  ]);
  const verdicts = elements.filter(({ name }) => name === 'failure' || name === 'skipped');
  expect(verdicts.map(({ name, attributes }) => [name, attributes.message])).toEqual([
    ['failure', 'no answer'],
    ['skipped', 'stopped'],
    ['skipped', 'platform: has no arm64'],
  ]);
});

test.each([
  [HOSTILE, HOSTILE],
  [HOSTILE_FORMULA, HOSTILE_FORMULA],
  [']]>', ']]>'],
  ['a\u0000b\u001bc\ud800d\uffff', 'a\ufffdb\ufffdc\ufffdd\ufffd'],
  ['  edges\r\n\t', '  edges\r\n\t'],
])('names and reasons survive XML whole, but for what XML cannot say: %j', (text, readable) => {
  const elements = parse(junitText(text, summaryWith([cell(text, 'failed', text)], [])));
  expect(elements[0]?.attributes.name).toBe(readable);
  expect(elements.find(({ name }) => name === 'testcase')?.attributes.name).toBe(readable);
  expect(elements.find(({ name }) => name === 'failure')).toMatchObject({
    attributes: { message: readable },
    text: readable,
  });
});

test('any text gives a well-formed document', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary-ascii' }), (one, other) => {
      parse(junitError(one, other));
      parse(
        junitText(one, summaryWith([cell(other, 'incomplete', one)], [{ label: one, because: 'x', reason: other }])),
      );
    }),
    { numRuns: 300 },
  );
});

test('a run without a summary is an error, not an empty success', () => {
  expect(parse(junitError('suite.yaml', 'wrong'))[0]?.attributes).toMatchObject({ tests: '1', errors: '1' });
});

test('annotations: each reason once with its cells, at the suite, then warnings and the count', () => {
  const summary = summaryWith(
    [cell('a', 'failed', 'no answer'), cell('b', 'failed', 'no answer'), cell('c', 'complete', null)],
    [{ label: 'arm', because: 'platform', reason: 'has no arm64' }],
    ['the host was busy'],
  );
  expect(annotateRun(summary, 'suites/a,b:c.yaml')).toEqual([
    '::error file=suites/a%2Cb%3Ac.yaml,title=sebs::failed: no answer%0Aa; b',
    '::warning file=suites/a%2Cb%3Ac.yaml,title=sebs::not run (platform): has no arm64%0Aarm',
    '::warning file=suites/a%2Cb%3Ac.yaml,title=sebs::the host was busy',
    '::notice file=suites/a%2Cb%3Ac.yaml,title=sebs::1 of 3 cells complete; run r',
  ]);
});

test('annotations are bounded, and no text can begin a line of its own', () => {
  const cells = Array.from({ length: 50 }, (_, at) => cell(`c${at}`, 'failed', `why ${at}\n::error::forged\r%`));
  const lines = annotateRun(summaryWith(cells, []), undefined);
  expect(lines.filter((line) => line.startsWith('::error'))).toHaveLength(10);
  expect(lines[9]).toBe('::error title=sebs::and 41 more; the report has all');
  for (const line of lines) expect(line).not.toMatch(/[\r\n]/);
});

test('mistakes in a suite stand at their line', () => {
  const problem = {
    file: 's.yaml',
    line: 3,
    column: 5,
    path: 'factors.memry',
    message: 'unknown key',
    hint: 'memory?',
  };
  expect(annotateProblems([problem])).toEqual([
    '::error file=s.yaml,line=3,col=5,title=sebs::factors.memry: unknown key (memory?)',
  ]);
  const many = annotateProblems(Array.from({ length: 12 }, () => problem));
  expect(many).toHaveLength(11);
  expect(many.at(-1)).toBe('::error title=sebs::and 2 problems more');
  expect(annotateError('no such run', 'sebs list runs')).toBe('::error title=sebs::no such run%0Asebs list runs');
});

function summaryWith(cells: CellSummary[], notRun: Summary['not_run'], warnings: string[] = []): Summary {
  return {
    schema_version: 1,
    run_id: 'r',
    state: 'partial',
    ci_level: 0.95,
    bootstrap_resamples: 10,
    seed: 1,
    cells,
    penalties: [],
    comparisons: [],
    noise_floor: null,
    not_run: notRun,
    warnings,
  };
}

function cell(label: string, status: CellSummary['status'], reason: string | null): CellSummary {
  return {
    cell: label,
    label,
    factors: { experiment: 'e', platform: 'p' },
    status,
    reason,
    attempts: { counted: 0, warmup: 0, discarded: 0, interrupted: 0 },
    outcomes: { ok: 0, failed: 0, timed_out: 0, throttled: 0, invalid_output: 0 },
    start_observed: {},
    blocks: 0,
    sandboxes: 0,
    failure_rate: estimate,
    metrics: {},
    tukey_outliers: { mild: 0, severe: 0 },
  };
}
