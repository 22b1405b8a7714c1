// Errors as text: what a user can mend, and what is a bug of ours.
import { expect, test } from 'vitest';
import { describeError, paintFor } from '../../src/cli/error-text.js';
import { PlatformError, SpecError, UsageError } from '../../src/errors.js';

const plain = paintFor(false, {});

test('all problems of a suite are shown, one a line, as editors can jump to', () => {
  const error = new SpecError([
    {
      file: 's.yaml',
      line: 3,
      column: 5,
      path: 'factors.memry',
      message: 'unknown key',
      hint: "did you mean 'memory'?",
    },
    { file: 's.yaml', line: 9, column: 1, path: '', message: 'name is missing' },
  ]);
  expect(describeError(error, '1.2.3', plain)).toEqual({
    exitCode: 2,
    text: [
      "s.yaml:3:5 factors.memry: unknown key (did you mean 'memory'?)",
      's.yaml:9:1 name is missing',
      'error: 2 problems in what you wrote',
    ].join('\n'),
  });
});

test('an expected error is its message and hint with its own exit code', () => {
  expect(describeError(new UsageError('no such run', { hint: 'sebs list runs' }), '1.2.3', plain)).toEqual({
    exitCode: 2,
    text: 'error: no such run\nhint: sebs list runs',
  });
  expect(describeError(new PlatformError('quota'), '1.2.3', plain)).toEqual({ exitCode: 3, text: 'error: quota' });
});

test('anything else is a bug of sebs, with version, stack and causes', () => {
  const cause = new Error('inner');
  const { exitCode, text } = describeError(new TypeError('outer', { cause }), '1.2.3', plain);
  expect(exitCode).toBe(1);
  expect(text.split('\n').slice(0, 3)).toEqual([
    'This is a bug of sebs, not a mistake of yours. Please report it with the lines below.',
    `sebs 1.2.3, Node.js ${process.version}, ${process.platform} ${process.arch}`,
    'TypeError: outer',
  ]);
  expect(text).toMatch(/\n {4}at .*error-text\.test\.ts/);
  expect(text).toContain('caused by: Error: inner');
});

test.each([
  Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' }),
  Object.assign(new Error('EDQUOT: disk quota exceeded, write'), { code: 'EDQUOT' }),
  new Error('IO Error: Could not write file "reports/x/invocations.csv": No space left on device'),
])('a full disk is no bug: $message', (error) => {
  const { exitCode, text } = describeError(error, '1.2.3', plain);
  expect(exitCode).toBe(1);
  expect(text).toMatch(/^error: .+\nhint: free space on that disk; .+ sebs resume <run>.+ sebs process <run>$/);
  expect(text).toContain(error.message);
});

test('a thrown value that is no error, and a circle of causes, are shown too', () => {
  expect(describeError('just text', '1', plain).text).toMatch(/\njust text$/);
  const circle = new Error('round');
  circle.cause = circle;
  expect(describeError(circle, '1', plain).text.match(/caused by/g)).toHaveLength(5);
});

test.each([
  [true, {}, true],
  [false, {}, false],
  [true, { NO_COLOR: '1' }, false],
  [true, { NO_COLOR: '' }, true],
  [true, { TERM: 'dumb' }, false],
])('terminal %s with %j is coloured: %s', (terminal, env, coloured) => {
  expect(paintFor(terminal, env).red('x') !== 'x').toBe(coloured);
});
