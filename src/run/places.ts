// Stage 3, what a run folder must not tell: where on this machine the user, the cache and the run's own folders lie.
// Function errors and tools carry such paths in their texts. Comes in: the places of this run; goes out: texts and files
// in which each stands by its name. Pure but for `shortenFiles`, which works on files that functions wrote themselves.
import { closeSync, existsSync, openSync, readdirSync, readSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Name -> absolute path. */
export type Places = Readonly<Record<string, string>>;
export type Shorten = (text: string) => string;

/** A path is one where it ends there or goes on with a separator. */
export function createShortener(places: Places): Shorten {
  const names = new Map<string, string>();
  for (const [name, path] of Object.entries(places)) {
    const trimmed = path.replace(/\/+$/, '');
    // As it is, and as it stands inside a JSON string.
    if (trimmed.length > 1) for (const form of [trimmed, JSON.stringify(trimmed).slice(1, -1)]) names.set(form, name);
  }
  if (names.size === 0) return (text) => text;
  // What lies inside another place has the more telling name.
  const longestFirst = [...names.keys()].sort((a, b) => b.length - a.length);
  const pattern = new RegExp(`(?:${longestFirst.map(escaped).join('|')})(?![A-Za-z0-9_-]|\\.[A-Za-z0-9])`, 'g');
  // Nearly every line of a run has none, and looking for fixed texts is several times faster than the pattern.
  const mayHave = (text: string) => longestFirst.some((path) => text.includes(path));
  return (text) => (mayHave(text) ? text.replace(pattern, (path) => names.get(path) ?? path) : text);
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** With the user's home folder as `~`; for what is read back on the same machine, see `withHome`. */
export function withoutHome(text: string): string {
  return createShortener({ '~': homedir() })(text);
}

export function withHome(path: string): string {
  return path.replace(/^~(?=\/|$)/, homedir());
}

/** All files of a folder and of those in it, byte for byte but for the places. */
export function shortenFiles(folder: string, places: Places): void {
  // Bytes as characters up to 255, in the paths too: what is no UTF-8 survives.
  const shorten = createShortener(
    Object.fromEntries(Object.entries(places).map(([name, path]) => [name, Buffer.from(path).toString('latin1')])),
  );
  for (const path of filesBelow(folder)) shortenFile(path, shorten);
}

function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(path) : entry.isFile() ? [path] : [];
  });
}

const CHUNK_BYTES = 1 << 20;
/** A longer line is taken in pieces, so that memory is bounded. */
const LONGEST_LINE = 1 << 24;

/** A file without any of the places stays as it is. */
function shortenFile(path: string, shorten: Shorten): void {
  const next = `${path}.next`;
  const from = openSync(path, 'r');
  const to = openSync(next, 'w');
  let changed = false;
  let rest = '';
  const write = (text: string): void => {
    const short = shorten(text);
    if (short !== text) changed = true;
    writeFileSync(to, short, 'latin1');
  };
  try {
    const chunk = Buffer.alloc(CHUNK_BYTES);
    for (let length = readSync(from, chunk); length > 0; length = readSync(from, chunk)) {
      rest += chunk.toString('latin1', 0, length);
      const end = rest.length > LONGEST_LINE ? rest.length : rest.lastIndexOf('\n') + 1;
      write(rest.slice(0, end));
      rest = rest.slice(end);
    }
    write(rest);
  } finally {
    closeSync(from);
    closeSync(to);
  }
  if (changed) renameSync(next, path);
  else rmSync(next);
}
