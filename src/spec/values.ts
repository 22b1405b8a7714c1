// Values that are written as text: durations, percentages, languages. Comes in text that the schema has found well-formed,
// goes out a number in the unit its name says; `slipOf…` guesses what a malformed one was meant to be, for hints.
import type { LanguageLevel } from './resolved.js';

const SECONDS: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600 };

/** "500ms", "60s", "1.5h" -> seconds; undefined for anything else. */
export function parseDurationS(text: string): number | undefined {
  const match = /^([0-9]+(?:\.[0-9]+)?)(ms|s|m|h)$/.exec(text);
  const factor = SECONDS[match?.[2] ?? ''];
  if (match === null || factor === undefined) return undefined;
  // Rounded to a microsecond: 0.1 * 60 would otherwise differ from 6 in the last bit, and so would its hash.
  return Math.round(Number(match[1]) * factor * 1e6) / 1e6;
}

/** "5%" -> 0.05; undefined for anything else. */
export function parseShare(text: string): number | undefined {
  const match = /^([0-9]+(?:\.[0-9]+)?)%$/.exec(text);
  return match === null ? undefined : Number((Number(match[1]) / 100).toPrecision(15));
}

/** "python@3.11" -> language and version; without an @ the version is left to the planner. */
export function parseLanguage(text: string): LanguageLevel {
  const [language = '', version] = text.split('@');
  return { language, version: version ?? null };
}

const UNIT_WORDS: Readonly<Record<string, string>> = {
  ms: 'ms',
  msec: 'ms',
  millis: 'ms',
  milliseconds: 'ms',
  s: 's',
  sec: 's',
  secs: 's',
  second: 's',
  seconds: 's',
  m: 'm',
  min: 'm',
  mins: 'm',
  minute: 'm',
  minutes: 'm',
  h: 'h',
  hr: 'h',
  hour: 'h',
  hours: 'h',
};

/** What a malformed duration should have been: '60 sec' -> '60s'. */
export function slipOfDuration(value: unknown): string | undefined {
  if (typeof value === 'number' && value > 0)
    return `write '${value}s' for seconds, or '${value}ms', '${value}m', '${value}h'`;
  if (typeof value !== 'string') return undefined;
  const match = /^\s*([0-9]+(?:\.[0-9]+)?)\s*([a-z]*)\s*$/i.exec(value);
  if (match === null) return undefined;
  const unit = match[2] === '' ? 's' : UNIT_WORDS[match[2]?.toLowerCase() ?? ''];
  const meant = `${match[1]}${unit}`;
  return unit === undefined || meant === value || Number(match[1]) === 0 ? undefined : `write '${meant}'`;
}

/** '128mb', '1 GB' -> the number of MB to write. */
export function slipOfMegabytes(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const match = /^\s*([0-9]{1,6}(?:\.[0-9]{1,3})?)\s*(m|mb|mib|g|gb|gib)?\s*$/i.exec(value);
  const megabytes = Number(match?.[1]) * (match?.[2]?.toLowerCase().startsWith('g') ? 1024 : 1);
  return Number.isInteger(megabytes) && megabytes > 0 ? `write ${megabytes}` : undefined;
}

/** YAML 1.2 knows true and false alone; 'yes' is a text. */
export function slipOfBoolean(value: unknown): string | undefined {
  const word = String(value).toLowerCase();
  if (['yes', 'on', 'y', '1'].includes(word)) return 'write true';
  return ['no', 'off', 'n', '0'].includes(word) ? 'write false' : undefined;
}

/** '5 %', 5, 0.05 -> '5%'. */
export function slipOfShare(value: unknown): string | undefined {
  const text = typeof value === 'number' ? String(value < 1 ? value * 100 : value) : String(value);
  const match = /^\s*([0-9]+(?:\.[0-9]+)?)\s*%?\s*$/.exec(text);
  const share = Number(match?.[1]);
  return match === null || !(share > 0 && share <= 100) ? undefined : `write '${match[1]}%'`;
}

/** 'Python 3.11', 'python3.11' -> 'python@3.11'; a number is a version that YAML took for one. */
export function slipOfLanguage(value: unknown, source: string | undefined): string | undefined {
  if (typeof value === 'number')
    return `a bare version is a number to YAML, and 3.10 becomes 3.1: write 'python@${source ?? value}', language first`;
  if (typeof value !== 'string') return undefined;
  const match = /^\s*([a-z][a-z+#-]*)[\s:@=_-]*v?([0-9]+(?:\.[0-9]+)*)?\s*$/i.exec(value);
  if (match === null) return undefined;
  return `write '${match[1]?.toLowerCase()}${match[2] === undefined ? '' : `@${match[2]}`}'`;
}
