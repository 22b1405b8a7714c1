// What the journal says of the course of a run. Comes in: raw/journal.jsonl, read line by line; goes out: the blocks in
// the order in which they were measured, with the load of the client's host, and what happened besides: parts, signals,
// cells that ended early, tasks that failed, notes. Batches, nearly all of the lines, are passed over.
import { createReadStream, existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { JournalLine } from '../generated/journal.js';
import type { RunFolder } from './run-folder.js';

export interface TimelineBlock {
  part: number;
  cell: string;
  block: number;
  /** On the client's monotonic clock since the start of the part; null where an old journal lacks it. */
  from_us: number | null;
  /** Null for a block that was cut off. */
  to_us: number | null;
  /** Load average of the client's host over one minute, when the block began. */
  load_1m: number | null;
}

export interface TimelineEvent {
  part: number;
  at: string;
  kind: 'part' | 'stopped' | 'cell' | 'task' | 'warning' | 'note';
  text: string;
  cell?: string;
}

export interface RunTimeline {
  blocks: TimelineBlock[];
  events: TimelineEvent[];
}

export async function readTimeline(folder: RunFolder): Promise<RunTimeline> {
  const timeline: RunTimeline = { blocks: [], events: [] };
  if (!existsSync(folder.journal)) return timeline;
  const open = new Map<string, TimelineBlock>();
  for await (const text of createInterface({ input: createReadStream(folder.journal), crlfDelay: Infinity })) {
    if (text.includes('"type":"batch"')) continue;
    const line = parsed(text);
    if (line !== undefined) take(line, timeline, open);
  }
  return timeline;
}

function take(line: JournalLine, timeline: RunTimeline, open: Map<string, TimelineBlock>): void {
  if (line.type === 'block_started') {
    const { part, cell, block, us = null, load_1m = null } = line;
    const begun = { part, cell, block, from_us: us, to_us: null, load_1m };
    timeline.blocks.push(begun);
    open.set(`${part} ${block} ${cell}`, begun);
  } else if (line.type === 'block_done') {
    const begun = open.get(`${line.part} ${line.block} ${line.cell}`);
    if (begun !== undefined) begun.to_us = line.us ?? null;
  } else {
    const event = eventOf(line);
    if (event !== undefined) timeline.events.push({ part: line.part, at: 'at' in line ? line.at : '', ...event });
  }
}

function eventOf(line: JournalLine): Omit<TimelineEvent, 'part' | 'at'> | undefined {
  switch (line.type) {
    case 'part_started':
      return { kind: 'part', text: line.part === 1 ? 'the run began' : `part ${line.part} began: the run was resumed` };
    case 'part_ended':
      return {
        kind: line.why === 'complete' ? 'part' : 'stopped',
        text: `part ${line.part} ended: ${[line.why, line.detail].filter(Boolean).join(', ')}`,
      };
    case 'cell_ended':
      if (line.status === 'complete') return undefined;
      return { kind: 'cell', cell: line.cell, text: `${line.status}: ${line.reason ?? 'no reason was recorded'}` };
    case 'task':
      if (line.state !== 'failed') return undefined;
      return { kind: 'task', text: `${line.task} failed${line.detail === undefined ? '' : `: ${line.detail}`}` };
    case 'note': {
      const cell = line.cell === undefined ? {} : { cell: line.cell };
      return { kind: line.level === 'info' ? 'note' : 'warning', text: line.text, ...cell };
    }
    default:
      return undefined;
  }
}

/** A torn last line did not happen. */
function parsed(text: string): JournalLine | undefined {
  try {
    return JSON.parse(text) as JournalLine;
  } catch {
    return undefined;
  }
}
