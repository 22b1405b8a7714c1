// NoSQL storage for functions: a client of servers that speak DynamoDB's protocol; standard library only. A key is a
// pair of attribute and text, the secondary one null where the table has none:
//
//   import { nosql } from './nosql.mjs';
//   const client = nosql.getInstance();
//   await client.insert('cart', ['cart_id', 'c1'], ['product_id', 'p7'], { price: 2.5 });
//   const items = await client.query('cart', ['cart_id', 'c1'], 'product_id');
//
// Tables go by the names that benchmark.yaml declares. No such table: an error with code ENOENT. Functions written for
// SeBS call `nosql.get_instance()`.
import { bodyOf, Service, sha256 } from './shared-signing.mjs';

export class nosql {
  static #instance;
  #service;
  #prefix = process.env.SEBS_NOSQL_TABLE_PREFIX;

  /** The client of this sandbox, made on first use. */
  static getInstance() {
    nosql.#instance ??= new nosql();
    return nosql.#instance;
  }

  static get_instance() {
    return nosql.getInstance();
  }

  constructor() {
    const kind = process.env.SEBS_NOSQL;
    if (kind !== 'dynamodb') throw new Error(`there is no NoSQL client for SEBS_NOSQL=${kind}`);
    this.#service = new Service(kind, {
      endpoint: process.env.SEBS_NOSQL_ENDPOINT,
      region: process.env.SEBS_NOSQL_REGION,
      accessKey: process.env.SEBS_NOSQL_ACCESS_KEY,
      secretKey: process.env.SEBS_NOSQL_SECRET_KEY,
    });
  }

  /** Puts an item in the place of one that has the same keys. */
  async insert(tableName, primaryKey, secondaryKey, data) {
    const item = { ...data, ...keysOf(primaryKey, secondaryKey) };
    await this.#call('PutItem', tableName, { Item: typed(item).M });
  }

  /** A promise of the item, or null. */
  async get(tableName, primaryKey, secondaryKey) {
    const Key = typed(keysOf(primaryKey, secondaryKey)).M;
    const { Item } = await this.#call('GetItem', tableName, { Key, ConsistentRead: true });
    return Item === undefined ? null : plain({ M: Item });
  }

  /** Sets attributes of an item and leaves its others; makes the item where there is none. */
  async update(tableName, primaryKey, secondaryKey, updates) {
    const entries = Object.entries(updates);
    await this.#call('UpdateItem', tableName, {
      Key: typed(keysOf(primaryKey, secondaryKey)).M,
      UpdateExpression: `SET ${entries.map((_, index) => `#${index} = :${index}`).join(', ')}`,
      ExpressionAttributeNames: Object.fromEntries(entries.map(([name], index) => [`#${index}`, name])),
      ExpressionAttributeValues: Object.fromEntries(entries.map(([, value], index) => [`:${index}`, typed(value)])),
    });
  }

  /** A promise of all items of one primary key, in order of the secondary. */
  async query(tableName, [name, value], _secondaryKeyName) {
    const request = {
      ConsistentRead: true,
      KeyConditionExpression: '#key = :value',
      ExpressionAttributeNames: { '#key': name },
      ExpressionAttributeValues: { ':value': typed(value) },
    };
    const items = [];
    for (let from = {}; ; ) {
      const page = await this.#call('Query', tableName, { ...request, ...from });
      items.push(...page.Items.map((item) => plain({ M: item })));
      if (page.LastEvaluatedKey === undefined) return items;
      from = { ExclusiveStartKey: page.LastEvaluatedKey };
    }
  }

  /** Removes an item; it being gone already is fine. */
  async delete(tableName, primaryKey, secondaryKey) {
    await this.#call('DeleteItem', tableName, { Key: typed(keysOf(primaryKey, secondaryKey)).M });
  }

  async #call(operation, tableName, request) {
    const body = Buffer.from(JSON.stringify({ TableName: `${this.#prefix}${tableName}`, ...request }));
    const response = await this.#service.request({
      method: 'POST',
      path: '/',
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'content-length': String(body.length),
        'x-amz-target': `DynamoDB_20120810.${operation}`,
      },
      body: () => body,
      bodyHash: sha256(body),
    });
    const text = String(await bodyOf(response));
    const answer = text === '' ? {} : JSON.parse(text);
    if (response.statusCode === 200) return answer;
    const kind = (answer.__type ?? '').split('#').at(-1);
    if (kind === 'ResourceNotFoundException')
      throw Object.assign(new Error(`there is no table '${tableName}'`), { code: 'ENOENT' });
    const reason = answer.message ?? answer.Message ?? response.statusCode;
    throw new Error(`${operation} of table '${tableName}' failed: ${kind} ${reason}`);
  }
}

function keysOf(...keys) {
  return Object.fromEntries(keys.filter((key) => key != null));
}

/** A value with the name of its type, as the protocol writes it. */
function typed(value) {
  if (value === null) return { NULL: true };
  if (typeof value === 'boolean') return { BOOL: value };
  if (typeof value === 'string') return { S: value };
  if (Number.isFinite(value)) return { N: String(value) };
  if (value instanceof Uint8Array) return { B: Buffer.from(value).toString('base64') };
  if (Array.isArray(value)) return { L: value.map(typed) };
  if (typeof value !== 'object') throw new TypeError(`a value of type ${typeof value} cannot be stored`);
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return { M: Object.fromEntries(members.map(([name, member]) => [name, typed(member)])) };
}

/** The value without the names of types. */
function plain(value) {
  const [[kind, content]] = Object.entries(value);
  if (kind === 'NULL') return null;
  if (kind === 'N') return Number(content);
  if (kind === 'B') return Buffer.from(content, 'base64');
  if (kind === 'L') return content.map(plain);
  if (kind === 'M') return Object.fromEntries(Object.entries(content).map(([name, member]) => [name, plain(member)]));
  return content;
}
