// Stage 3, what a start was: holds the pieces of evidence against each other (methodology D32, D33). Comes in: the
// function's own word, whether the client made the sandbox, and whether it has met the sandbox before; goes out: the
// class of the start, and whether the evidence agrees. Keeps, per sandbox, when it was last busy.
import type { Invocation } from '../generated/invocation.js';
import type { Exchange } from '../invoke/exchange.js';

export interface StartEvidence {
  start_observed: NonNullable<Invocation['start_observed']>;
  start_agrees?: boolean;
  idle_us?: number;
}

export interface StartClassifier {
  classify(row: Invocation, exchange: Exchange, forced: boolean): StartEvidence;
}

export function createStartClassifier(): StartClassifier {
  const idleSinceUs = new Map<string, number>();
  return {
    classify(row, exchange, forced) {
      const sandbox = row.sandbox_id;
      const before = sandbox === undefined ? undefined : idleSinceUs.get(sandbox);
      if (sandbox !== undefined) idleSinceUs.set(sandbox, exchange.releasedUs + exchange.times.clientUs);
      const votes = [
        row.is_cold,
        row.invocation_index === undefined ? undefined : row.invocation_index === 0,
        exchange.placement?.created,
        before === undefined ? undefined : false,
      ].filter((vote) => vote !== undefined);
      const isNew = votes[0];
      if (isNew === undefined) return { start_observed: 'unknown' };
      return {
        start_observed: isNew ? (forced ? 'forced-cold' : 'natural-cold') : 'warm-reused',
        start_agrees: votes.every((vote) => vote === isNew),
        // Requests of one batch may overlap in time on a platform that shares sandboxes: then nothing was idle.
        ...(before === undefined || exchange.releasedUs < before ? {} : { idle_us: exchange.releasedUs - before }),
      };
    },
  };
}

/** Why an attempt did not meet the start its cell asks for; null when it did, or when nobody can tell. */
export function missedStart(asked: string, observed: StartEvidence['start_observed']): string | null {
  if (asked === 'cold' && observed === 'warm-reused') return 'asked for cold, got warm';
  if (asked === 'warm' && (observed === 'forced-cold' || observed === 'natural-cold'))
    return 'asked for warm, got cold';
  return null;
}
