// Which storage a platform's entry in the suite asks for, and what it says of a server of the user's own. Comes in: the
// entry (`minio`, or a map with `kind` and options); goes out: a kind with its options, and an account with the
// references to the environment followed. What they refer to goes into memory only: `hide` takes it out of messages.
import { PlatformError } from '../errors.js';

export interface StorageChoice {
  kind: string;
  options: Readonly<Record<string, unknown>>;
}

/** A server that the user runs, and how to speak to it. */
export interface Account {
  endpoint: URL;
  region: string;
  accessKey: string;
  secretKey: string;
}

const DEFAULT_REGION = 'us-east-1';
const REFERENCE = /^\$\{([A-Za-z_][A-Za-z0-9_]*)\}$/;

/** undefined where the entry names none and the platform has none. */
export function choiceOf(entry: unknown, fallback: string | undefined): StorageChoice | undefined {
  if (typeof entry === 'string') return { kind: entry, options: {} };
  if (typeof entry === 'object' && entry !== null && 'kind' in entry && typeof entry.kind === 'string') {
    const { kind, ...options } = entry;
    return { kind, options };
  }
  return fallback === undefined ? undefined : { kind: fallback, options: {} };
}

/** The user's own server; undefined where none is named, so that the run starts one. */
export function accountIn(
  { kind, options }: StorageChoice,
  env: Readonly<Record<string, string | undefined>>,
): Account | undefined {
  if (options.endpoint === undefined) return undefined;
  const value = (key: string): string | undefined => textOf(kind, key, options[key], env);
  const [endpoint, accessKey, secretKey] = [value('endpoint'), value('access_key'), value('secret_key')];
  if (endpoint === undefined || accessKey === undefined || secretKey === undefined)
    throw new PlatformError(`storage ${kind} names an endpoint without access_key and secret_key`);
  return { endpoint: urlOf(kind, endpoint), region: value('region') ?? DEFAULT_REGION, accessKey, secretKey };
}

/** A message without what is secret in it. */
export function hide(message: string, { accessKey, secretKey }: Pick<Account, 'accessKey' | 'secretKey'>): string {
  return message.replaceAll(secretKey, '(secret key)').replaceAll(accessKey, '(access key)');
}

function textOf(
  kind: string,
  key: string,
  written: unknown,
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  if (typeof written !== 'string') return undefined;
  const [, name] = REFERENCE.exec(written) ?? [];
  if (name === undefined) return written;
  const value = env[name];
  if (value !== undefined && value !== '') return value;
  throw new PlatformError(`${key} of storage ${kind} refers to \${${name}}, which is not set`, {
    hint: `set ${name} in the environment of sebs`,
  });
}

function urlOf(kind: string, text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && /^https?:$/.test(url.protocol) && url.pathname === '/' && url.username === '') return url;
  throw new PlatformError(`the endpoint of storage ${kind} is no address of a server`, {
    hint: 'write scheme, host and port alone, such as http://127.0.0.1:9000',
  });
}
