// Events of a suite's own: what they go by, where files are looked for, and what is said about those that are none.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { makePlan } from '../../src/plan/plan.js';
import { loadSuite } from '../../src/spec/load.js';
import { platformsOf } from '../support/plan-fixtures.js';
import { BASE, catalogueFor, load, loadWithCatalogue, messagesOf } from './support.js';

const folder = mkdtempSync(join(tmpdir(), 'sebs-events-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('an event of a suite', () => {
  it('is an input by the name that is given to it, or by its hash, whatever the order of its keys', async () => {
    const input = '[test, { event: { b: 1, a: [x] }, name: mine }, { event: { b: 1, a: [y] } }]';
    const { suite } = await loadWithCatalogue('suite.yaml', `${BASE}factors: { input: ${input} }\n`);
    const names = Object.keys(suite.events ?? {});
    expect(suite.axes.input).toEqual(['test', ...names]);
    expect(names[0]).toBe('mine');
    expect(names[1]).toMatch(/^event-[0-9a-f]{8}$/);
    const other = await load(`${BASE}factors: { input: { event: { a: [y], b: 1 } } }\n`);
    expect(other.suite.axes.input).toEqual([names[1]]);
  });

  it('is in the plan, once for every place that names it, and a cell can be named by it', async () => {
    const input = '{ event: { n: 1 }, name: one }';
    const text = `${BASE.replace('[010.sleep]', `[{ id: 010.sleep, language: nodejs, input: [${input}, test] }]`)}exclude: [{ input: ${input}, starts: cold }]\n`;
    const loaded = await loadWithCatalogue('suite.yaml', text);
    const { plan, problems } = makePlan(loaded.suite, await catalogueFor(loaded), platformsOf(loaded.suite));
    expect(problems).toEqual([]);
    expect(Object.entries(plan.events ?? {}).map(([name, { event }]) => [name, event])).toEqual([['one', { n: 1 }]]);
    expect(plan.cells.map(({ input: name, start }) => `${name} ${start}`)).toEqual([
      'one warm',
      'test cold',
      'test warm',
    ]);
  });

  it('may lie in a file beside the one that names it, whose hash is told', async () => {
    mkdirSync(join(folder, 'parts'));
    writeFileSync(join(folder, 'suite.yaml'), 'version: 1\nname: later\nextends: parts/base.yaml\n');
    writeFileSync(join(folder, 'parts/base.yaml'), `${BASE}factors: { input: { event: event.json } }\n`);
    writeFileSync(join(folder, 'parts/event.json'), '{"n": 1}');
    const { suite, files } = await loadSuite({
      file: join(folder, 'suite.yaml'),
      env: {},
      benchmarkIds: ['010.sleep'],
    });
    expect(Object.values(suite.events ?? {}).map(({ event }) => event)).toEqual([{ n: 1 }]);
    expect(files.map(({ path }) => path.slice(folder.length))).toEqual([
      '/suite.yaml',
      '/parts/base.yaml',
      '/parts/event.json',
    ]);
  });

  it.each([
    ['{ event: none.json }', /input\.event: 'none\.json' cannot be read: there is no such file \(name a file of JSON/],
    ['{ event: package-lock.yaml }', /input\.event: 'package-lock\.yaml' cannot be read/],
    ['{ event: README.md }', /input\.event: 'README\.md' is no JSON: /],
    ['{ evnt: {} }', /input\.evnt: unknown key \(did you mean 'event'\?\)/],
    ['[{ event: 5 }]', /input\[0\]\.event: must be a map or a list, which is sent as JSON, or the name of a JSON file/],
    [
      '[{ event: { a: 1 }, name: x }, { event: { a: 2 }, name: x }]',
      /input\[1\]\.event: another event goes by the name 'x' already/,
    ],
    ['[{ event: { a: 1 } }, { event: { a: 1 } }]', /input\[1\]: /],
  ])('%s is refused', async (input, message) => {
    expect(await messagesOf(load(`${BASE}factors: { input: ${input} }\n`))).toMatch(message);
  });
});
