import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  countedKeys,
  expectedKeys,
  journalOf,
  makeWorkspace,
  manifestOf,
  planOfRun,
  type Workspace,
} from '../support/workspace.js';

let user: Workspace;
let server: Server;
beforeEach(async () => {
  user = makeWorkspace();
  server = createServer((_request, response) => {
    setTimeout(() => response.end(JSON.stringify({ ok: true })), 40);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  user.end();
});

interface Span {
  platform: string;
  fromUs: number;
  toUs: number;
}

/** When each block was measured. */
function blocksOf(run: string): Span[] {
  const platforms = new Map(planOfRun(run).cells.map(({ id, platform }) => [id, platform]));
  const begun = new Map<string, number>();
  return journalOf(run).flatMap((line): Span[] => {
    if (line.type === 'block_started') begun.set(`${line.cell} ${line.block}`, line.us ?? Number.NaN);
    if (line.type !== 'block_done') return [];
    const fromUs = begun.get(`${line.cell} ${line.block}`) ?? Number.NaN;
    return [{ platform: platforms.get(line.cell) ?? '', fromUs, toUs: line.us ?? Number.NaN }];
  });
}

function overlapping(spans: readonly Span[], same: boolean): number {
  return spans.flatMap((one, position) =>
    spans
      .slice(position + 1)
      .filter((other) => (one.platform === other.platform) === same)
      .filter((other) => one.fromUs < other.toUs && other.fromUs < one.toUs),
  ).length;
}

async function run(lanes: string): Promise<string> {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  user.write(
    'suite.yaml',
    `
version: 1
name: lanes
platforms:
  one: { type: http, url: "${url}", event: {} }
  two: { type: http, url: "${url}", event: {} }
experiments: { it: { type: perf-cost, starts: [warm], repetitions: 8 } }
order: { blocks: 4, lanes: ${lanes} }
`,
  );
  const { code, stderr } = await user.sebs(['run', 'suite.yaml']);
  expect(code, stderr).toBe(0);
  const folder = user.runs()[0] ?? '';
  expect(countedKeys(folder)).toEqual(expectedKeys(planOfRun(folder)));
  expect(manifestOf(folder).state).toBe('complete');
  return folder;
}

describe('lanes of remote platforms', () => {
  it('are measured beside each other, each one block at a time, when the suite asks for it', async () => {
    const folder = await run('platform');
    expect(planOfRun(folder).order.lanes).toBe('platform');
    const spans = blocksOf(folder);
    expect(spans).toHaveLength(8);
    expect(overlapping(spans, false)).toBeGreaterThanOrEqual(4);
    expect(overlapping(spans, true)).toBe(0);
  }, 60_000);

  it('are one otherwise', async () => {
    const spans = blocksOf(await run('one'));
    expect(overlapping(spans, false) + overlapping(spans, true)).toBe(0);
  }, 60_000);
});
