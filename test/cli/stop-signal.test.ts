// The first signal drains, the second aborts; listeners of `aborted` run before the process is ended.
import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { listenForSignals, noSignals } from '../../src/stop-signal.js';

test('the first signal drains and gives the name, the second aborts after its listeners', () => {
  const source = new EventEmitter();
  const seen: string[] = [];
  const stop = listenForSignals(
    source,
    (name) => seen.push(`first ${name}`),
    (name) => seen.push(`end ${name}`),
  );
  stop.drain.addEventListener('abort', () => seen.push('drain'));
  stop.aborted.addEventListener('abort', () => seen.push('aborted'));
  expect([stop.name(), stop.drain.aborted, stop.aborted.aborted]).toEqual([undefined, false, false]);

  source.emit('SIGTERM');
  expect([stop.name(), stop.drain.aborted, stop.aborted.aborted]).toEqual(['SIGTERM', true, false]);
  source.emit('SIGINT');
  expect(seen).toEqual(['first SIGTERM', 'drain', 'aborted', 'end SIGTERM']);
});

test('a third signal finds everything as the second left it', () => {
  const source = new EventEmitter();
  let ends = 0;
  const stop = listenForSignals(
    source,
    () => {},
    () => {
      ends += 1;
    },
  );
  for (let count = 0; count < 3; count += 1) source.emit('SIGINT');
  expect([ends, stop.name(), stop.aborted.aborted]).toEqual([2, 'SIGINT', true]);
});

test('short commands never stop in order', () => {
  expect([noSignals().name(), noSignals().drain.aborted, noSignals().aborted.aborted]).toEqual([
    undefined,
    false,
    false,
  ]);
});
