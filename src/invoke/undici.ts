// The only door to undici. Comes in: nothing; goes out: the two parts of it that invoke/ uses, loaded when they are
// first asked for. They are taken from their own files because the package's index brings fetch, web sockets and caches
// with it: 70 ms instead of 22 before the first request. package.json pins the exact version, and tests use these parts.
import { createRequire } from 'node:module';
import type * as undici from 'undici';

export type { Client, Dispatcher } from 'undici';
export type Connector = ReturnType<typeof undici.buildConnector>;

export interface Undici {
  Client: typeof undici.Client;
  buildConnector: typeof undici.buildConnector;
}

let loaded: Undici | undefined;

export function loadUndici(): Undici {
  if (loaded === undefined) {
    const require = createRequire(import.meta.url);
    loaded = {
      Client: require('undici/lib/dispatcher/client.js') as typeof undici.Client,
      buildConnector: require('undici/lib/core/connect.js') as typeof undici.buildConnector,
    };
  }
  return loaded;
}
