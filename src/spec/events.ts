// Stage 1, events of the suite's own: `input: { event: { width: 200 } }`, or the name of a file of JSON. Comes in a suite as
// it was written, goes out the same with a name in the place of each event, the events by their names, and the files they
// were read from.
import { dirname, isAbsolute, join } from 'node:path';
import { messageOf, SpecError } from '../errors.js';
import type { OwnEvent } from '../generated/plan.js';
import { hashOf } from '../hash.js';
import { asList } from './axes.js';
import { readText } from './file-text.js';
import { type Finding, quote } from './finding.js';
import type { TextFile } from './layers.js';
import type { SuitePath } from './resolved.js';
import { isRecord } from './schemas.js';
import { axisSites } from './written.js';

export interface NamedEvents {
  suite: unknown;
  events: Record<string, OwnEvent>;
  files: TextFile[];
  findings: Finding[];
}

/** `fileOf`: the file that a place of the suite stands in. */
export async function nameEvents(written: unknown, fileOf: (path: SuitePath) => string): Promise<NamedEvents> {
  const named: NamedEvents = { suite: structuredClone(written), events: {}, files: [], findings: [] };
  for (const { map, path } of axisSites(named.suite)) {
    const levels: unknown = map.input;
    if (!asList(levels).some(isRecord)) continue;
    const names: unknown[] = [];
    for (const [index, level] of asList(levels).entries()) {
      const at = [...path, 'input', ...(Array.isArray(levels) ? [index] : [])];
      names.push(isRecord(level) ? await nameEvent(level, at, fileOf(at), named) : level);
    }
    Object.assign(map, { input: Array.isArray(levels) ? names : names[0] });
  }
  return named;
}

async function nameEvent(
  level: Readonly<Record<string, unknown>>,
  path: SuitePath,
  file: string,
  { events, files, findings }: NamedEvents,
): Promise<string> {
  const wrong = (message: string, hint: string): string => {
    findings.push({ path: [...path, 'event'], at: 'value', message, hint });
    return '';
  };
  let { event } = level;
  if (typeof event === 'string') {
    const name = isAbsolute(event) ? event : join(dirname(file), event);
    try {
      const text = await readText(name);
      files.push({ path: name, text });
      event = JSON.parse(text) as unknown;
    } catch (error) {
      const why = error instanceof SpecError ? error.problems[0]?.message : `is no JSON: ${messageOf(error)}`;
      return wrong(`${quote(name)} ${why}`, 'name a file of JSON, relative to this file');
    }
  }
  const sha256 = hashOf(event);
  const name = typeof level.name === 'string' ? level.name : `event-${sha256.slice(0, 8)}`;
  const known = Object.hasOwn(events, name) ? events[name] : undefined;
  if (known !== undefined && known.sha256 !== sha256)
    return wrong(`another event goes by the name ${quote(name)} already`, 'give each a name of its own');
  events[name] = { sha256, event: event as OwnEvent['event'] };
  return name;
}
