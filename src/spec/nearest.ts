// "Did you mean …?": comes in what was written and what would be valid, goes out the likeliest slip of the pen, if any.
import { distance } from 'fastest-levenshtein';

/** The valid name that is meant most likely; undefined when none is near. */
export function nearest(written: string, valid: readonly string[]): string | undefined {
  const name = written.toLowerCase();
  if (name === '' || name.length > 100) return undefined;
  const ranked = valid
    .map((candidate) => ({ candidate, far: farFrom(name, candidate.toLowerCase()) }))
    .filter(({ far, candidate }) => far <= Math.ceil(Math.min(name.length, candidate.length) / 3))
    .sort((a, b) => a.far - b.far);
  return ranked[0]?.candidate;
}

// Part of a name ("sleep" for "010.sleep", "lang" for "language") is as near as one wrong letter.
function farFrom(name: string, candidate: string): number {
  if (name.length >= 3 && (candidate.startsWith(name) || candidate.endsWith(name))) return 1;
  return distance(name, candidate);
}

/** The hint for a name that is not valid: the nearest one, else all of them as far as they fit a line. */
export function suggest(written: string, valid: readonly string[], kind: string): string {
  const near = nearest(written, valid);
  if (near !== undefined) return `did you mean '${near}'?`;
  return valid.length === 0 ? `there are no ${kind}` : `${kind}: ${listed(valid)}`;
}

/** "a, b, c", cut after 20. */
export function listed(names: readonly string[]): string {
  const shown = names.slice(0, 20).join(', ');
  return names.length > 20 ? `${shown}, … (${names.length} in all)` : shown;
}
