// What SeBS's wrappers give a function besides its event: an id of the request, when it came in, and storage clients that
// `require('./storage')` finds. Packed beside the function of a folder that is laid out as SeBS does, and called in its
// place. The clients load asynchronously, which `require` cannot: they are loaded here first, and client.cjs hands them on.
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';

const beside = (name) => new URL(`./${name}`, import.meta.url);

const clients = {};
for (const name of ['storage', 'nosql'])
  if (existsSync(beside(`${name}.mjs`))) clients[name] = await import(beside(`${name}.mjs`).href);
globalThis[Symbol.for('sebs-layout')] = clients;

const file = ['js', 'mjs', 'cjs'].map((ending) => beside(`function.${ending}`)).find((url) => existsSync(url));
if (file === undefined) throw new Error('the folder has no function.js');
const module = await import(file.href);
const inner = module.handler ?? module.default?.handler;
if (typeof inner !== 'function') throw new TypeError("function.js exports no function 'handler'");

export function handler(event) {
  if (event === null || typeof event !== 'object' || Array.isArray(event)) return inner(event);
  return inner({ 'request-id': randomUUID(), 'income-timestamp': Date.now() / 1000, ...event });
}
