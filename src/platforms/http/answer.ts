// What an answer from somewhere says of its invocation. Comes in: body and headers of a response, and where the suite says
// the evidence stands; goes out: an answer in the shape of our wrappers. The answers of sebs's and SeBS's own wrappers are
// recognised; of anything else the whole body is the output. Pure.
import type { WrapperAnswer } from '../../generated/wrapper-answer.js';

export interface Evidence {
  sandbox_id?: string;
  cold?: string;
  benchmark_us?: string;
}

/** What is known; the rest is absent. */
export type KnownAnswer = Partial<Omit<WrapperAnswer, 'result'>> & {
  result: { output: unknown; measurement?: unknown };
};

export function answerOf(
  body: Uint8Array,
  headers: Readonly<Record<string, string>>,
  evidence: Evidence,
): KnownAnswer | Record<string, unknown> {
  const content = contentOf(body);
  const told = toldBy(content, headers, evidence);
  if (isRecord(content) && isOurs(content)) return { ...content, ...told };
  if (isRecord(content) && isSebs(content)) return { ...fromSebs(content), ...told };
  return { result: { output: content }, ...told };
}

/** JSON where it is some, else text. */
function contentOf(body: Uint8Array): unknown {
  const text = Buffer.from(body).toString('utf8');
  if (text === '') return null;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function isOurs(content: Record<string, unknown>): boolean {
  return 'benchmark_us' in content && 'sandbox_id' in content && (isRecord(content.result) || isRecord(content.error));
}

/** `begin` and `end` are seconds since 1970 as text or number, `container_id` and `is_cold` tell of the sandbox. */
function isSebs(content: Record<string, unknown>): boolean {
  return 'begin' in content && 'end' in content && 'result' in content && 'is_cold' in content;
}

function fromSebs(content: Record<string, unknown>): KnownAnswer {
  const [beginS, endS] = [Number(content.begin), Number(content.end)];
  const timed = Number.isFinite(beginS) && Number.isFinite(endS) && endS >= beginS;
  const inner = isRecord(content.result) ? content.result : {};
  const output = 'output' in inner ? inner.output : 'result' in inner ? inner.result : content.result;
  return {
    ...(typeof content.request_id === 'string' ? { request_id: content.request_id } : {}),
    ...(typeof content.is_cold === 'boolean' ? { is_cold: content.is_cold } : {}),
    ...(typeof content.container_id === 'string' ? { sandbox_id: content.container_id } : {}),
    ...(timed
      ? {
          begin_at: new Date(beginS * 1000).toISOString(),
          end_at: new Date(endS * 1000).toISOString(),
          benchmark_us: Math.round((endS - beginS) * 1e6),
        }
      : {}),
    result: { output, ...('measurement' in inner ? { measurement: inner.measurement } : {}) },
  };
}

function toldBy(
  content: unknown,
  headers: Readonly<Record<string, string>>,
  evidence: Evidence,
): Partial<WrapperAnswer> {
  const look = (place: string | undefined): unknown =>
    place === undefined ? undefined : lookUp(place, content, headers);
  const sandbox = look(evidence.sandbox_id);
  const cold = look(evidence.cold);
  const benchmarkUs = Number(look(evidence.benchmark_us) ?? Number.NaN);
  return {
    ...(typeof sandbox === 'string' || typeof sandbox === 'number' ? { sandbox_id: String(sandbox) } : {}),
    ...(cold === true || cold === 'true' ? { is_cold: true } : {}),
    ...(cold === false || cold === 'false' ? { is_cold: false } : {}),
    ...(benchmarkUs >= 0 ? { benchmark_us: Math.round(benchmarkUs) } : {}),
  };
}

/** `header: name`, or a JSON pointer (RFC 6901). */
function lookUp(place: string, content: unknown, headers: Readonly<Record<string, string>>): unknown {
  const header = /^header: ?(.+)$/.exec(place)?.[1];
  if (header !== undefined) return headers[header.toLowerCase()];
  return place
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<unknown>((value, part) => memberOf(value, part), content);
}

function memberOf(value: unknown, part: string): unknown {
  if (Array.isArray(value)) return value[Number(part)];
  return isRecord(value) && Object.hasOwn(value, part) ? value[part] : undefined;
}

/** Whether a value is as expected: of a map the keys that are named, all else as a whole. Returns where it is not. */
export function differsAt(expected: unknown, actual: unknown, path = ''): string | null {
  if (isRecord(expected)) {
    if (!isRecord(actual)) return path;
    for (const [key, value] of Object.entries(expected)) {
      const where = `${path}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
      const found = Object.hasOwn(actual, key) ? differsAt(value, actual[key], where) : where;
      if (found !== null) return found;
    }
    return null;
  }
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual) || actual.length !== expected.length) return path;
    return expected.reduce<string | null>(
      (found, value, index) => found ?? differsAt(value, actual[index], `${path}/${index}`),
      null,
    );
  }
  return expected === actual ? null : path;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
