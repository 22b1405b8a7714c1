// What went wrong with a request, in the words of the record. Comes in: the error and the stage it struck; goes out: its
// kind and a text without the address, which may be a secret of the user's.
import { messageOf } from '../errors.js';
import type { Unanswered } from './exchange.js';
import type { Stage } from './timeline.js';

export interface Failure {
  kind: Unanswered['errorKind'];
  text: string;
}

/** Names given here to what undici's parser reports without a code. */
const NOT_HTTP = 'HTTP_PARSER';
const BROKEN_OFF = 'HTTP_PARSER_EOF';

/** This side ran out of something or refused the request itself: not the function's doing. */
const CLIENT_CODES = new Set([
  'EMFILE',
  'ENFILE',
  'ENOBUFS',
  'ENOMEM',
  'EADDRNOTAVAIL',
  'ERR_INVALID_URL',
  'UND_ERR_INVALID_ARG',
  'UND_ERR_NOT_SUPPORTED',
  'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH',
]);

const RESET_CODES = new Set([
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENETDOWN',
  'UND_ERR_SOCKET',
  'UND_ERR_INFO',
  BROKEN_OFF,
  'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
]);

const WORDS: Readonly<Record<string, string>> = {
  ERR_INVALID_URL: 'the address is not a URL',
  EMFILE: 'this process has too many open files (raise `ulimit -n`)',
  ENFILE: 'this machine has too many open files',
  EADDRNOTAVAIL: 'this machine has no free port for another connection',
  ECONNREFUSED: 'nothing listens at the address',
  ECONNRESET: 'the other side reset the connection',
  EPIPE: 'the other side had closed the connection',
  ENOTFOUND: 'the name of the host is not known',
  EAI_AGAIN: 'the name of the host could not be looked up',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  ETIMEDOUT: 'the other side no longer answers',
  UND_ERR_SOCKET: 'the other side closed the connection',
  UND_ERR_INFO: 'the connection was closed',
  UND_ERR_RES_EXCEEDED_MAX_SIZE: 'the response is larger than sebs reads',
  UND_ERR_HEADERS_OVERFLOW: 'the head of the response is larger than sebs reads',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'the response ended before its announced length',
  [BROKEN_OFF]: 'the response ended before it was complete',
  ERR_TLS_CERT_ALTNAME_INVALID: 'the certificate is for another name',
};

const WHERE: Readonly<Record<Stage, string>> = {
  queue: 'before the request was sent',
  create: 'while the sandbox was created',
  start: 'while the sandbox was started',
  ready: 'while the sandbox became ready',
  connect: 'while connecting',
  firstByte: 'before the first byte of the response',
  download: 'while the response was read',
};

export function failureOf(error: unknown, stage: Stage): Failure {
  const code = codeOf(error);
  return { kind: kindOf(code, stage), text: `${wordsFor(error, code, stage)} ${WHERE[stage]}` };
}

/** The sandbox could not be had. The driver's own words say why. */
export function placementFailure(error: unknown): Failure {
  return { kind: 'create', text: messageOf(error) };
}

export function timeoutFailure(timeoutUs: number, stage: Stage): Failure {
  return { kind: 'timeout', text: `no complete response within ${timeoutUs / 1_000_000} s: given up ${WHERE[stage]}` };
}

export function stoppedFailure(stage: Stage): Failure {
  return { kind: 'client', text: `stopped by sebs ${WHERE[stage]}` };
}

function kindOf(code: string, stage: Stage): Unanswered['errorKind'] {
  if (CLIENT_CODES.has(code)) return 'client';
  if (stage === 'connect') return 'connect';
  if (RESET_CODES.has(code)) return 'reset';
  return stage === 'queue' ? 'client' : 'protocol';
}

function wordsFor(error: unknown, code: string, stage: Stage): string {
  const words = WORDS[code];
  if (words !== undefined) return `${words} (${code})`;
  // What undici and its parser say names no address; what the system says may.
  if (code === NOT_HTTP || code.startsWith('UND_ERR_')) return `${messageOf(error)} (${code})`;
  if (code !== '') return `the request failed (${code})`;
  // Before anything was sent it is ours, or the signer's.
  return stage === 'queue' ? `${messageOf(error)},` : 'the request failed';
}

function codeOf(error: unknown): string {
  const { code, name, message } = (error ?? {}) as { code?: unknown; name?: unknown; message?: unknown };
  if (name === 'HTTPParserError') return /EOF/.test(String(message)) ? BROKEN_OFF : NOT_HTTP;
  return typeof code === 'string' ? code : '';
}
