// What the journal says of the cells. Comes in: raw/journal.jsonl, read line by line; goes out: how each cell ended.
// A torn last line is passed over: it did not happen.
import { createReadStream, existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { CellEnded, JournalLine } from '../generated/journal.js';

/** The last word on each cell; a cell that is absent never ended. */
export async function cellEnds(path: string): Promise<Map<string, CellEnded>> {
  const ends = new Map<string, CellEnded>();
  if (!existsSync(path)) return ends;
  for await (const text of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
    // Nearly every line is a batch: only those that may matter are parsed.
    if (!text.includes('"cell_ended"')) continue;
    const line = parsed(text);
    if (line?.type === 'cell_ended') ends.set(line.cell, line);
  }
  return ends;
}

function parsed(text: string): JournalLine | undefined {
  try {
    return JSON.parse(text) as JournalLine;
  } catch {
    return undefined;
  }
}
