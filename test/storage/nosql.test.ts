// NoSQL storage: the host's side against the embedded server and one of the user's, and one contract for the clients of
// functions in every language, several of them at work at the same time.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createNosql, removeResource, resourcesOfRun, startDynamodb } from '../../src/storage/dynamodb.js';
import type { NosqlStorage } from '../../src/storage/nosql.js';
import { listServers } from '../../src/storage/server.js';
import { PYTHON, runScript, storageContext, temporaryFolder, WRAPPERS } from '../benchmarks/support.js';
import { leftOut } from '../support/left-out.js';

const KEYS = { primary: 'cart', secondary: 'product' };
const ITEM = {
  price: 2.5,
  count: 3,
  huge: 9_007_199_254_740_991,
  small: -1.5e-9,
  name: 'Täble "4"',
  empty: '',
  tags: ['a', 1, null, true],
  nested: { deep: { er: false } },
};
const folder = mkdtempSync(join(tmpdir(), 'sebs-nosql-'));
let nosql: NosqlStorage;
let ledger: string[];

beforeAll(async () => {
  const made = storageContext({ runId: 'run-1', scratchDir: folder });
  ledger = made.ledger;
  nosql = await createNosql(made.context);
});
afterAll(async () => {
  await nosql.close();
  rmSync(folder, { recursive: true, force: true });
});

let tables = 0;
async function newTable(
  keys: { primary: string; secondary?: string } = KEYS,
): Promise<{ name: string; table: string }> {
  tables += 1;
  const name = `table-${tables}`;
  const table = nosql.tableOf('bench', name);
  await nosql.createTable(table, keys);
  onTestFinished(() => nosql.removeTable(table));
  return { name, table };
}

describe('the host side', () => {
  it('starts an embedded server that is in the ledger first and found by looking', () => {
    expect(ledger).toEqual(['intend server run-1', 'created server run-1']);
    expect(listServers('run-1')).toHaveLength(1);
  });

  it('gives back what was put, by both keys and by the first', async () => {
    const { table } = await newTable();
    await nosql.createTable(table, KEYS);
    await nosql.put(table, { cart: 'c1', product: 'p2', ...ITEM });
    await nosql.put(table, { cart: 'c1', product: 'p1', price: 1 });
    await nosql.put(table, { cart: 'c2', product: 'p1', price: 7 });
    expect(await nosql.get(table, { cart: 'c1', product: 'p2' })).toEqual({ cart: 'c1', product: 'p2', ...ITEM });
    expect(await nosql.get(table, { cart: 'c1', product: 'p9' })).toBeUndefined();
    expect((await nosql.query(table, { cart: 'c1' })).map(({ product }) => product)).toEqual(['p1', 'p2']);
    await nosql.remove(table, { cart: 'c1', product: 'p1' });
    await nosql.remove(table, { cart: 'c1', product: 'p1' });
    expect((await nosql.query(table, { cart: 'c1' })).length).toBe(1);
    expect(await nosql.clean(table)).toBe(2);
    expect(await nosql.clean(table)).toBe(0);
    await expect(nosql.get('sebs-nothing', { cart: 'c1' })).rejects.toThrow('there is no such table');
  });

  it('queries more than one answer holds', async () => {
    const { table } = await newTable();
    const text = 'x'.repeat(50_000);
    for (let index = 0; index < 30; index += 1)
      await nosql.put(table, { cart: 'c', product: String(index).padStart(2, '0'), text });
    expect(await nosql.query(table, { cart: 'c' })).toHaveLength(30);
  });

  it("puts tables of the user's server into the ledger, finds them by looking, and removes them by their lines", async () => {
    const server = await startDynamodb(
      {
        place: { listen: '127.0.0.1', address: '127.0.0.1' },
        platformId: 'user',
        runId: 'none',
        signal: AbortSignal.timeout(60_000),
      },
      temporaryFolder(),
    );
    onTestFinished(() => server.end());
    const reference = (name: string): string => `\${${name}}`;
    const options = {
      endpoint: `http://127.0.0.1:${server.port}`,
      access_key: reference('A'),
      secret_key: reference('S'),
    };
    const { context, ledger: lines } = storageContext({
      runId: 'run-2',
      options,
      env: { A: 'canary-a', S: 'canary-s' },
    });
    const users = await createNosql(context);
    onTestFinished(() => users.close());
    const table = users.tableOf('130.crud-api', 'shopping_cart');
    expect(table).toBe('sebs-run-2-130.crud-api-shopping_cart');
    await users.createTable(table, KEYS);
    expect(lines).toEqual([`intend table ${table}`, `created table ${table}`]);
    const resource = { platform: 'here', kind: 'table', id: table };
    expect(await resourcesOfRun('run-2', context)).toEqual([resource]);
    expect(await resourcesOfRun('run-3', context)).toEqual([]);
    await removeResource(resource, context);
    await removeResource(resource, context);
    expect(await resourcesOfRun('run-2', context)).toEqual([]);
    await expect(removeResource({ ...resource, id: 'someones-table' }, context)).rejects.toThrow('has made');
    expect(() => users.functionEnv('cloud', 'x')).toThrow('cannot be seen from a cloud');
    await server.end();
    const refused = await users.put(table, { cart: 'c', product: 'p' }).catch((error: Error) => error.message);
    expect(refused).toContain('ECONNREFUSED');
    expect(refused).not.toContain('canary');
  });
});

// Both scripts take a list of steps and print one outcome per step.
const PYTHON_CLIENT = `
import json, os, sys
sys.path.insert(0, os.path.join(sys.argv[1], 'python'))
from modules import nosql
client = nosql.nosql.get_instance()
assert client is nosql.nosql.get_instance()
def call(name, *args):
    try:
        return getattr(client, name)(*args)
    except FileNotFoundError:
        return {'error': 'missing'}
print(json.dumps([call(*step) for step in json.load(sys.stdin)]))
`;
const NODE_CLIENT = `
import { readFileSync } from 'node:fs';
const { nosql } = await import(process.argv[1] + '/nodejs/modules/nosql.mjs');
const client = nosql.get_instance();
if (client !== nosql.getInstance()) throw new Error('two instances');
const outcomes = [];
for (const [name, ...args] of JSON.parse(readFileSync(0, 'utf8'))) {
  try {
    outcomes.push((await client[name](...args)) ?? null);
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
    outcomes.push({ error: 'missing' });
  }
}
process.stdout.write(JSON.stringify(outcomes));
`;
const CLIENTS: readonly [language: string, args: string[]][] = [
  ['python', ['-c', PYTHON_CLIENT, WRAPPERS]],
  ['nodejs', ['--input-type=module', '-e', NODE_CLIENT, WRAPPERS]],
];

describe.each(CLIENTS)('the NoSQL client in %s', (language, args) => {
  const missing = language === 'python' && PYTHON === undefined;
  const test = it.skipIf(missing && leftOut('the NoSQL client in Python', 'python3 is missing'));
  const steps = async (list: unknown[][], env = nosql.functionEnv('host', 'bench')): Promise<unknown[]> =>
    JSON.parse(await runScript(language, args, JSON.stringify(list), env)) as unknown[];

  test('inserts, gets, updates, queries and deletes by both keys, as the host sees it too', async () => {
    const { name, table } = await newTable();
    const [cart, first, second] = [
      ['cart', 'c1'],
      ['product', 'p1'],
      ['product', 'p2'],
    ];
    const outcomes = await steps([
      ['insert', name, cart, second, ITEM],
      ['insert', name, cart, first, { price: 1, old: true }],
      ['insert', name, cart, first, { price: 2 }],
      ['get', name, cart, second],
      ['update', name, cart, first, { price: 3, name: 'size', 'odd name': [1] }],
      ['update', name, cart, ['product', 'p3'], { made: true }],
      ['query', name, cart, 'product'],
      ['delete', name, cart, second],
      ['delete', name, cart, second],
      ['get', name, cart, second],
      ['get', 'nothing', cart, second],
    ]);
    const p1 = { cart: 'c1', product: 'p1', price: 3, name: 'size', 'odd name': [1] };
    const p2 = { cart: 'c1', product: 'p2', ...ITEM };
    const p3 = { cart: 'c1', product: 'p3', made: true };
    expect(outcomes).toEqual([null, null, null, p2, null, null, [p1, p2, p3], null, null, null, { error: 'missing' }]);
    expect(await nosql.query(table, { cart: 'c1' })).toEqual([p1, p3]);
  });

  test('works with tables of one key', async () => {
    const { name } = await newTable({ primary: 'id' });
    const outcomes = await steps([
      ['insert', name, ['id', 'x'], null, { n: 1 }],
      ['get', name, ['id', 'x'], null],
      ['delete', name, ['id', 'x'], null],
      ['get', name, ['id', 'x'], null],
    ]);
    expect(outcomes).toEqual([null, { id: 'x', n: 1 }, null, null]);
  });

  test('loses no update when several sandboxes change one item at the same time', async () => {
    const { name, table } = await newTable();
    const sandboxes = Array.from({ length: 4 }, (_, sandbox) =>
      steps(
        Array.from({ length: 25 }, (_, turn) => [
          'update',
          name,
          ['cart', 'c'],
          ['product', 'p'],
          { [`s${sandbox}_${turn}`]: turn },
        ]),
      ),
    );
    await Promise.all(sandboxes);
    const item = await nosql.get(table, { cart: 'c', product: 'p' });
    expect(Object.keys(item ?? {})).toHaveLength(2 + 4 * 25);
  });

  test('says what it is for when the environment names another kind', async () => {
    await expect(steps([], { SEBS_NOSQL: 'paper' })).rejects.toThrow('there is no NoSQL client for SEBS_NOSQL=paper');
  });
});
