// `sebs verify RUN`: compares every file of a run folder with the checksums that were taken when it was sealed. Comes in:
// a run; goes out: what differs, is missing or was added; exit 4 when anything does.
import { EXIT } from '../errors.js';
import { verify as compareWithSeals, type Difference } from '../results/checksums.js';
import { findRun } from '../results/run-folder.js';
import { plural } from '../units.js';
import type { CommandContext, CommandResult } from './command.js';

export function verify(reference: string, { reportsDir }: CommandContext): CommandResult {
  const folder = findRun(reference, reportsDir);
  const differences = compareWithSeals(folder);
  return {
    exitCode: differences.length === 0 ? EXIT.ok : EXIT.threshold,
    text: textOf(folder.id, differences),
    data: { run: folder.id, differences },
  };
}

function textOf(run: string, differences: readonly Difference[]): string {
  if (differences.length === 0) return `${run}: every file is as it was sealed`;
  const lines = differences.map(({ file, kind, text }) => `${kind.padEnd(10)}  ${file}: ${text}`);
  return [...lines, `${run}: ${plural(differences.length, 'difference')}`].join('\n');
}
