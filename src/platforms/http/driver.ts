// Platform `http`: a function that is deployed already and answers at a URL. Comes in: the address, what to send, how to
// prove who we are and what a right answer looks like; goes out: an endpoint. Nothing is created, so nothing is removed;
// what the environment holds (addresses, tokens) is put in when a request is made and taken out of everything that is
// written. docs/platforms/http.md.

import { PlatformError } from '../../errors.js';
import { hashOf } from '../../hash.js';
import { BYTES_PER_MB } from '../../units.js';
import type { Capabilities, Check, DriverContext, Endpoint, PlatformDriver } from '../driver.js';
import { answerOf, differsAt, type Evidence } from './answer.js';
import { createReferences, type References } from './references.js';

/** The entry of the suite, as schemas/platforms/http.schema.json allows it. */
interface Options {
  url?: string;
  method?: string;
  headers?: Readonly<Record<string, string>>;
  auth?: string;
  event?: unknown;
  expect?: { status?: number | readonly number[]; json?: unknown };
  evidence?: Evidence;
}

export async function createDriver(context: DriverContext): Promise<PlatformDriver> {
  const { platformId } = context;
  const options: Options = context.options;
  const references = createReferences(platformId, context.env);

  return {
    type: 'http',
    capabilities: nominalCapabilities(),
    // The address is a secret as often as not: which function it was is known by a hash of what the suite says.
    prepare: async () => ({
      method: options.method ?? 'POST',
      entry_sha256: hashOf(options),
      evidence: options.evidence ?? {},
      deployed_by: 'somebody else: neither its code nor its configuration is known',
    }),
    async buildPackage({ package: planned }) {
      throw new PlatformError(`${platformId} cannot run ${planned.benchmark}: it calls what is deployed already`);
    },
    async deploy({ deployment }) {
      throw new PlatformError(`${platformId} cannot deploy ${deployment.id}: it calls what is deployed already`);
    },
    adopt: async ({ id }) => ({
      id,
      resource: { platform: platformId, kind: 'function', id: 'at its URL' },
      facts: {},
    }),
    endpoint: async () => endpointOf(platformId, options, references),
    collect: async () => ({ rows: [], coverage: null }),
    async remove() {},
    list: async () => [],
    doctor: async () => [checkOf(options)],
    async close() {},
  };
}

export function nominalCapabilities(): Capabilities {
  return {
    languages: {},
    missing: {},
    architectures: [],
    memory: null,
    maxTimeoutS: 24 * 3600,
    triggers: ['http'],
    packageKinds: [],
    forceColdStart: false,
    sandboxesEndWithBlock: false,
    sharesClientHost: false,
    maxConcurrency: 10_000,
    maxPayloadBytes: 64 * BYTES_PER_MB,
    storage: [],
    nosql: [],
    storageView: 'cloud',
    bringsOwnFunction: true,
    providerMetrics: [],
    coldStartOverheadS: 0,
    notYetSeen: [],
  };
}

function endpointOf(platformId: string, options: Options, references: References): Endpoint {
  const { method = 'POST', event, expect = {}, evidence = {} } = options;
  const address = references.resolve(options.url ?? '');
  if (!URL.canParse(address) || !/^https?:$/.test(new URL(address).protocol))
    throw new PlatformError(`${platformId}: its url is no address that begins with http:// or https://`, {
      hint: 'look at the url of the platform in the suite, and at the variable it refers to',
    });
  const url = new URL(address);
  const status = expect.status ?? 200;
  return {
    origin: url.origin,
    path: `${url.pathname}${url.search}`,
    method,
    headers: headersOf(options, url, references),
    ...(event === undefined ? {} : { body: new TextEncoder().encode(JSON.stringify(event)) }),
    okStatuses: typeof status === 'number' ? [status] : status,
    decode: (body, headers) => answerOf(body, headers, evidence),
    redact: references.redact,
    judge: (output) => (expect.json === undefined ? null : judge(expect.json, output)),
  };
}

function headersOf({ headers = {}, auth }: Options, url: URL, references: References): Record<string, string> {
  const resolved = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), references.resolve(value)]);
  // What stands in an address as user and password is sent as a browser would.
  const basic = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  return {
    ...(basic === ':' ? {} : { authorization: `Basic ${Buffer.from(basic).toString('base64')}` }),
    ...(auth === undefined ? {} : { authorization: references.resolve(auth) }),
    ...Object.fromEntries(resolved),
  };
}

function judge(expected: unknown, output: unknown): string | null {
  const place = differsAt(expected, output);
  if (place === null) return null;
  return `the output is not what the suite expects${place === '' ? '' : ` at ${place}`}`;
}

function checkOf({ url }: Options): Check {
  return {
    name: 'http',
    state: 'ok',
    text: url === undefined ? 'calls what is deployed already: needs nothing here' : 'the address is not tried',
  };
}
