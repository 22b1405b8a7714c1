// Platform `local`, what is ours among the engine's things: everything that a run makes carries its id as a label, and
// is found by it, also by a later process. Images are not a run's: they carry what they are and stay.

export const RUN_LABEL = 'sebs-run';
export const PLATFORM_LABEL = 'sebs-platform';
export const DEPLOYMENT_LABEL = 'sebs-deployment';
/** `base`, `build` or `run`. */
export const IMAGE_LABEL = 'sebs-image';
export const LANGUAGE_LABEL = 'sebs-language';
export const VERSION_LABEL = 'sebs-version';
export const RUNTIME_LABEL = 'sebs-runtime';
/** Hash of what an image is made of. */
export const CONTENT_LABEL = 'sebs-content';
/** Where a base came from: `official`, `bootstrap`, or the reference that was given. */
export const SOURCE_LABEL = 'sebs-source';

export type Labels = Readonly<Record<string, string>>;

export function runLabels(runId: string, platformId: string): Labels {
  return { [RUN_LABEL]: runId, [PLATFORM_LABEL]: platformId };
}

/** The filter of the engine's listings that finds what carries all of these labels; a value of undefined: any. */
export function withLabels(labels: Readonly<Record<string, string | undefined>>): { label: string[] } {
  return { label: Object.entries(labels).map(([name, value]) => (value === undefined ? name : `${name}=${value}`)) };
}
