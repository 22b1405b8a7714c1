// NoSQL storage of kind `dynamodb`: any server that speaks DynamoDB's protocol, through the AWS client. Comes in: an
// account of the user's, or none, and then an embedded server is started for the run and ends with it; goes out: tables
// and items. The embedded one needs no program of the host: it is a library in a process of its own.
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import {
  type AttributeValue,
  DynamoDB,
  type QueryCommandOutput,
  ResourceInUseException,
  ResourceNotFoundException,
  waitUntilTableExists,
  waitUntilTableNotExists,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { messageOf, PlatformError } from '../errors.js';
import type { ResourceRef } from '../generated/ledger.js';
import { PACKAGE_ROOT } from '../package-root.js';
import { type Account, accountIn, hide } from './choice.js';
import type { Item, NosqlStorage, TableKeys } from './nosql.js';
import {
  endpointFor,
  hostPort,
  type LastingServer,
  type RunningServer,
  serverResource,
  startServer,
} from './server.js';
import type { StorageContext } from './storage.js';

const KIND = 'dynamodb';
const CALL_DEADLINE_MS = 60_000;
const TABLE_DEADLINE_S = 120;
const PORTION = 100;

interface Server {
  client: DynamoDB;
  account: Account;
  own: RunningServer | undefined;
}

export async function createNosql(context: StorageContext): Promise<NosqlStorage> {
  const account = accountIn({ kind: KIND, options: context.options }, context.env);
  const server = account === undefined ? await ownServer(context) : { ...connected(account), own: undefined };
  const prefix = (benchmark: string): string => `${runPrefix(context.runId)}${benchmark}-`;
  return {
    kind: KIND,
    tableOf: (benchmark, name) => `${prefix(benchmark)}${name}`,
    createTable: (table, keys) => createTable(server, table, keys, context),
    async put(table, item) {
      const request = { TableName: table, Item: marshalled(item) };
      await call(server, `write to ${table}`, (client, options) => client.putItem(request, options));
    },
    get: (table, key) => get(server, table, key),
    query: (table, primary) => query(server, table, primary),
    async remove(table, key) {
      const request = { TableName: table, Key: marshalled(key) };
      await call(server, `remove from ${table}`, (client, options) => client.deleteItem(request, options));
    },
    clean: (table) => clean(server, table),
    removeTable: (table) => removeTable(server, table),
    functionEnv: (view, benchmark) => ({
      SEBS_NOSQL: KIND,
      SEBS_NOSQL_ENDPOINT: endpointFor({ url: server.account.endpoint, own: server.own !== undefined, view, context })
        .origin,
      SEBS_NOSQL_REGION: server.account.region,
      SEBS_NOSQL_ACCESS_KEY: server.account.accessKey,
      SEBS_NOSQL_SECRET_KEY: server.account.secretKey,
      SEBS_NOSQL_TABLE_PREFIX: prefix(benchmark),
    }),
    async close() {
      server.client.destroy();
      await server.own?.end();
    },
  };
}

/** A table in a server that the run had started ended with that one. */
export async function removeResource({ kind, id }: ResourceRef, context: StorageContext): Promise<void> {
  if (kind !== 'table' || !id.startsWith('sebs-'))
    throw new PlatformError(`${kind} ${id} is nothing that storage ${KIND} has made`);
  const account = accountIn({ kind: KIND, options: context.options }, context.env);
  if (account !== undefined) await removeTable(connected(account), id);
}

export async function resourcesOfRun(runId: string, context: StorageContext): Promise<ResourceRef[]> {
  const account = accountIn({ kind: KIND, options: context.options }, context.env);
  if (account === undefined) return [];
  const server = connected(account);
  const names: string[] = [];
  let last: string | undefined;
  do {
    const after = last === undefined ? {} : { ExclusiveStartTableName: last };
    const page = await call(server, 'list tables', (client, options) => client.listTables(after, options));
    names.push(...(page.TableNames ?? []));
    last = page.LastEvaluatedTableName;
  } while (last !== undefined);
  return names.filter((name) => name.startsWith(runPrefix(runId))).map((name) => tableResource(name, context));
}

/** For `sebs storage start` too. Whoever reaches the port is let in: it looks at the shape of a signature alone. */
export async function startDynamodb(
  { place, platformId, runId, signal }: Pick<StorageContext, 'place' | 'platformId' | 'runId' | 'signal'>,
  folder: string,
  lasting?: LastingServer,
): Promise<RunningServer> {
  const program = join(PACKAGE_ROOT, 'dist', 'storage', 'dynamodb-server.js');
  return startServer({
    name: 'the DynamoDB server',
    owner: { runId, platformId },
    place,
    command: (host, port) => [process.execPath, program, host, String(port)],
    env: { LANG: 'C.UTF-8' },
    serves: answers,
    logFile: join(folder, 'server.log'),
    attached: lasting === undefined,
    ...lasting,
    signal,
  });
}

async function ownServer(context: StorageContext): Promise<Server> {
  const resource = serverResource(context);
  context.ledger.intend(resource);
  const own = await startDynamodb(context, join(context.scratchDir, KIND));
  context.ledger.created(resource);
  const account = {
    endpoint: new URL(`http://${hostPort(context.place.listen, own.port)}`),
    region: 'us-east-1',
    accessKey: randomBytes(10).toString('hex'),
    secretKey: randomBytes(20).toString('hex'),
  };
  return { ...connected(account), own };
}

function connected(account: Account): Omit<Server, 'own'> {
  const { endpoint, region, accessKey: accessKeyId, secretKey: secretAccessKey } = account;
  const credentials = { accessKeyId, secretAccessKey };
  return { client: new DynamoDB({ endpoint: endpoint.origin, region, credentials }), account };
}

async function createTable(server: Server, table: string, keys: TableKeys, context: StorageContext): Promise<void> {
  const resource = tableResource(table, context);
  const names = [keys.primary, ...(keys.secondary === undefined ? [] : [keys.secondary])];
  // In our own server it ends with the server, which is in the ledger.
  if (server.own === undefined) context.ledger.intend(resource);
  try {
    await server.client.createTable(
      {
        TableName: table,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: names.map((name) => ({ AttributeName: name, AttributeType: 'S' })),
        KeySchema: names.map((name, index) => ({ AttributeName: name, KeyType: index === 0 ? 'HASH' : 'RANGE' })),
      },
      bounded(),
    );
    const { client } = server;
    await waitUntilTableExists({ client, maxWaitTime: TABLE_DEADLINE_S, minDelay: 1 }, { TableName: table });
  } catch (error) {
    if (!(error instanceof ResourceInUseException)) throw nosqlError(server.account, `make table ${table}`, error);
  }
  if (server.own === undefined) context.ledger.created(resource);
}

async function get(server: Server, table: string, key: Item): Promise<Item | undefined> {
  const request = { TableName: table, Key: marshalled(key), ConsistentRead: true };
  const { Item: found } = await call(server, `read from ${table}`, (client, options) =>
    client.getItem(request, options),
  );
  return found === undefined ? undefined : unmarshall(found);
}

async function query(server: Server, table: string, primary: Item): Promise<Item[]> {
  const [[name, value] = ['', '']] = Object.entries(primary);
  const request = {
    TableName: table,
    ConsistentRead: true,
    KeyConditionExpression: '#key = :value',
    ExpressionAttributeNames: { '#key': name },
    ExpressionAttributeValues: marshalled({ ':value': value }),
  };
  const found: Item[] = [];
  let from: Record<string, AttributeValue> | undefined;
  do {
    const after = from === undefined ? {} : { ExclusiveStartKey: from };
    const page: QueryCommandOutput = await call(server, `query ${table}`, (client, options) =>
      client.query({ ...request, ...after }, options),
    );
    found.push(...(page.Items ?? []).map((item) => unmarshall(item)));
    from = page.LastEvaluatedKey;
  } while (from !== undefined);
  return found;
}

/** A portion at a time, until there is none. */
async function clean(server: Server, table: string): Promise<number> {
  const { Table: facts } = await call(server, `look at ${table}`, (client, options) =>
    client.describeTable({ TableName: table }, options),
  );
  const names = new Set((facts?.KeySchema ?? []).map(({ AttributeName: name }) => name));
  for (let removed = 0; ; ) {
    const { Items: items = [] } = await call(server, `empty ${table}`, (client, options) =>
      client.scan({ TableName: table, Limit: PORTION, ConsistentRead: true }, options),
    );
    if (items.length === 0) return removed;
    for (const item of items) {
      const key = Object.fromEntries(Object.entries(item).filter(([name]) => names.has(name)));
      await call(server, `empty ${table}`, (client, options) =>
        client.deleteItem({ TableName: table, Key: key }, options),
      );
    }
    removed += items.length;
  }
}

async function removeTable({ client, account }: Omit<Server, 'own'>, table: string): Promise<void> {
  try {
    await client.deleteTable({ TableName: table }, bounded());
    await waitUntilTableNotExists({ client, maxWaitTime: TABLE_DEADLINE_S, minDelay: 1 }, { TableName: table });
  } catch (error) {
    if (!(error instanceof ResourceNotFoundException)) throw nosqlError(account, `remove table ${table}`, error);
  }
}

async function answers(at: string): Promise<boolean> {
  try {
    const response = await fetch(`http://${at}/`, { signal: AbortSignal.timeout(2_000) });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}

function runPrefix(runId: string): string {
  return `sebs-${runId}-`;
}

function tableResource(table: string, { platformId }: StorageContext): ResourceRef {
  return { platform: platformId, kind: 'table', id: table };
}

function marshalled(item: Item): Record<string, AttributeValue> {
  return marshall(item, { removeUndefinedValues: true });
}

interface CallOptions {
  abortSignal: AbortSignal;
}

function bounded(): CallOptions {
  return { abortSignal: AbortSignal.timeout(CALL_DEADLINE_MS) };
}

async function call<T>(
  { client, account }: Omit<Server, 'own'>,
  what: string,
  work: (client: DynamoDB, options: CallOptions) => Promise<T>,
): Promise<T> {
  try {
    return await work(client, bounded());
  } catch (error) {
    throw nosqlError(account, what, error);
  }
}

/** Without the cause: what the client throws may carry a request with its signature. */
function nosqlError(account: Account, what: string, error: unknown): PlatformError {
  if (error instanceof ResourceNotFoundException) return new PlatformError(`cannot ${what}: there is no such table`);
  const reason = hide(messageOf(error) || (error instanceof Error ? error.name : ''), account);
  return new PlatformError(`cannot ${what} at ${account.endpoint.origin}: ${reason}`, {
    hint: 'look at the nosql entry of the platform: is the server running, are its keys right?',
  });
}
